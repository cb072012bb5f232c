"""When is worked on what? Maintenances in words, and day by day. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from vedette.monitors import cron, zones
from vedette.monitors.maintenance import cron_of
from vedette.monitors.types import DAY, Cron, Every, Maintenance, Once, Schedule, Weekly

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_TIMES = 100  # of one maintenance in a calendar


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


def slots(window: Maintenance, key: str, start: float, end: float) -> Iterator[Slot]:
    """Yield the times of a maintenance that touch `start` to `end`, at most a hundred."""
    if isinstance(window, Once):
        if window.starts < end and window.ends > start:
            yield Slot(window.starts, window.ends, key)
        return
    lasts = window.minutes * 60.0
    at: float | None = start - lasts
    for _ in range(MOST_TIMES):
        at = cron.next_after(cron_of(window), window.zone, at or 0.0).at
        if at is None or at >= end:
            return
        yield Slot(at, at + lasts, key)


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
