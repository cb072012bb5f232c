"""Is a monitor being worked on, and until when? Pure. The wall clock of the window's zone decides, also where it changes."""

import re
from collections.abc import Iterable

import msgspec

from vedette.core import zones
from vedette.monitors import cron
from vedette.monitors.types import ByCron, Maintenance, Once, Weekly

LONGEST_MINUTES = 7 * 24 * 60
_LAST = 253_402_300_799.0
_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Hush(msgspec.Struct, frozen=True):
    """That a maintenance holds: until when at the earliest, and in words."""

    until: float
    reason: str


class Span(msgspec.Struct, frozen=True, order=True):
    """A time from one instant to another."""

    starts: float
    ends: float


def in_force(windows: Iterable[Maintenance], now: float) -> Hush | None:
    """Return the maintenance that holds at an instant, the one that lasts longest; None when there is none."""
    found = [hush for window in windows if (hush := _hush(window, now)) is not None]
    return max(found, key=lambda hush: hush.until, default=None)


def coming(windows: Iterable[Maintenance], now: float, until: float) -> tuple[Span, ...]:
    """Return the next time of each maintenance that begins after `now` and before `until`, in order."""
    found = (_next(window, now) for window in windows)
    return tuple(sorted({span for span in found if span is not None and span.starts < until}))


def problem(window: Maintenance) -> str:
    """Return what is wrong with a maintenance; empty when it can be used."""
    if isinstance(window, Once):
        fits = 0 <= window.starts < window.ends <= _LAST
        return "" if fits else "A maintenance ends after it begins, and before the year 10000."
    if not 1 <= window.minutes <= LONGEST_MINUTES:
        return f"A maintenance takes from 1 to {LONGEST_MINUTES} minutes."
    if isinstance(window, ByCron):
        return cron.problem(window.expression, window.zone)
    if _WALL.fullmatch(window.start) is None:
        return "A maintenance begins at hours and minutes: 22:00."
    if not window.days or any(not 0 <= day <= 6 for day in window.days):
        return "Choose the days on which it begins, from 0 (Monday) to 6 (Sunday)."
    return zones.problem(window.zone)


def _hush(window: Maintenance, now: float) -> Hush | None:
    if isinstance(window, Once):
        return Hush(window.ends, _reason(window)) if window.starts <= now < window.ends else None
    lasts = window.minutes * 60.0
    began = cron.next_after(cron_of(window), window.zone, now - lasts).at
    # The first beginning in the time that a window lasts: a later one may make it last longer, seen when it has come.
    return Hush(began + lasts, _reason(window)) if began is not None and began <= now else None


def _next(window: Maintenance, now: float) -> Span | None:
    if isinstance(window, Once):
        return Span(window.starts, window.ends) if window.starts > now else None
    began = cron.next_after(cron_of(window), window.zone, now).at
    return None if began is None else Span(began, began + window.minutes * 60.0)


def cron_of(window: Weekly | ByCron) -> str:
    """Return the cron expression by which a maintenance begins."""
    if isinstance(window, ByCron):
        return window.expression
    hour, minute = (int(part) for part in window.start.split(":"))
    return f"{minute} {hour} * * {','.join(str((day + 1) % 7) for day in window.days)}"


def _reason(window: Maintenance) -> str:
    return f"It is being worked on: {window.why}" if window.why else "It is being worked on."
