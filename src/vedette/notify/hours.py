"""A person's quiet hours by the wall clock of their zone: do they hold, and until when? Pure."""

import datetime as dt
import re
import zoneinfo

from vedette.notify.types import QuietHours

_DAY = dt.timedelta(days=1)
_WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def until(hours: QuietHours, now: float) -> float | None:
    """Return the instant at which the quiet hours that hold now end, None when none do.

    They are of the day on which they begin; an end at or before the beginning is the next day's. A wall time the clock skips
    is the instant at which it goes on.
    """
    zone = zoneinfo.ZoneInfo(hours.zone)
    today = dt.datetime.fromtimestamp(now, zone).date()
    for day in (today, today - _DAY):
        if day.weekday() in hours.days:
            last = day if hours.end > hours.start else day + _DAY
            start, end = _instant(day, hours.start, zone), _instant(last, hours.end, zone)
            if start <= now < end:
                return end
    return None


def problems(hours: QuietHours) -> dict[str, str]:
    """Return what is wrong with quiet hours, by the field of the preferences."""
    if not _WALL.fullmatch(hours.start) or not _WALL.fullmatch(hours.end):
        return {"hours": "From and to are times such as 22:00 and 07:00."}
    if hours.start == hours.end:
        return {"hours": "From and to are the same time."}
    if not hours.days or not set(hours.days) <= set(range(7)):
        return {"hours": "At least one day, 0 (Monday) to 6 (Sunday)."}
    if hours.zone not in zoneinfo.available_timezones():
        return {"hours": f"There is no time zone {hours.zone!r}; one is named such as Europe/Berlin."}
    return {}


def _instant(day: dt.date, wall: str, zone: zoneinfo.ZoneInfo) -> float:
    hour, minute = (int(part) for part in wall.split(":"))
    return dt.datetime.combine(day, dt.time(hour, minute), zone).timestamp()
