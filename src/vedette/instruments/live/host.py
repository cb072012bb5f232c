"""This host, read for one look. `root` is where its files begin, so that a scratch folder may stand for a host."""

import functools
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.live import listening, passwords, running, sweeping
from vedette.instruments.live.passwords import SECRET
from vedette.instruments.live.types import (
    LONGEST_TEXT,
    FileStatus,
    Listener,
    Missing,
    PasswordState,
    Sweep,
    Unreadable,
)

_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
_PIECE = 65_536
_NOT_THERE = (FileNotFoundError, NotADirectoryError)


class HostLive:
    """The host this runs on, as the port `Live`; each thing is read once."""

    def __init__(self, now: float, root: Path = Path("/"), *, walk: float = sweeping.SECONDS) -> None:
        """`walk` is how many seconds the walk over the file systems may take."""
        self._walk = walk
        self.now = now
        self._root = root
        self._texts: dict[str, str] = {}
        self._answers: dict[tuple[str, ...], str] = {}

    def text(self, path: str) -> str:
        """Return a file's text."""
        if path in SECRET:
            raise Unreadable(f"{path} holds secrets and is not read as text.")
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def status(self, path: str) -> FileStatus:
        """Return what a path is."""
        try:
            found = self._at(path).lstat()
        except _NOT_THERE as error:
            raise Missing(f"{path} is not there.") from error
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}.") from error
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "other")
        return FileStatus(kind=kind, mode=stat.S_IMODE(found.st_mode), uid=found.st_uid, gid=found.st_gid, size=found.st_size, changed=found.st_mtime)  # fmt: skip

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        try:
            return tuple(sorted(os.listdir(self._at(path))))  # noqa: PTH208 - names, not paths
        except _NOT_THERE as error:
            raise Missing(f"{path} is not there.") from error
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}.") from error

    def ran(self, *argv: str) -> str:
        """Return what a program says."""
        if argv not in self._answers:
            self._answers[argv] = running.answer(argv)
        return self._answers[argv]

    def passwords(self) -> tuple[PasswordState, ...]:
        """Return the state of every user's password."""
        return passwords.states(self._read("/etc/shadow"))

    @functools.cached_property
    def _listening(self) -> tuple[Listener, ...]:
        return listening.listeners(self._root, listening.waiting())

    def listening(self) -> tuple[Listener, ...]:
        """Return what listens."""
        return self._listening

    @functools.cached_property
    def _swept(self) -> Sweep:
        return sweeping.sweep(self._root, self.text("/proc/mounts"), self._walk)

    def sweep(self) -> Sweep:
        """Return what a walk over the file systems finds."""
        return self._swept

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _read(self, path: str) -> str:
        """Read a regular file; a pipe or a device that somebody put in its place is not waited for."""
        try:
            descriptor = os.open(self._at(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Unreadable(f"{path} is no file.")
                raw = b"".join(_pieces(file))
        except _NOT_THERE as error:
            raise Missing(f"{path} is not there.") from error
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}.") from error
        if len(raw) > LONGEST_TEXT:
            raise Unreadable(f"{path} is longer than {LONGEST_TEXT >> 20} MB.")
        return raw.decode("utf-8", "replace")


def _pieces(file: io.FileIO) -> Iterator[bytes]:
    """Yield what a file holds, a piece at a time: the kernel makes room for as much as is asked of /proc/sys."""
    read = 0
    while read <= LONGEST_TEXT and (piece := file.read(_PIECE)):
        read += len(piece)
        yield piece
