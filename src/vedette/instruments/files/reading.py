"""One path as it is now: links are not followed, pipes not waited for, and content is hashed in pieces."""

import contextlib
import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Protocol

from vedette.instruments.files.types import FileEntry

MOST_HASHED = 512 * 1024 * 1024  # bytes; of what is longer, the beginning and the size are known
_PIECE = 1 << 18
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


class _Digest(Protocol):
    def update(self, piece: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def entry(path: Path) -> FileEntry | None:
    """Return what is known of a path, or None where nothing is."""
    try:
        found = path.lstat()
        return _entry(path, found)
    except OSError as error:
        return None if error.errno in _GONE else FileEntry("unreadable")


def md5(path: Path) -> str:
    """Return the MD5 of a file as dpkg writes it; empty when it cannot be read."""
    with contextlib.suppress(OSError):
        return _hashed(path, hashlib.md5(usedforsecurity=False))
    return ""


def _entry(path: Path, found: os.stat_result) -> FileEntry:
    mode, size = stat.S_IMODE(found.st_mode), found.st_size
    if stat.S_ISREG(found.st_mode):
        digest = _hashed(path, hashlib.blake2b(digest_size=32))
        return FileEntry("file", mode, found.st_uid, found.st_gid, size, digest, _rights(path))
    if stat.S_ISLNK(found.st_mode):
        leads = hashlib.blake2b(os.fsencode(path.readlink()), digest_size=32).hexdigest()
        return FileEntry("link", mode, found.st_uid, found.st_gid, size, leads)
    kind = "folder" if stat.S_ISDIR(found.st_mode) else "other"
    return FileEntry(kind, mode, found.st_uid, found.st_gid)


def _hashed(path: Path, digest: "_Digest") -> str:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file any more")
        read = 0
        while read < MOST_HASHED and (piece := file.read(_PIECE)):
            digest.update(piece)
            read += len(piece)
    return digest.hexdigest()


def _rights(path: Path) -> str:
    try:
        return os.getxattr(path, "security.capability", follow_symlinks=False).hex()
    except OSError:
        return ""
