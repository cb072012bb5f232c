"""Free disk space, asked at most once a second."""

import os
from pathlib import Path

_KEEP = 1.0


class DiskWatch:
    """Watches the file system that holds `folder`; `least` is the number of bytes that must stay free."""

    def __init__(self, folder: Path, least: int) -> None:
        self._folder = folder
        self._least = least
        self._asked = float("-inf")
        self._free = 0

    def free(self, now: float) -> int:
        """Return the free bytes (for a process without privileges); at most a second old."""
        if not 0 <= now - self._asked < _KEEP:
            stat = os.statvfs(self._folder)
            self._free = stat.f_bavail * stat.f_frsize
            self._asked = now
        return self._free

    def low(self, now: float) -> bool:
        """Tell whether less is free than must stay free."""
        return self.free(now) < self._least
