"""What is remembered of sources, in a file that its owner alone may read, replaced whole or not at all."""

import os
import threading
from pathlib import Path

import msgspec

from vedette.core.clock import Clock, monotonic
from vedette.core.errors import Unavailable
from vedette.instruments.logs.sources.types import Notice, Record, Tell

NAME = "positions.json"
_MOST_BYTES = 64 * 1024 * 1024
_MOST = 10_000  # sources; beyond it those go that were not read for the longest time
_EVERY = 1.0


class _File(msgspec.Struct):
    version: int = 1
    patterns: list[str] = []
    sources: dict[str, Record] = {}


class Ledger:
    """Remembers `Record`s by source and which patterns were followed. Every method may be called by any thread.

    Without a folder nothing is kept. A file that cannot be read is told by `tell`, laid aside, and begun anew.
    """

    def __init__(self, folder: Path | None, clock: Clock, tell: Tell) -> None:
        self._path = folder / NAME if folder else None
        self._clock, self._tell = clock, tell
        self._lock = threading.Lock()
        self._dirty, self._saved_at, self._failed = False, 0.0, False
        self._file = self._read()
        self._before = frozenset(self._file.patterns)

    def knew(self, pattern: str) -> bool:
        """Tell whether a pattern was followed before this process: what is new below it appeared since."""
        return pattern in self._before

    def follow(self, pattern: str) -> None:
        """Remember that a pattern is followed."""
        with self._lock:
            if pattern not in self._file.patterns:
                self._file.patterns.append(pattern)
                self._dirty = True

    def get(self, source: str) -> Record | None:
        """Return what is remembered of a source."""
        with self._lock:
            return self._file.sources.get(source)

    def put(self, source: str, record: Record) -> None:
        """Remember a source; when it was is noted here."""
        with self._lock:
            before = self._file.sources.get(source)
            if before is not None and msgspec.structs.replace(before, seen=0.0) == record:
                return
            self._file.sources[source] = msgspec.structs.replace(record, seen=self._clock.now())
            self._dirty = True

    def due(self) -> float | None:
        """Return in how many seconds the file wants to be written, None when nothing changed."""
        return max(0.0, self._saved_at + _EVERY - monotonic()) if self._dirty else None

    def save_if_due(self) -> None:
        """Write the file when something changed, at most once a second."""
        if self.due() == 0.0:
            self.save()

    def save(self) -> None:
        """Write the file now; that it cannot be written is told once."""
        with self._lock:
            self._dirty, self._saved_at = False, monotonic()
            self._limit()
            error = self._write(msgspec.json.encode(self._file))
            news, self._failed = bool(error) and not self._failed, bool(error)
        if news:
            self._say(
                f"{self._path} cannot be written: {error}. After a restart lines are read twice until it can."
            )

    def _write(self, body: bytes) -> str:
        """Replace the file; return why it could not be."""
        try:
            if self._path is not None:
                written(self._path, body)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def _limit(self) -> None:
        sources = self._file.sources
        if len(sources) > _MOST:
            for name in sorted(sources, key=lambda name: sources[name].seen)[: len(sources) - _MOST]:
                del sources[name]

    def _read(self) -> _File:
        if self._path is None or not self._path.exists():
            return _File()
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                raise ValueError("it is larger than 64 MiB")
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}.") from error
        except ValueError as error:  # msgspec's are ValueErrors, too
            aside = self._path.with_suffix(".damaged")
            self._path.replace(aside)
            self._say(
                f"{self._path} was damaged ({error}) and lies in {aside}; files are read from their end on."
            )
            return _File()

    def _say(self, text: str) -> None:
        self._tell(Notice("positions", "positions", text, self._clock.now()))


def written(path: Path, body: bytes) -> None:
    """Replace a file whole, mode 0600; raises `OSError`."""
    beside = path.with_name(f".{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _all(fd, body)
    finally:
        os.close(fd)
    beside.replace(path)


def _all(fd: int, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[os.write(fd, left) :]
