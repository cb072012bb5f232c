"""Days and weeks by the wall clock of a zone. Pure.

A day lasts from midnight to midnight as its clocks show it: 23 or 25 hours when they are changed, for which the rule of
`core.zones` holds.
"""

import datetime as dt

from vedette.core import zones
from vedette.reports.types import Period, Subscription

_DAY = dt.timedelta(days=1)


def last_whole(period: Period, now: float, zone: str) -> tuple[float, float]:
    """Return start and end of the last day or week (from Monday) that was over at an instant."""
    today = zones.local(now, zone).date()
    if period is Period.DAILY:
        return _midnight(today - _DAY, zone), _midnight(today, zone)
    monday = today - dt.timedelta(days=today.weekday())
    return _midnight(monday - 7 * _DAY, zone), _midnight(monday, zone)


def end_of(period: Period, start: float, zone: str) -> float:
    """Return when a day or week that begins at an instant is over."""
    first = zones.local(start, zone).date()
    return _midnight(first + (7 * _DAY if period is Period.WEEKLY else _DAY), zone)


def next_due(asked: Subscription, after: float) -> float:
    """Return the first instant past `after` at which a digest is to be mailed."""
    day = zones.local(after, asked.zone).date() - _DAY
    while True:
        day += _DAY
        at = _at(day, asked.hour, asked.zone)
        if at > after and (asked.period is Period.DAILY or day.weekday() == asked.weekday):
            return at


def named(period: Period, start: float, zone: str) -> str:
    """Return what people call a day or a week: `Tuesday, 24 Nov 2026`, `16 to 22 Nov 2026`."""
    first = zones.local(start, zone).date()
    if period is Period.DAILY:
        return f"{first:%A}, {first.day} {first:%b %Y}"
    last = first + 6 * _DAY
    begun = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{begun} to {last.day} {last:%b %Y}"


def _midnight(day: dt.date, zone: str) -> float:
    return _at(day, 0, zone)


def _at(day: dt.date, hour: int, zone: str) -> float:
    return zones.first(day.toordinal(), f"{hour:02}:00", zone)
