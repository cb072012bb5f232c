"""A file while it is judged: on disk, in quarantine, under a name that nobody sent."""

from __future__ import annotations

import codecs
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from vedette_guard.decisions.sniffing import HEAD
from vedette_guard.uploading.arriving import STEP, Arriving
from vedette_guard.uploading.types import RefusedError

MOST_FILES = 10_000  # that wait: each takes a block and a name of the disk, however few bytes it has


@dataclass(frozen=True)
class Held:
    """What is known of a file by its bytes."""

    path: Path
    size: int
    head: bytes


def hold(arriving: Arriving, path: Path, most: int, sentence: str) -> Held:
    """Write what arrives to a new file. Raise RefusedError (`sentence`) beyond `most` bytes, and when there are none."""
    size, head = 0, b""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in arriving.chunks():
            size += len(chunk)
            if size > most:
                raise RefusedError("size", sentence)
            head += chunk[: max(HEAD - len(head), 0)]
            file.write(chunk)
    if not size:
        raise RefusedError("empty", "The file is empty.")
    return Held(path, size, head)


def require_text(path: Path) -> None:
    """Raise RefusedError unless a file is UTF-8 without NUL down to its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(STEP):
                if b"\0" in chunk:
                    raise RefusedError("mismatch", "The file begins as text, and goes on as something else.")
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise RefusedError("mismatch", "The file begins as text, and goes on as something else.") from error


def digest(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(STEP):
            sha256.update(chunk)
        return file.tell(), sha256.hexdigest()


def overfull(folder: Path, most: int) -> bool:
    """Tell whether more than `most` bytes lie in a folder, or too many files; what goes meanwhile weighs nothing."""
    sizes = [_size(entry) for entry in os.scandir(folder)]
    return len(sizes) > MOST_FILES or sum(sizes) > most


def _size(entry: os.DirEntry[str]) -> int:
    try:
        there = entry.is_file(follow_symlinks=False)
        return entry.stat(follow_symlinks=False).st_size if there else 0
    except FileNotFoundError:
        return 0


def megabytes(count: int) -> str:
    """Return a size as people read it."""
    return f"{count / 1024 / 1024:.3g} MB" if count >= 1024 * 1024 else f"{count / 1024:.3g} kB"
