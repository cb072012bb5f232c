"""Time zones by name, and wall times as instants. Pure.

One rule for the days on which clocks change: a wall time that comes twice (the clock goes back) has a first and a last
instant, and one that never comes (it goes forward) is the instant of the jump. What begins or happens at a wall time does
so at its first instant; what ends with one ends at its last, so that a span holds in both showings of an hour. The wall
that the clock goes back to is its own case: no minute before it is shown again, and what ends with it ends at its first.

Days are ordinals of the Gregorian calendar (`datetime.date.toordinal`), walls are `HH:MM`.
"""

import datetime as dt
import functools
import re
import zoneinfo

WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - wall times carry no zone; the arithmetic is by offsets
_REMEMBERED = 32_768


def problem(name: str) -> str:
    """Return what is wrong with the name of a zone; empty when it is one."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"There is no time zone {name[:60]!r}; write one like Europe/Berlin, or UTC."
    return ""


def zone(name: str) -> dt.tzinfo:
    """Return a zone; UTC as the standard library's own, which spares arithmetic of clock changes."""
    return dt.UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def local(at: float, name: str) -> dt.datetime:
    """Return the wall clock of a zone at an instant."""
    return dt.datetime.fromtimestamp(at, zone(name))


def day_of(at: float, name: str) -> int:
    """Return the day that a zone's calendar shows at an instant."""
    return local(at, name).toordinal()


def first(day: int, wall: str, name: str) -> float:
    """Return the instant at which a wall time first comes."""
    return _instants(day, wall, name)[0]


def last(day: int, wall: str, name: str) -> float:
    """Return the instant at which what ends with a wall time ends: no minute before it is still to come."""
    return _instants(day, wall, name)[1]


@functools.lru_cache(maxsize=_REMEMBERED)
def _instants(day: int, wall: str, name: str) -> tuple[float, float]:
    naive = dt.datetime.combine(dt.date.fromordinal(day), dt.time(int(wall[:2]), int(wall[3:])))
    known = zone(name)
    early = _less_offset(naive, naive.replace(tzinfo=known, fold=0))
    late = _less_offset(naive, naive.replace(tzinfo=known, fold=1))
    if (
        late < early
    ):  # it never comes: by the offset after the jump it lies before it, and the other way round
        early = late = _jump(late, early, known)
    elif late > early and _offset(late - 1, known) != _offset(late, known):
        late = early  # the clock goes back to just this wall
    return early, late


def _less_offset(naive: dt.datetime, aware: dt.datetime) -> float:
    return (naive - _EPOCH - (aware.utcoffset() or dt.timedelta())).total_seconds()


def _jump(low: float, high: float, known: dt.tzinfo) -> float:
    """Return the second at which the offset changes between two instants, by halving."""
    before = _offset(low, known)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, known) == before else (low, middle)
    return high


def _offset(at: float, known: dt.tzinfo) -> dt.timedelta | None:
    return dt.datetime.fromtimestamp(at, known).utcoffset()
