"""Files in a folder: `<day>/<id>`, mode 0600, written beside their place and moved into it once they are on disk."""

import contextlib
import fcntl
import os
import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from vedette.core import ids
from vedette.core.clock import utc_day
from vedette.core.errors import Unavailable
from vedette.plumbing.disk import DiskWatch, folder_size

NAME = re.compile(r"\d{4}-\d{2}-\d{2}/[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNFINISHED = ".part"
FULL = "There is no room for more attachments: attachments_max_bytes is used up, or the disk is nearly full."


class FolderFiles:
    """Keeps files in a folder; several processes may, each counting what it adds and reading the rest anew now and then."""

    def __init__(self, folder: Path, max_bytes: int, min_free_disk_bytes: int = 0) -> None:
        self._folder, self._max = folder, max_bytes
        self._disk = DiskWatch(folder, min_free_disk_bytes)
        self._lock = threading.Lock()
        self._used = self.used()
        self._forget_unfinished()

    def new(self, now: float) -> "FolderSheet":
        """Begin a file; see the port."""
        day = self._folder / utc_day(now)
        day.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FolderSheet(self, day / ids.new_id(), now)

    def open(self, name: str) -> BinaryIO | None:
        """Open a file; see the port."""
        if not NAME.fullmatch(name):
            return None
        try:
            return (self._folder / name).open("rb")
        except FileNotFoundError:
            return None

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; see the port."""
        for name in names:
            if NAME.fullmatch(name):
                (self._folder / name).unlink(missing_ok=True)
        self.used()

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove old days; see the port."""
        gone = [path for path in self._days() if path.name < day]
        for path in gone:
            shutil.rmtree(path, ignore_errors=True)
        self.used()
        return [path.name for path in gone]

    def used(self) -> int:
        """Return the bytes of all files; what `take` reckons with from then on."""
        used = sum(folder_size(day) for day in self._days())
        with self._lock:
            self._used = used
        return used

    def take(self, n: int, now: float) -> None:
        """Reckon with `n` more bytes; raises `Unavailable` when there is no room for them."""
        with self._lock:
            if self._used + n > self._max or self._disk.low(now):
                raise Unavailable(FULL, 60.0)
            self._used += n

    def give(self, n: int) -> None:
        """Reckon with `n` bytes less."""
        with self._lock:
            self._used -= n

    def _days(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if _DAY.fullmatch(path.name))

    def _forget_unfinished(self) -> None:
        """Remove what a process that was killed left half-written, not what another one is writing."""
        for day in self._days():
            for path in day.glob("*" + _UNFINISHED):
                if not _being_written(path):
                    path.unlink(missing_ok=True)


class FolderSheet:
    """A file on its way; see the port."""

    def __init__(self, files: FolderFiles, path: Path, now: float) -> None:
        self._files, self._path, self._now = files, path, now
        self._part = path.with_name(path.name + _UNFINISHED)
        self._out: BinaryIO | None = None
        self.size = 0

    def write(self, piece: bytes | memoryview) -> None:
        """Append bytes; see the port."""
        self._files.take(len(piece), self._now)
        self.size += len(piece)
        try:
            self._opened().write(piece)
        except OSError as error:
            raise Unavailable(f"The attachment cannot be written: {error.strerror}.") from error

    def keep(self) -> str:
        """Make the file durable; see the port."""
        try:
            out = self._opened()
            out.flush()
            os.fsync(out.fileno())
            out.close()
            self._part.rename(self._path)
            _sync(self._path.parent)
        except OSError as error:
            raise Unavailable(f"The attachment cannot be written: {error.strerror}.") from error
        return f"{self._path.parent.name}/{self._path.name}"

    def drop(self) -> None:
        """Forget the file; see the port."""
        if self._out is not None:
            with contextlib.suppress(OSError):
                self._out.close()
        self._part.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)
        self._files.give(self.size)
        self.size = 0

    def _opened(self) -> BinaryIO:
        if self._out is None:
            number = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._out = os.fdopen(number, "wb")
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._out


def _being_written(path: Path) -> bool:
    """Tell whether a process holds a half-written file: the lock goes with its writer, however that ends."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
