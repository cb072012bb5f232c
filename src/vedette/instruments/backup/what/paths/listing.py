"""The list of all that was seen when paths were saved: a line of JSON for each, saved beside them, so that a drill misses nothing."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core import names

FILE, FOLDER, LINK, OTHER = "f", "d", "l", "o"
_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: FOLDER, stat.S_IFLNK: LINK}
_KEPT = ("user.", "system.posix_acl_", "security.capability")
_WRAP = 1 << 256
_MOST_LINE = 1 << 20


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What was seen of a path: its kind, written name, bytes, when it was changed (nanoseconds), permission bits and owner.

    `rights` hashes its extended attributes and ACLs. `more` says where a link leads, or which hard links are one file.
    """

    kind: str
    name: str
    size: int
    changed: int
    mode: int
    uid: int
    gid: int
    rights: str = ""
    more: str = ""


class Names:
    """A hash over names and sizes in whatever order they come: a sum, so that a million of them need no memory."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, name: str, size: int) -> None:
        """Count a name in."""
        digest = hashlib.blake2b(f"{name}\0{size}".encode(), digest_size=32).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % _WRAP

    def hexdigest(self) -> str:
        """Return the hash."""
        return f"{self._sum:064x}"


class Writer:
    """Writes a list and hashes it on the way."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 1 << 20)
        self._digest, self._encode = hashlib.sha256(), msgspec.json.Encoder().encode

    def write(self, line: Line) -> None:
        """Add a line."""
        text = self._encode(line) + b"\n"
        self._digest.update(text)
        self._file.write(text)

    def close(self) -> str:
        """Close the file and return its SHA-256."""
        self._file.close()
        return self._digest.hexdigest()


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a list; raises `ValueError` for what is none."""
    decoder = msgspec.json.Decoder(Line)
    with path.open("rb") as file:
        while text := file.readline(_MOST_LINE):
            yield decoder.decode(text)


def line_of(path: str, found: os.stat_result) -> Line:
    """Return what is to be remembered of a path; nothing is followed."""
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), OTHER)
    more = f"{found.st_dev}:{found.st_ino}" if kind == FILE and found.st_nlink > 1 else ""
    return Line(
        kind, names.written(path), found.st_size if kind == FILE else 0, found.st_mtime_ns, stat.S_IMODE(found.st_mode),
        found.st_uid, found.st_gid, rights_of(path) if kind in {FILE, FOLDER} else "",
        names.written(os.readlink(path)) if kind == LINK else more,  # noqa: PTH115 - a million of them
    )  # fmt: skip


def rights_of(path: str) -> str:
    """Return a short hash of the extended attributes and ACLs that come back with a file; empty where there are none."""
    try:
        found = [name for name in os.listxattr(path, follow_symlinks=False) if name.startswith(_KEPT)]
        if not found:
            return ""
        digest = hashlib.blake2b(digest_size=8)
        for name in sorted(found):
            value = os.getxattr(path, name, follow_symlinks=False)
            digest.update(f"{len(name)}:{name}{len(value)}:".encode() + value)
        return digest.hexdigest()
    except OSError:
        return ""
