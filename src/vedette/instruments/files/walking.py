"""Every path of a set, folder by folder; links are named and not followed, other file systems are not entered by /proc's door."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.files.types import FileSet


class Walk:
    """The paths of a set below a root. Paths are told as the host sees them, without the root."""

    def __init__(self, files: FileSet, root: Path) -> None:
        self._set = files
        self._base = str(root).rstrip("/")

    def wanted(self, path: str) -> bool:
        """Tell whether a path belongs to the set."""
        inside = any(path == top or path.startswith(top.rstrip("/") + "/") for top in self._set.paths)
        return inside and not any(fnmatch.fnmatchcase(path, pattern) for pattern in self._set.excludes)

    def real(self, path: str) -> Path:
        """Return where a path is, below the root."""
        return Path(self._base + path)

    def tops(self) -> Iterator[str]:
        """Yield the paths the set begins with, those inside another one left out."""
        tops = sorted({top.rstrip("/") or "/" for top in self._set.paths})
        yield from (t for t in tops if not any(t.startswith(o.rstrip("/") + "/") for o in tops if o != t))

    def everything(self) -> Iterator[str]:
        """Yield every path of the set that is there."""
        for top in self.tops():
            yield from self.below(top)

    def below(self, top: str) -> Iterator[str]:
        """Yield a path and all below it."""
        waiting = [top]
        while waiting:
            path = waiting.pop()
            if not self.wanted(path) or not os.path.lexists(self._base + path):
                continue
            yield path
            waiting += self._inside(path)

    def folders(self, top: str) -> Iterator[str]:
        """Yield a folder and the folders below it."""
        waiting = [top]
        while waiting:
            path = waiting.pop()
            real = self.real(path)
            if self.wanted(path) and real.is_dir() and not real.is_symlink():
                yield path
                waiting += [one for one in self._inside(path) if self.real(one).is_dir()]

    def _inside(self, path: str) -> list[str]:
        real = self._base + path
        try:
            if os.path.islink(real):  # noqa: PTH114 - hundreds of thousands of them
                return []
            with os.scandir(real) as entries:
                return [f"{path.rstrip('/')}/{entry.name}" for entry in entries]
        except OSError:
            return []
