"""Reading connections, lent one at a time and kept for the next; so many are open at most while idle."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from vedette.plumbing.telemetry.dayfile import Reader


class Readers:
    """A pool over all days: `most` idle connections, the least recently used closed first."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._idle: list[Reader] = []

    @contextlib.contextmanager
    def lend(self, path: Path) -> Iterator[Reader]:
        """Lend a connection to one day."""
        reader = self._take(path) or Reader(path, self._seconds)
        try:
            yield reader
        finally:
            self._give_back(reader)

    def forget(self, path: Path | None = None) -> None:
        """Close the idle connections to a day (all of them without one)."""
        with self._lock:
            gone = [reader for reader in self._idle if path is None or reader.path == path]
            self._idle = [reader for reader in self._idle if reader not in gone]
        for reader in gone:
            reader.close()

    def _take(self, path: Path) -> Reader | None:
        with self._lock:
            for place in range(len(self._idle) - 1, -1, -1):
                if self._idle[place].path == path:
                    return self._idle.pop(place)
        return None

    def _give_back(self, reader: Reader) -> None:
        with self._lock:
            self._idle.append(reader)
            gone = self._idle.pop(0) if len(self._idle) > self._most else None
        if gone is not None:
            gone.close()
