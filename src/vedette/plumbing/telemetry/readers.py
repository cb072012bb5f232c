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
        self._lent: set[Reader] = set()

    @contextlib.contextmanager
    def lend(self, path: Path) -> Iterator[Reader]:
        """Lend a connection to one day."""
        reader = self._take(path)
        try:
            yield reader
        finally:
            self._give_back(reader)

    def forget(self, path: Path | None = None) -> None:
        """Close the connections to a day (all of them without one): idle ones now, lent ones when they come back."""
        with self._lock:
            gone = [reader for reader in self._idle if path is None or reader.path == path]
            self._idle = [reader for reader in self._idle if reader not in gone]
            self._lent = {reader for reader in self._lent if path is not None and reader.path != path}
        for reader in gone:
            reader.close()

    def _take(self, path: Path) -> Reader:
        with self._lock:
            place = next((n for n, reader in enumerate(self._idle) if reader.path == path), None)
            if place is not None:
                reader = self._idle.pop(place)
                self._lent.add(reader)
                return reader
        reader = Reader(path, self._seconds)
        with self._lock:
            self._lent.add(reader)
        return reader

    def _give_back(self, reader: Reader) -> None:
        gone: Reader | None = reader
        with self._lock:
            if reader in self._lent:
                self._lent.discard(reader)
                self._idle.append(reader)
                gone = self._idle.pop(0) if len(self._idle) > self._most else None
        if gone is not None:
            gone.close()
