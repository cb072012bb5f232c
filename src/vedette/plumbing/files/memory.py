"""Files in memory, for tests."""

import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from vedette.core import ids
from vedette.core.clock import utc_day
from vedette.core.errors import Unavailable


class MemoryFiles:
    """Keeps files in a dict, `held`."""

    def __init__(self, max_bytes: int = 1 << 30) -> None:
        self.held: dict[str, bytes] = {}
        self._max = max_bytes
        self.unfinished = 0

    def new(self, now: float) -> "MemorySheet":
        """Begin a file; see the port."""
        return MemorySheet(self, f"{utc_day(now)}/{ids.new_id()}")

    def open(self, name: str) -> BinaryIO | None:
        """Open a file; see the port."""
        return io.BytesIO(self.held[name]) if name in self.held else None

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; see the port."""
        for name in names:
            self.held.pop(name, None)

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove old days; see the port."""
        gone = [name for name in self.held if name[:10] < day]
        self.delete(gone)
        return sorted({name[:10] for name in gone})

    def used(self) -> int:
        """Return the bytes of all files; see the port."""
        return sum(map(len, self.held.values()))

    def take(self, n: int) -> None:
        """Reckon with `n` more bytes of an unfinished file; raises `Unavailable`."""
        if self.used() + self.unfinished + n > self._max:
            raise Unavailable("There is no room for more attachments.", 60.0)
        self.unfinished += n


class MemorySheet:
    """A file on its way; see the port."""

    def __init__(self, files: MemoryFiles, name: str) -> None:
        self._files, self._name = files, name
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes | memoryview) -> None:
        """Append bytes; see the port."""
        self._files.take(len(piece))
        self.size += len(piece)
        self._pieces.append(bytes(piece))

    def keep(self) -> str:
        """Make the file visible; see the port."""
        self._files.unfinished -= self.size
        self._files.held[self._name] = b"".join(self._pieces)
        return self._name

    def drop(self) -> None:
        """Forget the file; see the port."""
        if self._files.held.pop(self._name, None) is None:
            self._files.unfinished -= self.size
        self.size, self._pieces = 0, []
