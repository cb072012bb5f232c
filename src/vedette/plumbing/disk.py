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


def folder_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; a folder or file that is not there counts nothing."""
    if not folder.is_dir():
        return 0
    return sum(file_size(path) for path in folder.iterdir())


def file_size(path: Path) -> int:
    """Return the bytes of a file, 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
