"""How often something came in each of the last 168 hours, in 680 bytes. Pure."""

import struct
from array import array

KEPT = 168  # hours
HOUR = 3_600.0
_LAST = struct.Struct("<q")
_SIZE = _LAST.size + 4 * KEPT
_MOST = 2**32 - 1


def add(body: bytes, at: float, n: int) -> bytes:
    """Return the counts with `n` more at an instant; what is older than a week of it is gone."""
    last, counts = _read(body)
    hour = int(at // HOUR)
    for passed in range(max(last + 1, hour - KEPT + 1), hour + 1):
        counts[passed % KEPT] = 0
    if hour > last - KEPT:
        counts[hour % KEPT] = min(_MOST, counts[hour % KEPT] + n)
    return _LAST.pack(max(last, hour)) + counts.tobytes()


def between(body: bytes, start: float, end: float) -> int:
    """Return how often it came in the hours that `start` <= t < `end` touches, as far as they are kept."""
    last, counts = _read(body)
    first = max(int(start // HOUR), last - KEPT + 1)
    return sum(counts[hour % KEPT] for hour in range(first, min(last + 1, -int(-end // HOUR))))


def _read(body: bytes) -> "tuple[int, array[int]]":
    if len(body) != _SIZE:
        return -KEPT, array("I", bytes(4 * KEPT))
    return _LAST.unpack_from(body)[0], array("I", body[_LAST.size :])
