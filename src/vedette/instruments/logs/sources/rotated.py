"""Predecessors of a log: what rotation made of it, by name, and what is left to read in them."""

import bz2
import contextlib
import gzip
import lzma
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from vedette.instruments.logs.sources import marks
from vedette.instruments.logs.sources.types import CHUNK, LONGEST_LINE, Identity, Mark, Position

_MOST = 64  # predecessors of one log that are looked at, the newest ones
_OPENERS: dict[str, Callable[[Path], object]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_LATER = r"(?:\d[\d._T-]*|old|bak|prev|\d+)"
_ROTATED = re.compile(r".+\.(?:\d{1,5}|old|bak|prev)|.+-\d{8}(?:[-.T]?\d{2,10})?")
_NUMBERED = re.compile(r"[.-](\d{1,5})(?:\.[a-z]+)?$")
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)  # what reading a damaged or unfinished one raises


class Sibling(msgspec.Struct, frozen=True):
    """A file that looks like a predecessor of a log."""

    path: Path
    identity: Identity
    written: tuple[
        int, int
    ]  # when, in ns; then less the number in its name, for rotations within one tick of the clock
    packed: bool


def looks_rotated(name: str) -> bool:
    """Tell whether a name is one that only rotation makes: `x.log.1`, `x.log-20261126`, `x.gz`."""
    return _bare(name) != name or bool(_ROTATED.fullmatch(name))


def _bare(name: str) -> str:
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - a name, no path
    return stem if ending in {*_OPENERS, ".zst", ".Z"} else name


def _is_predecessor(name: str, base: str) -> bool:
    stem, ending = os.path.splitext(base)  # noqa: PTH122 - a name, no path
    behind = rf"{re.escape(base)}[.-]{_LATER}"
    between = rf"{re.escape(stem)}[.-]{_LATER}{re.escape(ending)}"
    return name != base and bool(re.fullmatch(f"{behind}|{between}", _bare(name)))


def siblings(path: Path) -> list[Sibling]:
    """Return what looks like predecessors of a log, the newest first; a packed one beside its original is left out."""
    real = Path(os.path.realpath(path))
    found = {
        one.path: one for folder in {path.parent, real.parent} for one in _in(folder, {path.name, real.name})
    }
    unpacked = {one.path for one in found.values() if not one.packed}
    kept = [one for one in found.values() if not one.packed or one.path.with_suffix("") not in unpacked]
    return sorted(kept, key=lambda one: one.written, reverse=True)[:_MOST]


def _in(folder: Path, bases: set[str]) -> Iterator[Sibling]:
    try:
        names = [name for name in os.listdir(folder) if any(_is_predecessor(name, base) for base in bases)]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        path = folder / name
        with contextlib.suppress(OSError):  # one that went meanwhile
            found = path.lstat()
            if stat.S_ISREG(found.st_mode):
                written = (found.st_mtime_ns, -_number(name))
                yield Sibling(path, (found.st_dev, found.st_ino), written, path.suffix in _OPENERS)


def _number(name: str) -> int:
    found = _NUMBERED.search(_bare(name))
    return int(found[1]) if found else 0


class Packed:
    """Reads a compressed predecessor from a position on; offsets are those of what is in it. Its last line needs no end."""

    def __init__(self, sibling: Sibling, position: Position | None = None) -> None:
        self._file = cast(BinaryIO, _OPENERS[sibling.path.suffix](sibling.path))
        self.identity, self.skipped = sibling.identity, 0
        self._offset, self._mark = (position.offset, position.mark) if position else (0, Mark())
        self._waiting, self._skipping = b"", bool(position and position.skipping)
        self._window = b""

    @property
    def position(self) -> Position:
        """Return up to where lines were handed out."""
        return Position(*self.identity, self._offset, self._mark, self._skipping)

    def fits(self) -> bool:
        """Go to the position; tell whether what lies before it is what was read. Raises what `BROKEN` names."""
        before, left = b"", self._offset
        while left:
            data = self._file.read(min(CHUNK, left))
            if not data:
                return False
            before, left = (before + data)[-marks.WINDOW :], left - len(data)
        self._window = before
        return marks.fits(before, self._mark)

    def read(self) -> bytes:
        """Return the next whole lines, empty when there are no more."""
        while True:
            data = self._data()
            ended = not data
            body, self._waiting = self._waiting + data, b""
            if ended:
                return self._last(body)
            end = body.rfind(b"\n") + 1
            self._waiting = body[end:]
            whole = self._fitting(body[:end])
            if whole:
                return whole

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _data(self) -> bytes:
        try:
            return self._file.read(CHUNK)
        except BROKEN:  # it is damaged from here on: what was read counts
            return b""

    def _fitting(self, whole: bytes) -> bytes:
        """Return whole lines without one that is too long; let go of a half line that is."""
        first = whole.find(b"\n") + 1
        if first and (self._skipping or first > LONGEST_LINE):
            self._advance(whole[:first])
            self._skipping, self.skipped, whole = False, self.skipped + 1, whole[first:]
        self._advance(whole)
        if self._skipping or len(self._waiting) > LONGEST_LINE:
            self._advance(self._waiting)
            self._waiting, self._skipping = b"", True
        return whole

    def _last(self, body: bytes) -> bytes:
        self._advance(body)
        return body + b"\n" if body and not self._skipping else b""

    def _advance(self, handed: bytes) -> None:
        if handed:
            self._window = (self._window + handed)[-marks.WINDOW :]
            self._mark, self._offset = marks.mark_of(self._window), self._offset + len(handed)
