"""Brings files from where an engine restored them to where they belong, and never outside of it.

Every step is taken from an open folder to a name in it, and a link is never followed (openat(2), O_NOFOLLOW): whatever lies in
the target or is put there meanwhile leads nowhere. A file appears under its name when it is whole (rename(2)), so that an
ended restore goes on where it was. What is in the target and not in the backup stays.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath

import msgspec

from vedette.core import names
from vedette.instruments.backup import counting
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what import copying, staged
from vedette.wire.backup import Check, Failure

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_DEEP = 400  # folders in folders; each is held open
_MOST_LINKED, _MOST_TOLD = 1_000_000, 20


class Put(msgspec.Struct):
    """What was brought back: files and bytes that were written, files that were there already, and what was not (why)."""

    files: int = 0
    bytes: int = 0
    there: int = 0
    left: int = 0
    refused: list[str] = msgspec.field(default_factory=list)

    def refuse(self, name: str, why: str) -> None:
        """Note what was not brought back."""
        self.left += 1
        if len(self.refused) < _MOST_TOLD:
            self.refused.append(f"{names.written(name)} {why}")

    def check(self) -> Check:
        """Return it as a check."""
        text = f"{self.files} files ({self.bytes} bytes) were brought back, {self.there} were there already"
        if self.left:
            return Check(
                name="restored",
                passed=False,
                text=f"{text}; {self.left} were not: {'; '.join(self.refused[:5])}.",
            )
        return Check(name="restored", passed=bool(self.files or self.there), text=f"{text}.")


def putting_into(into: Path | None, tools: Tools) -> "Putting":
    """Return what brings files below a folder, made where it is not there, or to where they were (None)."""
    if into is None:
        return Putting(Path("/"), tools, live=True)
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Putting(into, tools, live=counting.holds(into, lambda name: not name.startswith(".vedette-")))
    except OSError as error:
        raise _failed(error, into) from error


def laid(folder: Path, into: Path, tools: Tools, text: str) -> Check:
    """Lay what a folder of dumps holds below another, beside what is there; `text` says what to do with it. Raises `Failed`."""
    putting = putting_into(into, tools)
    for path in sorted(folder.iterdir()):
        putting.bring(path, PurePath(path.name))
    check = putting.put.check()
    return msgspec.structs.replace(check, name="Dumps", text=f"{check.text} {text}")


class Putting:
    """Brings trees back below one folder, which is no link. `live` says that it may hold data: then equal times prove nothing, and content is read."""

    def __init__(self, base: Path, tools: Tools, *, live: bool) -> None:
        self.put = Put()
        self._base, self._tools, self._live = base, tools, live
        self._linked: dict[tuple[int, int], tuple[str, ...]] = {}

    def bring(self, source: Path, below: PurePath) -> None:
        """Bring a file or folder to a path below the base; raises `Failed` (TARGET_MISSING, TARGET_FULL)."""
        if below.is_absolute() or ".." in below.parts or not below.parts:
            raise Failed(Failure.TARGET_MISSING, f"{below} is no path below {self._base}.")
        with contextlib.ExitStack() as opened:
            try:
                there = opened.enter_context(_opened(self._base, _FOLDER))
                here = opened.enter_context(_opened(source.parent, _FOLDER))
                for piece in below.parts[:-1]:
                    there = opened.enter_context(_entered(piece, there, 0o755 if self._live else 0o700))
                self._bring(source.name, here, below.name, there, below.parts)
            except OSError as error:
                raise _failed(error, below) from error

    def _bring(self, name: str, here: int, target: str, there: int, parts: tuple[str, ...]) -> None:
        found = os.stat(name, dir_fd=here, follow_symlinks=False)
        path = "/".join(parts)
        try:
            if stat.S_ISDIR(found.st_mode):
                self._folder(name, here, target, there, parts)
            elif stat.S_ISLNK(found.st_mode):
                _link(name, here, target, there, found)
                self._count(found)
            elif stat.S_ISREG(found.st_mode):
                self._file(name, here, target, there, parts)
        except OSError as error:
            if staged.failure_of(error) is Failure.TARGET_FULL:
                raise
            self.put.refuse(path, _why(error))

    def _folder(self, name: str, here: int, target: str, there: int, parts: tuple[str, ...]) -> None:
        if len(parts) > MOST_DEEP:
            self.put.refuse("/".join(parts), f"lies more than {MOST_DEEP} folders deep")
            return
        with _opened(name, _FOLDER, here) as inside, _entered(target, there) as into:
            with os.scandir(inside) as entries:
                for entry in entries:
                    self._bring(entry.name, inside, entry.name, into, (*parts, entry.name))
            copying.dress(inside, into, os.fstat(inside))

    def _file(self, name: str, here: int, target: str, there: int, parts: tuple[str, ...]) -> None:
        with _opened(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, here) as source:
            found = os.fstat(source)
            first = self._linked.get((found.st_dev, found.st_ino)) if found.st_nlink > 1 else None
            if first is not None and self._hard(first, target, there):
                self._count(found, again=True)
                return
            if copying.is_there(source, target, there, read=self._live):
                self.put.there += 1
            else:
                copying.copy(source, target, there)
                self._count(found)
        if found.st_nlink > 1 and len(self._linked) < _MOST_LINKED:
            self._linked[found.st_dev, found.st_ino] = parts

    def _hard(self, first: tuple[str, ...], target: str, there: int) -> bool:
        """Make a name one file with another; the way to that one is gone step by step, too."""
        with contextlib.ExitStack() as opened:
            folder = opened.enter_context(_opened(self._base, _FOLDER))
            for piece in first[:-1]:
                folder = opened.enter_context(_opened(piece, _FOLDER, folder))
            part = copying.part_of(target)
            try:
                copying.remove(part, there)
                os.link(first[-1], part, src_dir_fd=folder, dst_dir_fd=there, follow_symlinks=False)
            except OSError as error:
                if error.errno in {errno.EMLINK, errno.EPERM, errno.EXDEV, errno.ENOENT}:
                    return False
                raise
            os.rename(part, target, src_dir_fd=there, dst_dir_fd=there)
            copying.remove(part, there)  # two names of one file are not renamed (rename(2))
        return True

    def _count(self, found: os.stat_result, *, again: bool = False) -> None:
        self.put.files += 1
        self.put.bytes += 0 if again or not stat.S_ISREG(found.st_mode) else found.st_size
        if self.put.files % 1_000 == 0:
            staged.told(self._tools, "Bringing files back", self.put.files, self.put.bytes)


@contextlib.contextmanager
def _opened(name: str | Path, flags: int, folder: int | None = None) -> Iterator[int]:
    handle = os.open(name, flags, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _entered(name: str, folder: int, mode: int = 0o700) -> Iterator[int]:
    """Open a folder in a folder, made where it is not there."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=folder)
    with _opened(name, _FOLDER, folder) as handle:
        yield handle


def _link(name: str, here: int, target: str, there: int, found: os.stat_result) -> None:
    part = copying.part_of(target)
    copying.remove(part, there)
    os.symlink(os.readlink(name, dir_fd=here), part, dir_fd=there)
    with contextlib.suppress(PermissionError):
        os.chown(part, found.st_uid, found.st_gid, dir_fd=there, follow_symlinks=False)
    os.utime(part, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=there, follow_symlinks=False)
    os.rename(part, target, src_dir_fd=there, dst_dir_fd=there)


def _why(error: OSError) -> str:
    told = {
        errno.ELOOP: "is a link in the target, which is not followed",
        errno.ENOTDIR: "is no folder in the target (links are not followed)",
        errno.EISDIR: "is a folder in the target",
    }
    return told.get(error.errno or 0, f"could not be written ({error.strerror})")


def _failed(error: OSError, below: PurePath) -> Failed:
    full = staged.failure_of(error) is Failure.TARGET_FULL
    failure = Failure.TARGET_FULL if full else Failure.TARGET_MISSING
    return Failed(failure, f"{names.written(str(below))} {_why(error)}.")
