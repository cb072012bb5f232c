"""inotify(7): who wakes the reader. Where the kernel gives no more watches the reader looks by itself, once a second."""

import contextlib
import errno
import os
import select
from collections.abc import Iterable
from typing import Protocol

import msgspec

_SCARCE = {errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSYS}


class Woken(msgspec.Struct, frozen=True):
    """What may have changed: files by the descriptor they are watched as, folders; `everything` when nobody knows."""

    files: frozenset[int] = frozenset()
    folders: frozenset[str] = frozenset()
    everything: bool = False


class Watching(Protocol):
    """Wakes a reader. `wait` is called by one thread, `wake` by any."""

    @property
    def short(self) -> bool:
        """Tell whether something could not be watched, so that the reader has to look by itself."""
        ...

    def file(self, fd: int) -> int:
        """Watch an open file; return what `Woken.files` will name it by, -1 when it cannot be watched."""
        ...

    def unfile(self, fd: int, watch: int) -> None:
        """Watch a file no longer, before it is closed."""
        ...

    def folders(self, wanted: Iterable[str]) -> None:
        """Watch these folders and no others."""
        ...

    def wait(self, seconds: float | None) -> Woken:
        """Return what changed, after so many seconds at the latest."""
        ...

    def wake(self) -> None:
        """End the wait."""
        ...

    def close(self) -> None:
        """Watch nothing any more."""
        ...


class Inotify:
    """Implements `Watching` by inotify."""

    def __init__(self) -> None:
        from inotify_simple import INotify, flags

        self._of_file = flags.MODIFY | flags.ATTRIB | flags.MOVE_SELF
        self._of_folder = (
            flags.CREATE | flags.MOVED_TO | flags.MOVED_FROM | flags.DELETE | flags.ATTRIB | flags.MOVE_SELF | flags.DELETE_SELF
            | flags.ONLYDIR
        )  # fmt: skip
        self._overflow, self._ignored = flags.Q_OVERFLOW, flags.IGNORED
        self._folders: dict[str, int] = {}
        self._short_files: set[int] = set()
        self._short_folders: set[str] = set()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(self._bell, select.POLLIN)
        try:
            self._inotify: INotify | None = INotify()
            self._poll.register(self._inotify.fileno(), select.POLLIN)
        except OSError:
            self._inotify = None

    @property
    def short(self) -> bool:
        """Tell whether something could not be watched."""
        return self._inotify is None or bool(self._short_files or self._short_folders)

    def file(self, fd: int) -> int:
        """Watch an open file, by its descriptor, so that it is surely this one whatever its name leads to by now."""
        watch, scarce = self._add(f"/proc/self/fd/{fd}", self._of_file)
        (self._short_files.add if scarce else self._short_files.discard)(fd)
        return watch

    def unfile(self, fd: int, watch: int) -> None:
        """Watch a file no longer, before it is closed."""
        self._short_files.discard(fd)
        self._remove(watch)

    def folders(self, wanted: Iterable[str]) -> None:
        """Watch these folders and no others."""
        wanted = set(wanted)
        self._short_folders &= wanted
        for folder in self._folders.keys() - wanted:
            self._remove(self._folders.pop(folder))
        for folder in wanted - self._folders.keys():
            watch, scarce = self._add(folder, self._of_folder)
            if watch >= 0:
                self._folders[folder] = watch
            (self._short_folders.add if scarce else self._short_folders.discard)(folder)

    def wait(self, seconds: float | None) -> Woken:
        """Return what changed, after so many seconds at the latest."""
        self._poll.poll(None if seconds is None else max(0, int(seconds * 1000 + 0.999)))
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        return self._read()

    def _read(self) -> Woken:
        if self._inotify is None:
            return Woken()
        files, woken, everything = set(), set(), False
        by_watch = {watch: folder for folder, watch in self._folders.items()}
        for event in self._inotify.read(timeout=0):
            everything = everything or bool(event.mask & self._overflow)
            folder = by_watch.get(event.wd)
            if folder is None:
                files.add(event.wd)
            else:
                woken.add(folder)
                if event.mask & self._ignored:  # the folder is gone; another of its name is another watch
                    self._folders.pop(folder, None)
        return Woken(frozenset(files), frozenset(woken), everything)

    def wake(self) -> None:
        """End the wait."""
        os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        """Watch nothing any more."""
        if self._inotify is not None:
            self._inotify.close()
        os.close(self._bell)

    def _add(self, path: str, mask: int) -> tuple[int, bool]:
        """Return the watch, -1 without one, and whether there is none because the kernel has no more."""
        if self._inotify is None:
            return -1, True
        try:
            return int(self._inotify.add_watch(path, mask)), False
        except OSError as error:
            return -1, error.errno in _SCARCE

    def _remove(self, watch: int) -> None:
        if self._inotify is None or watch < 0:
            return
        try:
            self._inotify.rm_watch(watch)
        except OSError as error:
            if error.errno != errno.EINVAL:  # it went with what it watched
                raise
