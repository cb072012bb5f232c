"""When is a heartbeat due next by cron? Pure; the calendar is `wire.cron`'s."""

from vedette.core import zones
from vedette.monitors.types import Time
from vedette.wire.cron import LONGEST, NICKNAMES, back, following, problem, times

__all__ = ["LONGEST", "NICKNAMES", "back", "next_after", "problem", "times"]


def next_after(expression: str, zone: str, after: float) -> Time:
    """Return the first time after an instant; raises `ValueError` for what `problem` refuses."""
    at = following(expression, zone, after)
    if at is None:
        return Time(None, f"{expression.strip()} names no day that ever comes.")
    return Time(at, f"{expression.strip()} is next at {zones.local(at, zone):%Y-%m-%d %H:%M} in {zone}.")
