"""When is the next time of a schedule? Pure."""

from vedette.monitors import cron, oncalendar
from vedette.monitors.types import Cron, Every, Schedule, Time

SHORTEST, LONGEST = 10.0, 366 * 86_400.0
_EARLY, _EARLY_SHARE = 90.0, 0.25


def problem(schedule: Schedule, now: float) -> str:
    """Return what is wrong with a schedule; empty when it can be used."""
    if isinstance(schedule, Every):
        fits = SHORTEST <= schedule.seconds <= LONGEST
        return "" if fits else f"From {SHORTEST:.0f} seconds to {LONGEST / 86_400:.0f} days."
    if isinstance(schedule, Cron):
        return cron.problem(schedule.expression, schedule.zone)
    return oncalendar.problem(schedule.expression, schedule.zone, now)


def next_after(schedule: Schedule, after: float) -> Time:
    """Return the first time after an instant: one period later, or the calendar's next in its zone, as an instant of UTC."""
    if isinstance(schedule, Every):
        return Time(after + schedule.seconds, f"It comes every {schedule.seconds:g} s.")
    if isinstance(schedule, Cron):
        return cron.next_after(schedule.expression, schedule.zone, after)
    return oncalendar.next_after(schedule.expression, schedule.zone, after)


def expected_after(schedule: Schedule, heard: float) -> Time:
    """Return when the next sign of life is expected after one that was heard.

    A sign that comes shortly before a time of the calendar is that time's: a client whose clock is a minute fast has
    missed nothing. Shortly is 90 seconds, but no more than a quarter of the way to the time after it.
    """
    first = next_after(schedule, heard)
    if isinstance(schedule, Every) or first.at is None or first.at - heard > _EARLY:
        return first
    second = next_after(schedule, first.at)
    if second.at is None:
        return second
    early = min(_EARLY, (second.at - first.at) * _EARLY_SHARE)
    return second if first.at - heard <= early else first
