"""Wall times of a zone as instants. Pure.

A wall time that comes twice (the clock goes back) has a first and a last instant; one that never comes (it goes
forward) is the instant of the jump. Days are ordinals of the Gregorian calendar, walls minutes of a day.
"""

import datetime as dt
import functools
import re
import zoneinfo

WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - wall times carry no zone; the arithmetic is by offsets
_REMEMBERED = 32_768


def zone_problem(name: str) -> str:
    """Return what is wrong with the name of a zone; empty when it is one."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"There is no time zone {name[:60]!r}; write one like Europe/Berlin, or UTC."
    return ""


@functools.lru_cache(maxsize=1_024)
def minutes(wall: str) -> int:
    """Return the minute of the day that `HH:MM` names."""
    return int(wall[:2]) * 60 + int(wall[3:])


def day_of(at: float, zone: str) -> int:
    """Return the day (its ordinal) that a zone's calendar shows at an instant."""
    return dt.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone)).toordinal()


def first(day: int, wall: str, zone: str) -> float:
    """Return the instant at which a wall time first comes."""
    return _instants(day, minutes(wall), zone)[0]


def last(day: int, wall: str, zone: str) -> float:
    """Return the instant at which a wall time last comes."""
    return _instants(day, minutes(wall), zone)[1]


@functools.lru_cache(maxsize=_REMEMBERED)
def _instants(day: int, wall: int, zone: str) -> tuple[float, float]:
    naive = dt.datetime.combine(dt.date.fromordinal(day), dt.time(wall // 60, wall % 60))
    known = zoneinfo.ZoneInfo(zone)
    early = _less_offset(naive, naive.replace(tzinfo=known, fold=0))
    late = _less_offset(naive, naive.replace(tzinfo=known, fold=1))
    if (
        late < early
    ):  # it never comes: with the offset after the jump it lies before it, and the other way round
        early = late = _jump(late, early, known)
    return early, late


def _less_offset(naive: dt.datetime, aware: dt.datetime) -> float:
    return (naive - _EPOCH - (aware.utcoffset() or dt.timedelta())).total_seconds()


def _jump(low: float, high: float, zone: zoneinfo.ZoneInfo) -> float:
    """Return the second at which the offset changes between two instants, by halving."""
    before = _offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(at: float, zone: zoneinfo.ZoneInfo) -> dt.timedelta | None:
    return dt.datetime.fromtimestamp(at, zone).utcoffset()


def local(at: float, zone: str) -> dt.datetime:
    """Return the wall clock of a zone at an instant."""
    return dt.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone))


def told(at: float, now: float, zone: str) -> str:
    """Return an instant by the wall clock of a zone: `18:00` today, `Sat 18:00` within a week, else with the date."""
    moment, today = local(at, zone), local(now, zone)
    days = (moment.date() - today.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    year = f" {moment.year}" if moment.year != today.year else ""
    return (
        f"{moment:%a %H:%M}"
        if 0 < days < 7
        else f"{moment:%a} {moment.day} {moment:%b}{year}, {moment:%H:%M}"
    )
