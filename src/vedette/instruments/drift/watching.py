"""inotify on the files and folders behind some aspects: which aspects may have changed (inotify(7))."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

MOST_WATCHES = 5000


class Behind:
    """Watches paths, and the folders they lie in: files are replaced rather than written."""

    def __init__(self, root: Path) -> None:
        from inotify_simple import INotify, flags

        self._flags = flags
        self._mask = flags.CLOSE_WRITE | flags.ATTRIB | flags.CREATE | flags.DELETE | flags.MOVED_FROM | flags.MOVED_TO | flags.DELETE_SELF | flags.MOVE_SELF | flags.ONLYDIR  # fmt: skip
        self._inotify = INotify()
        self._root = str(root).rstrip("/")
        self._watched: dict[int, str] = {}
        self._wanted: dict[str, set[str]] = {}

    def fileno(self) -> int:
        """Return what may be waited for."""
        return int(self._inotify.fileno())

    def close(self) -> None:
        """Give up the watches."""
        self._inotify.close()

    def watch(self, kind: str, paths: Iterable[str]) -> None:
        """Watch these paths for an aspect, whether or not they are there yet."""
        for path in paths:
            self._wanted.setdefault(path, set()).add(kind)
            self._add(path)
            self._add(os.path.dirname(path) or "/")  # noqa: PTH120 - text, not a path of here

    def take(self) -> set[str]:
        """Return the aspects behind which something happened."""
        found: set[str] = set()
        for event in self._inotify.read(timeout=0):
            if event.mask & self._flags.Q_OVERFLOW:
                return {kind for kinds in self._wanted.values() for kind in kinds}
            folder = self._watched.get(event.wd)
            if folder is None:
                continue
            if event.mask & self._flags.IGNORED:
                self._watched.pop(event.wd)
            path = f"{folder.rstrip('/')}/{event.name}" if event.name else folder
            found |= self._wanted.get(path, set()) | self._wanted.get(folder, set())
        return found

    def _add(self, path: str) -> None:
        if len(self._watched) >= MOST_WATCHES:
            return
        try:
            self._watched[self._inotify.add_watch(self._root + path or "/", self._mask)] = path
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ENOSPC}:
                raise
