"""Archives, unpacked to nowhere: every byte of them, and of the archives in them, is read once and counted.

Refused are bombs, entries that would leave the folder, links and devices, entries with one name or one place, and
archives that two readers read differently. What cannot be looked into is a doubt.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from vedette_guard.decisions.entries import Budget
from vedette_guard.decisions.sniffing import HEAD, sniff
from vedette_guard.uploading.arriving import STEP
from vedette_guard.uploading.tars import DAMAGED, tar_entries
from vedette_guard.uploading.types import DoubtError, RefusedError
from vedette_guard.uploading.zips import zip_entries

SEALED = frozenset({"7z", "rar", "xz", "bzip2", "zstd", "lz4"})
_GZIP = 31  # what zlib calls a gzip member of any window
_READERS = {"zip": zip_entries, "tar": tar_entries}


def walk(file: IO[bytes], size: int, kind: str, budget: Budget) -> None:
    """Read an archive (`zip`, `tar` or `gzip`) to its end. Raise RefusedError, or DoubtError for what is sealed."""
    _refuse(budget.take_level())
    entries = _gzipped(file, budget) if kind == "gzip" else _READERS[kind](file, size, budget)
    for chunks in entries:
        _read(chunks, budget)
    budget.leave_level()


def _read(chunks: Iterator[bytes], budget: Budget) -> None:
    """Read an entry; when it is an archive itself, walk it."""
    head = b""
    with TemporaryFile() as kept:  # before Python 3.11 a spooled one is no file to zipfile
        kind, size = "", 0
        for chunk in chunks:
            _refuse(budget.take_bytes(len(chunk)))
            if len(head) < HEAD:
                head += chunk[: HEAD - len(head)]
                kind = next(iter(sniff(head)), "")
            size += len(chunk)
            if kind in {"zip", "tar", "gzip"} or len(head) < HEAD:
                kept.write(chunk)
        if kind in SEALED:
            raise DoubtError("sealed", "The archive holds one that cannot be looked into.")
        if kind in {"zip", "tar", "gzip"}:
            kept.seek(0)
            walk(kept, size, kind, budget)


def _gzipped(file: IO[bytes], budget: Budget) -> Iterator[Iterator[bytes]]:
    """Yield the one entry that a gzip file (RFC 1952) is; each member of it but the first counts as one, too."""
    yield _inflated(file, budget)


def _inflated(file: IO[bytes], budget: Budget) -> Iterator[bytes]:
    data = file.read(STEP)
    while data:
        member = zlib.decompressobj(_GZIP)
        try:
            yield from _member(member, data, file)
        except zlib.error as error:
            raise RefusedError("archive", DAMAGED) from error
        data = _behind(member.unused_data, file)
        if data:
            _refuse(budget.take_entry())


def _member(member: Any, data: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """Yield what a member holds, a step at a time. Raise RefusedError when it is cut off."""
    while not member.eof:
        chunk = member.decompress(data, STEP)
        if chunk:
            yield chunk
        data = member.unconsumed_tail
        if not member.eof and not data and len(chunk) < STEP:
            data = file.read(STEP)
            if not data:
                raise RefusedError("archive", DAMAGED)


def _behind(data: bytes, file: IO[bytes]) -> bytes:
    """Return what follows a member, without the zeros that fill a block."""
    data = data or file.read(STEP)
    while data and not data.strip(b"\0"):
        data = file.read(STEP)
    return data.lstrip(b"\0")


def _refuse(sentence: str) -> None:
    if sentence:
        raise RefusedError("archive", sentence)
