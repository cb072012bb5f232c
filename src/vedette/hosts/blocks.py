"""Measures of one host over a while, packed: times, and a column of 32-bit floats for each series. Pure.

Measured values have one plane, rolled-up ones three: least, mean and most. What was not measured is NaN. The bytes of the
floats are put together by their place (first all first bytes, …), which zstd then packs to about a quarter.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

NAN = math.nan
LEAST, MEAN, MOST = 0, 1, 2
_WIDTH = 4
Column = tuple["array[float]", ...]
Row = tuple[int, Sequence[str], Sequence[float]]


class Block(msgspec.Struct, frozen=True):
    """Times in seconds, growing, and for each series its planes, each as long as the times."""

    times: Sequence[int]
    columns: Mapping[str, Column]
    planes: int = 1


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    planes: int
    names: list[str]
    times: bytes
    values: bytes


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(_Packed).decode


def of_rows(rows: Iterable[Row]) -> Block:
    """Return samples (time, names, values), whose times grow, as a block."""
    times: list[int] = []
    columns: dict[str, array[float]] = {}
    for time, names, values in rows:
        for name, value in zip(names, values, strict=True):
            column = columns.get(name)
            if column is None:
                column = columns[name] = array("f", [NAN] * len(times))
            column.append(value)
        times.append(time)
        for column in columns.values():
            if len(column) < len(times):
                column.append(NAN)
    return Block(times, {name: (column,) for name, column in columns.items()})


def pack(block: Block) -> bytes:
    """Return a block as bytes."""
    import zstandard  # a process that packs nothing starts without it

    names = sorted(block.columns)
    values = b"".join(plane.tobytes() for name in names for plane in block.columns[name])
    shuffled = b"".join(values[place::_WIDTH] for place in range(_WIDTH))
    packed = _Packed(block.planes, names, array("I", block.times).tobytes(), shuffled)
    return zstandard.ZstdCompressor(level=6).compress(_ENCODE(packed))


def unpack(body: bytes, wanted: Callable[[str], bool] = lambda _: True) -> Block:
    """Return the block of bytes, with the series that are wanted."""
    import zstandard

    packed = _DECODE(zstandard.ZstdDecompressor().decompress(body))
    times = array("I", packed.times)
    values, size = _in_order(packed.values), len(times) * _WIDTH
    columns: dict[str, Column] = {}
    for place, name in enumerate(packed.names):
        if wanted(name):
            first = place * packed.planes
            columns[name] = tuple(
                array("f", values[(first + n) * size : (first + n + 1) * size]) for n in range(packed.planes)
            )
    return Block(times, columns, packed.planes)


def joined(blocks: Sequence[Block]) -> Block:
    """Return blocks of one kind as one; of two values of one time the later block's stands."""
    if len(blocks) == 1:
        return blocks[0]
    planes = max((one.planes for one in blocks), default=1)
    rows: dict[int, dict[str, tuple[float, ...]]] = {}
    for block in blocks:
        for place, time in enumerate(block.times):
            row = rows.setdefault(time, {})
            for name, column in block.columns.items():
                if column[0][place] == column[0][place]:
                    row[name] = tuple(plane[place] for plane in column)
    return _of_planes(rows, planes)


def rolled(block: Block, step: int) -> Block:
    """Return least, mean and most in steps of so many seconds."""
    starts = sorted({time // step * step for time in block.times})
    bounds = _bounds(block.times, starts, step)
    columns = {
        name: _rolled(column if block.planes > 1 else column * 3, bounds)
        for name, column in block.columns.items()
    }
    return Block(starts, columns, 3)


def _rolled(column: Column, bounds: Sequence[tuple[int, int]]) -> Column:
    planes = (array("f"), array("f"), array("f"))
    for first, end in bounds:
        for plane, value in zip(planes, _summary(column, first, end), strict=True):
            plane.append(value)
    return planes


def _summary(column: Column, first: int, end: int) -> tuple[float, float, float]:
    """Return least, mean and most of what was measured from one place to another."""
    least, means, most = (
        [value for value in plane[first:end] if value == value]  # noqa: PLR0124 - leaves out NaN
        for plane in column
    )
    if not means:
        return NAN, NAN, NAN
    return min(least), sum(means) / len(means), max(most)


def _bounds(times: Sequence[int], starts: Sequence[int], step: int) -> list[tuple[int, int]]:
    """Return from where to where the times of each step go."""
    found, first = [], 0
    for start in starts:
        end = first
        while end < len(times) and times[end] < start + step:
            end += 1
        found.append((first, end))
        first = end
    return found


def _of_planes(rows: Mapping[int, Mapping[str, tuple[float, ...]]], planes: int) -> Block:
    times = sorted(rows)
    names = {name for row in rows.values() for name in row}
    nothing = (NAN,) * planes
    columns = {
        name: tuple(array("f", (rows[time].get(name, nothing)[n] for time in times)) for n in range(planes))
        for name in names
    }
    return Block(times, columns, planes)


def _in_order(shuffled: bytes) -> bytes:
    """Return bytes that were put together by their place in the order of their values."""
    found, part = bytearray(len(shuffled)), len(shuffled) // _WIDTH
    for place in range(_WIDTH):
        found[place::_WIDTH] = shuffled[place * part : (place + 1) * part]
    return bytes(found)
