"""Fetching a source: https, or loopback; only when it changed; bounded, and checked against a hash where one is told."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from vedette.core.address import parse as address
from vedette.instruments.scan.advisories.types import BadFeed, Fetch, Fetched

MOST_BYTES = 2 * 1024**3
_MOST_SUMS = 1024 * 1024
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SUM = re.compile(r"([0-9a-fA-F]{64})(?:\s+\*?(\S+))?")


class Answer(msgspec.Struct, frozen=True):
    """What came of asking: `changed` is False when the source is as it was; `modified` is when it last was, 0 where untold."""

    changed: bool
    etag: str = ""
    modified: float = 0.0


def is_url(source: str) -> bool:
    """Tell whether a source is an URL and no path."""
    return source.startswith(("https://", "http://"))


def bucket_url(base: str, ecosystem: str) -> str:
    """Return where a bucket in OSV's layout has the advisories of an ecosystem: `<base>/<ecosystem>/all.zip`."""
    return f"{base.rstrip('/')}/{quote(ecosystem)}/all.zip"


def download(url: str, etag: str, into: Path, fetch: Fetch) -> Answer:
    """Fetch an URL into a file unless it still has a tag; raises `BadFeed` that tells what it answered."""
    headers = {"If-None-Match": etag} if etag else {}
    for _ in range(_REDIRECTS + 1):
        answer = _asked(url, headers, into, fetch, MOST_BYTES)
        if answer.status == 304 and etag:
            return Answer(False, etag, _modified(answer))
        if answer.status == 200:
            _whole(url, answer, into)
            return Answer(True, answer.headers.get("etag", ""), _modified(answer))
        if answer.status not in _MOVED or not answer.headers.get("location"):
            raise BadFeed(f"{url} answered {answer.status}.")
        url = urljoin(url, answer.headers["location"])
    raise BadFeed(f"{url} was reached by more than {_REDIRECTS} redirects.")


def _modified(answer: Fetched) -> float:
    """Return the instant of Last-Modified (RFC 9110, 8.8.2), 0 where none is told that can be read."""
    try:
        return parsedate_to_datetime(answer.headers.get("last-modified", "")).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _whole(url: str, answer: Fetched, into: Path) -> None:
    told = answer.headers.get("content-length", "")
    if told.isdecimal() and int(told) != into.stat().st_size:
        raise BadFeed(f"{url} broke off after {into.stat().st_size:,} of {int(told):,} bytes.")


def _asked(url: str, headers: Mapping[str, str], into: Path, fetch: Fetch, most: int) -> Fetched:
    _check(url)
    with into.open("wb") as file:
        return fetch(url, headers, _Capped(file, most, url))


def _check(url: str) -> None:
    """Raise `BadFeed` unless a third party cannot change on the way what an URL answers."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    found = address(host)
    local = host == "localhost" or (found is not None and found.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise BadFeed(f"{url} is not fetched: feeds come by https, or from this machine.")
    if parts.username or parts.password:
        raise BadFeed(f"{host} is not asked: an URL with a password in it would be kept and shown.")


class _Capped:
    """A file that takes so many bytes and no more."""

    def __init__(self, file: BinaryIO, most: int, url: str) -> None:
        self._file, self._left, self._url = file, most, url

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise BadFeed(f"{self._url} answers more than a feed can be.")
        return self._file.write(data)


def expected_of(source: str, checksum: str, part: Path, fetch: Fetch | None) -> str:
    """Return the SHA-256 a source must have, empty where nothing tells one.

    `checksum` is the hash itself, or the path or URL of a file of them (`SHA256SUMS`). Without it, `<source>.sha256` and
    `SHA256SUMS` beside a file are looked at. Raises `BadFeed` where a hash is wanted and not told.
    """
    if _HEX.fullmatch(checksum):
        return checksum.lower()
    name = source.rstrip("/").rpartition("/")[2]
    if checksum:
        return _named(_text(checksum, part, fetch), name, checksum)
    if is_url(source):
        return ""
    beside = (Path(f"{source}.sha256"), Path(source).parent / "SHA256SUMS")
    return next((found for each in beside if each.is_file() and (found := _sum(_read(each), name))), "")


def _named(text: str, name: str, where: str) -> str:
    found = _sum(text, name)
    if not found:
        raise BadFeed(f"{where} tells no SHA-256 of {name}.")
    return found


def _sum(text: str, name: str) -> str:
    for line in text.splitlines():
        found = _SUM.fullmatch(line.strip())
        if found and (found[2] or name).rpartition("/")[2] == name:
            return found[1].lower()
    return ""


def _text(where: str, part: Path, fetch: Fetch | None) -> str:
    if not is_url(where):
        return _read(Path(where))
    if fetch is None:
        raise BadFeed(f"{where} cannot be fetched from here.")
    answer = _asked(where, {}, part, fetch, _MOST_SUMS)
    if answer.status != 200:
        raise BadFeed(f"{where} answered {answer.status}.")
    return _read(part)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_SUMS).decode("ascii", "replace")
    except OSError as error:
        raise BadFeed(f"{path} cannot be read: {error.strerror}.") from None
