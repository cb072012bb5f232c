"""Builds a filter file from a list of any size, sorted or not, within about 64 MiB of memory.

The hashes are dealt into 4,096 heaps by their first 12 bits; heaps that grow are kept in files beside the target. Then
each heap is sorted, its doubles go, and its buckets are written: one pass over the list, one over the heaps.
"""

import shutil
import struct
import tempfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from vedette.core.errors import Invalid
from vedette.plumbing.breaches import layout
from vedette.plumbing.breaches.layout import ENTRY, HEADER, REMAINDER, Head
from vedette.plumbing.breaches.lines import Kind, hashes
from vedette.plumbing.breaches.reader import digest

HELD = 32 << 20
_SHIFT = 64 - 12
_HASH = struct.Struct("=Q")


class Heaps:
    """Hashes dealt by their first 12 bits; at most `held` bytes wait in memory, the rest in files of `folder`."""

    def __init__(self, folder: Path, held: int = HELD) -> None:
        self._folder, self._most = folder, held
        self._waiting: dict[int, bytearray] = {}
        self._spilled: set[int] = set()
        self._size = 0
        self.count = 0

    def add(self, hashed: int) -> None:
        """Put a hash on its heap."""
        self._waiting.setdefault(hashed >> _SHIFT, bytearray()).extend(_HASH.pack(hashed))
        self._size += _HASH.size
        self.count += 1
        if self._size >= self._most:
            self._spill()

    def sorted(self) -> Iterator[list[int]]:
        """Yield the hashes of each heap, sorted and without doubles, heap after heap."""
        for number in sorted({*self._spilled, *self._waiting}):
            path = self._folder / str(number)
            raw = path.read_bytes() if number in self._spilled else b""
            path.unlink(missing_ok=True)
            yield sorted(set(array("Q", raw + bytes(self._waiting.pop(number, b"")))))

    def _spill(self) -> None:
        for number, waiting in self._waiting.items():
            with (self._folder / str(number)).open("ab") as file:
                file.write(waiting)
        self._spilled.update(self._waiting)
        self._waiting.clear()
        self._size = 0


def build(
    source: BinaryIO,
    target: Path,
    now: float,
    *,
    kind: Kind = Kind.AUTO,
    seen: Callable[[int], None] = lambda _: None,
) -> Head:
    """Write the filter of a list to `target` (whole or not at all, mode 0600) and return its header.

    `seen` hears how many bytes of the list were read. Raises `Invalid` for a list that cannot be read or holds nothing.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".passwords-", dir=target.parent) as folder:
            heaps = Heaps(Path(folder))
            for hashed in hashes(source, kind, seen):
                heaps.add(hashed)
            if not 0 < heaps.count <= layout.MOST:
                raise Invalid("The list holds no password." if not heaps.count else "The list is too long.")
            made = Path(folder) / "filter"
            head = _write(made, heaps, now)
            made.chmod(0o600)
            made.replace(target)
    except OSError as error:
        raise Invalid(f"{target} cannot be written: {error.strerror or error}.") from error
    return head


def _write(made: Path, heaps: Heaps, now: float) -> Head:
    bits, lines = layout.bits_for(heaps.count), heaps.count
    index = made.with_name("index")
    with made.open("wb") as data, index.open("wb") as starts:
        data.write(bytes(HEADER))
        count = _write_buckets(heaps, bits, data, starts)
    with made.open("ab") as data, index.open("rb") as starts:
        shutil.copyfileobj(starts, data, 1 << 20)
    head = Head(bits, count, now, lines, digest(made))
    with made.open("r+b") as data:
        data.write(layout.pack(head))
    return head


def _write_buckets(heaps: Heaps, bits: int, data: BinaryIO, starts: BinaryIO) -> int:
    """Write remainders and index; return how many remainders there are."""
    count, bucket = 0, -1
    for heap in heaps.sorted():
        last = (-1, -1)
        for hashed in heap:
            here = layout.place(hashed, bits)
            if here == last:
                continue  # two hashes that the filter cannot tell apart
            starts.write(count.to_bytes(ENTRY, "little") * (here[0] - bucket))
            data.write(here[1].to_bytes(REMAINDER))
            bucket, last, count = here[0], here, count + 1
    starts.write(count.to_bytes(ENTRY, "little") * ((1 << bits) - bucket))
    return count
