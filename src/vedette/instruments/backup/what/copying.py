"""One file from an open folder into another: holes stay holes, and owner, mode, attributes, ACLs and times come along."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator

_PIECE = 1 << 20
_NO_RIGHTS = {errno.EPERM, errno.ENOTSUP, errno.EACCES, errno.EINVAL}


def part_of(target: str) -> str:
    """Return under which name a file is written before it is whole; the same one each time, so that none is left over."""
    return f".vedette-{hashlib.blake2b(os.fsencode(target), digest_size=8).hexdigest()}.part"


def remove(name: str, folder: int) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def copy(source: int, target: str, folder: int) -> None:
    """Copy an open file into a folder under a name: it appears there when it is whole. Raises `OSError`."""
    part = part_of(target)
    remove(part, folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(part, flags, 0o600, dir_fd=folder)
    try:
        found = os.fstat(source)
        _content(source, handle, found.st_size)
        dress(source, handle, found)
        os.rename(part, target, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        remove(part, folder)
        raise
    finally:
        os.close(handle)


def is_there(source: int, target: str, folder: int, *, read: bool) -> bool:
    """Tell whether the same file is there already: by size, mode and time, and by its content where that is to be `read`."""
    try:
        handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        was, now = os.fstat(source), os.fstat(handle)
        return _seems(was) == _seems(now) and (not read or _equal(source, handle))
    finally:
        os.close(handle)


def dress(source: int, target: int, found: os.stat_result) -> None:
    """Give an open file owner, mode, attributes, ACLs and times of another, as far as this user may."""
    with contextlib.suppress(PermissionError):
        os.fchown(target, found.st_uid, found.st_gid)  # first: a change of owner takes away what follows
    os.fchmod(target, stat.S_IMODE(found.st_mode))
    for name in _attributes(source):
        try:
            os.setxattr(target, name, os.getxattr(source, name))
        except OSError as error:
            if error.errno not in _NO_RIGHTS:
                raise
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def _attributes(source: int) -> list[str]:
    try:
        return os.listxattr(source)
    except OSError:
        return []


def _content(source: int, target: int, size: int) -> None:
    for begin, end in _written(source, size):
        os.lseek(target, begin, os.SEEK_SET)
        at = begin
        while at < end:
            sent = os.sendfile(target, source, at, min(end - at, _PIECE))
            if not sent:
                raise OSError(errno.EIO, "it became shorter while it was copied")
            at += sent
    os.ftruncate(target, size)


def _written(source: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where a file has data and no holes (lseek(2))."""
    at = 0
    while at < size:
        try:
            begin = os.lseek(source, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return  # a hole up to its end
            raise
        at = os.lseek(source, begin, os.SEEK_HOLE)
        yield begin, min(at, size)


def _seems(found: os.stat_result) -> tuple[int, int, int, int, int]:
    return (
        stat.S_IFMT(found.st_mode),
        stat.S_IMODE(found.st_mode),
        found.st_size,
        found.st_mtime_ns,
        found.st_uid,
    )


def _equal(one: int, other: int) -> bool:
    at = 0
    while piece := os.pread(one, _PIECE, at):
        if piece != os.pread(other, len(piece), at):
            return False
        at += len(piece)
    return True
