"""The journal's folder: who may write into it, and the last `seq` that was ever given out in it."""

import fcntl
import os
from pathlib import Path
from threading import Event

_RETRY = 0.02


class Folder:
    """Holds the folder's lock for one writer; the lock file also remembers the last `seq`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def lock(self, stop: Event) -> bool:
        """Wait until no other process writes here; False when `stop` was set first."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        while not _try_lock(handle):
            if stop.wait(_RETRY):
                os.close(handle)
                return False
        self._handle = handle
        return True

    def segments(self) -> list[Path]:
        """Return the paths of the segments, oldest first."""
        return sorted(self.path.glob("*.db"))

    def last(self) -> int:
        """Return the `seq` that `remember` was told; 0 when there was none."""
        text = os.pread(self._handle, 32, 0).strip()
        return int(text) if text.isdigit() else 0

    def remember(self, last: int) -> None:
        """Keep the last `seq` on disk, for when every segment is gone and the clock went back."""
        os.pwrite(self._handle, b"%-31d\n" % last, 0)
        os.fdatasync(self._handle)

    def sync(self) -> None:
        """Make the names of new files durable."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def unlock(self) -> None:
        """Let the next writer in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
