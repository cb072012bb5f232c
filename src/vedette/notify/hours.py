"""A person's quiet hours by the wall clock of their zone: do they hold, and until when? Pure."""

import datetime as dt

from vedette.core import zones
from vedette.notify.types import QuietHours

_DAY = dt.timedelta(days=1)


def until(hours: QuietHours, now: float) -> float | None:
    """Return the instant at which the quiet hours that hold now end, None when none do.

    They are of the day on which they begin; an end at or before the beginning is the next day's.
    """
    today = zones.local(now, hours.zone).date()
    for day in (today, today - _DAY):
        if day.weekday() in hours.days:
            last = day if hours.end > hours.start else day + _DAY
            start = zones.first(day.toordinal(), hours.start, hours.zone)
            end = zones.last(last.toordinal(), hours.end, hours.zone)
            if start <= now < end:
                return end
    return None


def problems(hours: QuietHours) -> dict[str, str]:
    """Return what is wrong with quiet hours, by the field of the preferences."""
    if not zones.WALL.fullmatch(hours.start) or not zones.WALL.fullmatch(hours.end):
        return {"hours": "From and to are times such as 22:00 and 07:00."}
    if hours.start == hours.end:
        return {"hours": "From and to are the same time."}
    if not hours.days or not set(hours.days) <= set(range(7)):
        return {"hours": "At least one day, 0 (Monday) to 6 (Sunday)."}
    wrong = zones.problem(hours.zone)
    return {"hours": wrong} if wrong else {}
