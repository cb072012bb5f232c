"""Asks a filter file whether a password was leaked: two small reads, nothing kept in memory."""

import hashlib
import os
import struct
from pathlib import Path

from vedette.core.errors import Invalid
from vedette.plumbing.breaches import layout
from vedette.plumbing.breaches.layout import ENTRY, HEADER, REMAINDER, Head

NAME = "passwords.filter"
_PAIR = struct.Struct("<II")
_CHUNK = 1 << 20
_BIGGEST_BUCKET = 4_096


def path_of(data: Path, configured: str) -> Path:
    """Return where the filter lies: the configured path, or `passwords.filter` in the data folder."""
    return Path(configured) if configured else data / NAME


def head(path: Path) -> Head | None:
    """Return the header of a filter; None when there is no file, raises `Invalid` when it is not whole."""
    try:
        with path.open("rb") as file:
            return _head(path, file.fileno())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(_broken(path, error.strerror or "it cannot be read")) from error


def holds(path: Path, password: str) -> bool:
    """Tell whether a password is in the filter; False when there is none, raises `Invalid` when it is not whole."""
    try:
        with path.open("rb") as file:
            found = _head(path, file.fileno())
            return _holds(path, file.fileno(), found, password)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Invalid(_broken(path, error.strerror or "it cannot be read")) from error


def verify(path: Path) -> Head | None:
    """Read the whole file and compare its digest (1 s for each GB or so); as `head` for the rest."""
    found = head(path)
    if found is None:
        return None
    try:
        whole = digest(path) == found.digest
    except OSError as error:
        raise Invalid(_broken(path, error.strerror or "it cannot be read")) from error
    if not whole:
        raise Invalid(_broken(path, "its content is damaged"))
    return found


def digest(path: Path) -> bytes:
    """Return the digest of what follows the header (BLAKE2b, 16 bytes), read in pieces."""
    total = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        file.seek(HEADER)
        while chunk := file.read(_CHUNK):
            total.update(chunk)
    return total.digest()


def _head(path: Path, file: int) -> Head:
    try:
        found = layout.unpack(os.pread(file, HEADER, 0))
    except Invalid as error:
        raise Invalid(_broken(path, str(error))) from error
    if os.fstat(file).st_size != found.file_bytes:
        raise Invalid(_broken(path, "it is cut off, or something was added"))
    return found


def _holds(path: Path, file: int, found: Head, password: str) -> bool:
    bucket, remainder = layout.place(layout.hash_of(password.encode("utf-8", "replace")), found.bits)
    pair = os.pread(file, _PAIR.size, found.index_at + bucket * ENTRY)
    start, end = _PAIR.unpack(pair)
    if not start <= end <= found.count or end - start > _BIGGEST_BUCKET:
        raise Invalid(_broken(path, "its index is damaged"))
    chunk = os.pread(file, (end - start) * REMAINDER, HEADER + start * REMAINDER)
    wanted = remainder.to_bytes(REMAINDER)
    return any(chunk[at : at + REMAINDER] == wanted for at in range(0, len(chunk), REMAINDER))


def _broken(path: Path, why: str) -> str:
    return (
        f"The filter of leaked passwords {path} cannot be used: {why}. "
        "Build it again with `vedette passwords filter build`, or remove it."
    )
