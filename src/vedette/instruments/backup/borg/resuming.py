"""What an interrupted restore of borg's left whole: it is not fetched again."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from vedette.instruments.backup import counting
from vedette.instruments.backup.listing import Item

_MOST = 200_000  # patterns; borg keeps them in memory
_SAME = 1e-3  # seconds; borg lists microseconds


class Resume:
    """Looks whether items are in a folder already, with the size and time they had; borg sets the time after the content."""

    def __init__(self, into: Path, state: Path) -> None:
        self._into, self._count = into, 0
        self._again = into.is_dir() and counting.holds(into)
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix="whole-", dir=state)
        self._file, self._path = os.fdopen(handle, "w", encoding="utf-8"), Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def look(self, item: Item) -> None:
        """Note an item that need not be fetched."""
        if (
            self._again
            and self._count < _MOST
            and item.kind == "file"
            and _plain(item.path)
            and self._whole(item)
        ):
            self._file.write(f"pf:{item.path}\n")
            self._count += 1

    def words(self) -> list[str]:
        """Return what is added to borg's command line."""
        self._file.flush()
        return ["--exclude-from", str(self._path)] if self._count else []

    def _whole(self, item: Item) -> bool:
        with contextlib.suppress(OSError):
            found = (self._into / item.path).lstat()
            alone = stat.S_ISREG(found.st_mode) and found.st_nlink == 1  # links are borg's own affair
            return alone and found.st_size == item.size and abs(found.st_mtime - item.at) < _SAME
        return False


def _plain(path: str) -> bool:
    """Tell whether a path can be a line of a file of patterns."""
    return path.isprintable() and path == path.strip()
