"""Records of a source one after the other: a zip, a folder (a git checkout is one; nothing in it is run), or one file.

A source is hostile: nothing is unpacked to disk by a name of its own, and records, bytes and what is broken are bounded.
"""

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.instruments.scan.advisories.osv import MOST_BYTES
from vedette.instruments.scan.advisories.types import BadFeed

MOST_RECORDS = 2_000_000
MOST_TOTAL = 16 * 1024**3
_MOST_DEPTH = 12
_BAD = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_ZIP = b"PK"
_NO_RECORDS = frozenset({".git", ".github"})
_YAML = re.compile(r"[A-Z][A-Za-z]{1,20}-[A-Za-z0-9_.-]{1,80}\.ya?ml")  # as OSV's records are named
_MOST_DIRECTORY = (
    48 * 1024 * 1024
)  # of names in a zip, all of which are in memory at once: some 600,000 records
_END, _END_BYTES, _COMMENT = b"PK\x05\x06", 22, 65_535


class Member(msgspec.Struct, frozen=True):
    """One record of a source: its name, its bytes or why there are none, and how much of the source is done (0 to 1)."""

    name: str
    data: bytes
    trouble: str = ""
    done: float = 0.0


def members(source: Path, name: str) -> Iterator[Member]:
    """Yield the records of a source; raises `BadFeed` when it is none or exceeds what a feed can be.

    `name` is what people call it: what was fetched has another one on this machine.
    """
    total = 0
    for number, member in enumerate(_members(source, name)):
        total += len(member.data)
        if number >= MOST_RECORDS or total > MOST_TOTAL:
            raise BadFeed(
                f"{name} has more than {MOST_RECORDS:,} records or {MOST_TOTAL >> 30} GiB: it is no feed."
            )
        yield member


def _members(source: Path, name: str) -> Iterator[Member]:
    if source.is_dir():
        return _of_folder(source)
    try:
        with source.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise BadFeed(f"{source} cannot be read: {error.strerror}.") from None
    return _of_zip(source, name) if head == _ZIP or name.endswith(".zip") else iter([_read(source, name)])


def _of_zip(source: Path, name: str) -> Iterator[Member]:
    try:
        _check_directory(source, name)
        with zipfile.ZipFile(source) as archive:
            inside = [each for each in archive.infolist() if each.filename.endswith(".json")]
            for number, each in enumerate(inside, 1):
                yield _unzipped(archive, each, number / len(inside))
    except _BAD as error:
        raise BadFeed(f"{name} is no whole zip: {str(error)[:120]!a}. Fetch it again.") from None


def _check_directory(source: Path, name: str) -> None:
    """Raise `BadFeed` where the names in a zip alone are too many to hold (APPNOTE.TXT 4.3.16, end of central directory)."""
    with source.open("rb") as file:
        file.seek(-min(source.stat().st_size, _END_BYTES + _COMMENT), os.SEEK_END)
        tail = file.read()
    start = tail.rfind(_END)
    size = int.from_bytes(tail[start + 12 : start + 16], "little") if start >= 0 else 0
    if size > _MOST_DIRECTORY:
        raise BadFeed(f"{name} names more files than a feed has: add its parts one by one.")


def _unzipped(archive: zipfile.ZipFile, each: zipfile.ZipInfo, done: float) -> Member:
    name = ascii(each.filename[:200])[1:-1]
    if each.file_size > MOST_BYTES:
        return Member(name, b"", _too_large(), done)
    try:
        with archive.open(each) as file:
            data = file.read(MOST_BYTES + 1)
    except _BAD as error:
        return Member(name, b"", f"it cannot be unpacked: {str(error)[:120]!a}", done)
    return Member(name, b"", _too_large(), done) if len(data) > MOST_BYTES else Member(name, data, "", done)


def _of_folder(source: Path) -> Iterator[Member]:
    """Yield the records of a folder; whatever of it cannot be looked at is a broken one, so that the feed is no whole one."""
    unseen: list[Member] = []

    def failed(error: OSError) -> None:
        unseen.append(_unseen(source, Path(error.filename or source), f"it cannot be read: {error.strerror}"))

    for folder, folders, files in os.walk(source, followlinks=False, onerror=failed):
        here = Path(folder)
        deep = len(here.relative_to(source).parts) >= _MOST_DEPTH
        folders[:] = sorted(each for each in folders if each not in _NO_RECORDS)
        links = [here / each for each in folders if (here / each).is_symlink()]
        yield from (_unseen(source, each, "it is a link, and not followed") for each in links)
        yield from (_unseen(source, here / each, "it is nested too deeply") for each in folders if deep)
        folders[:] = [] if deep else folders
        for name in sorted(files):
            yield from _of_file(source, here / name)
    yield from unseen


def _of_file(source: Path, path: Path) -> Iterator[Member]:
    if _YAML.fullmatch(path.name):
        yield _unseen(source, path, "it is YAML, which is not read: take the JSON of the same records")
    elif path.name.endswith(".json") and path.is_symlink():
        yield _unseen(source, path, "it is a link, and not followed")
    elif path.name.endswith(".json"):
        yield _read(path, _shown(source, path))


def _unseen(source: Path, path: Path, why: str) -> Member:
    return Member(_shown(source, path), b"", why)


def _shown(source: Path, path: Path) -> str:
    return ascii(os.path.relpath(path, source)[:200])[1:-1]


def _read(path: Path, name: str) -> Member:
    try:
        if not path.is_file():
            return Member(name, b"", "it is no file")
        if path.stat().st_size > MOST_BYTES:
            return Member(name, b"", _too_large())
        return Member(name, path.read_bytes())
    except OSError as error:
        return Member(name, b"", f"it cannot be read: {error.strerror}")


def _too_large() -> str:
    return f"it is larger than {MOST_BYTES >> 20} MiB"
