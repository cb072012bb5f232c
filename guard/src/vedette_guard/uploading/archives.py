"""Archives, unpacked to nowhere: every byte of them, and of the archives in them, is read once and counted.

Refused are bombs, entries that would leave the folder, links and devices, entries with one name or one place, and
archives that two readers read differently. What cannot be looked into is a doubt.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from vedette_guard.decisions.entries import Budget
from vedette_guard.decisions.sniffing import HEAD, sniff
from vedette_guard.uploading.arriving import STEP
from vedette_guard.uploading.tars import tar_entries
from vedette_guard.uploading.types import DoubtError, RefusedError
from vedette_guard.uploading.zips import zip_entries

SEALED = frozenset({"7z", "rar", "xz", "bzip2", "zstd", "lz4"})
_IN_MEMORY = 1024 * 1024
_READERS = {"zip": zip_entries, "tar": tar_entries}


def walk(file: IO[bytes], size: int, kind: str, budget: Budget) -> None:
    """Read an archive (`zip`, `tar` or `gzip`) to its end. Raise RefusedError, or DoubtError for what is sealed."""
    _refuse(budget.take_level())
    entries = _gzipped(file) if kind == "gzip" else _READERS[kind](file, size, budget)
    for chunks in entries:
        _read(chunks, budget)
    budget.leave_level()


def _read(chunks: Iterator[bytes], budget: Budget) -> None:
    """Read an entry; when it is an archive itself, walk it."""
    head = b""
    with SpooledTemporaryFile(_IN_MEMORY) as kept:
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


def _gzipped(file: IO[bytes]) -> Iterator[Iterator[bytes]]:
    """Yield the one entry that a gzip file (RFC 1952) is."""
    yield _inflated(file)


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as inflating:
            while chunk := inflating.read(STEP):
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RefusedError("archive", "The archive is damaged.") from error


def _refuse(sentence: str) -> None:
    if sentence:
        raise RefusedError("archive", sentence)
