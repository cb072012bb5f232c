"""When is worked on what? Maintenances in words, and day by day. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from vedette.core import zones
from vedette.monitors import cron
from vedette.monitors.maintenance import cron_of
from vedette.monitors.types import DAY, ByCron, Cron, Every, Maintenance, Once, Schedule, Weekly

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_TIMES = 100  # of one maintenance under one heading of a calendar


class Slot(msgspec.Struct, frozen=True):
    """A time of a maintenance: from when to when, and which (its key)."""

    starts: float
    ends: float
    key: str


def said(window: Maintenance, now: float, zone: str) -> str:
    """Return when a maintenance is, in words: once by the clock of `zone`, else by its own."""
    if isinstance(window, Once):
        return f"{_wall(window.starts, now, zone)} to {_until(window, now, zone)}"
    lasts = _lasting(window.minutes)
    if isinstance(window, Weekly):
        return f"{', '.join(_DAYS[day] for day in sorted(window.days))} from {window.start} for {lasts} ({window.zone})"
    return f"By cron, {window.expression.strip()}, for {lasts} ({window.zone})"


def schedule(found: Schedule) -> str:
    """Return a schedule in words."""
    if isinstance(found, Every):
        return f"every {_span(found.seconds)}"
    kind = "cron" if isinstance(found, Cron) else "OnCalendar"
    return f"{kind} {' | '.join(found.expression.split(chr(10)))} ({found.zone})"


def held(window: Maintenance, key: str, now: float) -> Iterator[Slot]:
    """Yield the times of a maintenance that hold at an instant, at most a hundred."""
    if isinstance(window, Once):
        found = iter([Slot(window.starts, window.ends, key)])
    else:
        found = _beginning(window, key, now - window.minutes * 60.0, now)
    return islice((slot for slot in found if slot.starts <= now < slot.ends), MOST_TIMES)


def coming(window: Maintenance, key: str, now: float, until: float) -> Iterator[Slot]:
    """Yield the times of a maintenance that begin after an instant and by another, at most the first hundred."""
    if isinstance(window, Once):
        return iter([Slot(window.starts, window.ends, key)] if now < window.starts <= until else [])
    return islice(_beginning(window, key, now, until), MOST_TIMES)


def over(window: Maintenance, key: str, since: float, now: float) -> Sequence[Slot]:
    """Return the times of a maintenance that ended after an instant and by another, at most the last hundred."""
    if isinstance(window, Once):
        return [Slot(window.starts, window.ends, key)] if since < window.ends <= now else []
    lasts = window.minutes * 60.0
    first = cron.back(cron_of(window), window.zone, now - lasts, MOST_TIMES)
    found = _beginning(window, key, max(first, since - lasts), now - lasts)
    return list(found)[-MOST_TIMES:]


def _beginning(window: Weekly | ByCron, key: str, after: float, until: float) -> Iterator[Slot]:
    """Yield the times that begin after an instant and by another."""
    for at in cron.times(cron_of(window), window.zone, after):
        if at > until:
            return
        yield Slot(at, at + window.minutes * 60.0, key)


def days(found: Iterable[Slot], zone: str) -> dict[dt.date, list[Slot]]:
    """Return slots by the day on which they begin in a zone, in order."""
    by_day: dict[dt.date, list[Slot]] = {}
    for slot in sorted(found, key=lambda one: (one.starts, one.ends, one.key)):
        by_day.setdefault(zones.local(slot.starts, zone).date(), []).append(slot)
    return by_day


def _wall(at: float, now: float, zone: str) -> str:
    local, today = zones.local(at, zone), zones.local(now, zone)
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def _until(window: Once, now: float, zone: str) -> str:
    starts, ends = zones.local(window.starts, zone), zones.local(window.ends, zone)
    return f"{ends:%H:%M}" if starts.date() == ends.date() else _wall(window.ends, now, zone)


def _lasting(minutes: int) -> str:
    return _span(minutes * 60.0)


def _span(seconds: float) -> str:
    """Return a length of time exactly, in the units that come to it: `1 h 30 min`."""
    parts, left = [], round(seconds)
    for size, unit in ((int(DAY), "d"), (3_600, "h"), (60, "min"), (1, "s")):
        n, left = divmod(left, size)
        if n:
            parts.append(f"{n} {unit}")
    return " ".join(parts) or "0 s"
