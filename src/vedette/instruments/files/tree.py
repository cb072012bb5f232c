"""inotify over whole trees: which paths something happened to; bounded in watches and in paths (inotify(7))."""

import errno
import os
from pathlib import Path

from vedette.instruments.files.walking import Walk

MOST_PATHS = 50_000
MOST_WATCHES = 100_000


class Tree:
    """Watches every folder of a set. `missed` says that something may have happened unseen: look at everything."""

    def __init__(self, walk: Walk) -> None:
        from inotify_simple import INotify, flags

        self._walk = walk
        self._flags = flags
        self._mask = (
            flags.CLOSE_WRITE | flags.ATTRIB | flags.CREATE | flags.DELETE | flags.MOVED_FROM | flags.MOVED_TO
            | flags.MODIFY | flags.DELETE_SELF | flags.MOVE_SELF | flags.ONLYDIR | flags.DONT_FOLLOW
        )  # fmt: skip
        self._inotify = INotify()
        self._watched: dict[int, str] = {}
        self.paths: set[str] = set()
        self.missed = False
        self.unwatched = 0

    def start(self) -> None:
        """Watch every folder of the set, and the folder that each of its paths lies in: it may come later, or be replaced."""
        for top in self._walk.tops():
            self._watch(os.path.dirname(top))  # noqa: PTH120 - text, not a path of here
            self._watch_below(top)

    def fileno(self) -> int:
        """Return what may be waited for."""
        return int(self._inotify.fileno())

    def close(self) -> None:
        """Give up the watches."""
        self._inotify.close()

    def take(self, seconds: float) -> bool:
        """Wait so long at most and note which paths something happened to; return whether anything did."""
        events = self._inotify.read(timeout=int(seconds * 1000))
        for event in events:
            self._note(event.wd, event.mask, event.name)
        return bool(events)

    def _note(self, watch: int, mask: int, name: str) -> None:
        flags = self._flags
        if mask & flags.Q_OVERFLOW:
            self.missed = True
            return
        folder = self._watched.get(watch)
        if folder is None:
            return
        if mask & flags.IGNORED:
            self._watched.pop(watch)
            return
        path = f"{folder.rstrip('/')}/{name}" if name else folder
        if not self._walk.wanted(path):
            return
        self._keep(path)
        if mask & flags.ISDIR and mask & (flags.CREATE | flags.MOVED_TO):
            self._came(path)

    def _came(self, path: str) -> None:
        """A folder came with all that is in it, of which no event tells."""
        self._watch_below(path)
        for one in self._walk.below(path):
            self._keep(one)

    def _keep(self, path: str) -> None:
        if len(self.paths) >= MOST_PATHS:
            self.missed = True
        else:
            self.paths.add(path)

    def _watch_below(self, top: str) -> None:
        for folder in self._walk.folders(top):
            self._watch(folder)

    def _watch(self, folder: str) -> None:
        if len(self._watched) >= MOST_WATCHES:
            self.unwatched += 1
            return
        try:
            self._watched[self._inotify.add_watch(Path(self._walk.real(folder)), self._mask)] = folder
        except OSError as error:
            self.unwatched += error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
