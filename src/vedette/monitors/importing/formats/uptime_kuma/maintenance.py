"""Uptime Kuma's maintenances: once, by weekday, by day of the month, by interval, by cron."""

import datetime
import re

import msgspec

from vedette.core import zones
from vedette.monitors.ascode.timing import DAYS
from vedette.monitors.ascode.written import MaintenanceText
from vedette.monitors.importing.fields import Fields
from vedette.wire.ascode import lengths

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?(?:\.\d+)?")
_SEEN = ("id", "user_id", "description", "last_start_date", "created_date")


def window(said: Fields) -> MaintenanceText | None:
    """Return a maintenance; None where it cannot be carried, which is reported."""
    strategy, why = said.text("strategy", "single"), said.text("title")
    said.skip(*_SEEN)
    zone = _zone(said)
    if not said.truth("active", default=True):
        said.drop("Not carried: it is switched off.")
        return None
    made = _once(said, zone) if strategy == "single" else _again(said, strategy)
    if made is None:
        said.drop(f"Not carried: Vedette has no maintenance like this one ({strategy[:30]}).")
        return None
    said.lose("A maintenance that comes again has no first and no last day.", "start_date", "end_date")
    said.skip("start_time", "end_time", "weekdays", "days_of_month", "interval_day", "cron", "duration")
    said.done()
    return msgspec.structs.replace(made, why=why, zone=zone)


def _zone(said: Fields) -> str:
    zone = said.text("timezone", "UTC")
    if not zones.problem(zone):
        return zone
    said.leave("The zone of Uptime Kuma's server is not in its database; it is UTC now.", "timezone")
    return "UTC"


def _once(said: Fields, zone: str) -> MaintenanceText | None:
    starts, ends = _instant(said.text("start_date"), zone), _instant(said.text("end_date"), zone)
    return None if starts is None or ends is None else MaintenanceText(starts=starts, ends=ends)


def _instant(text: str, zone: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zones.zone(zone))


def _again(said: Fields, strategy: str) -> MaintenanceText | None:
    begins = said.text("start_time")
    start, minutes = _start(begins), _minutes(said, begins)
    if strategy == "cron" and minutes:
        return MaintenanceText(cron=said.text("cron"), length=_length(minutes))
    if start is None or not minutes:
        return None
    if strategy == "recurring-weekday":
        days = tuple(DAYS[(int(day) - 1) % 7] for day in _list(said.text("weekdays")) if day in "0123456")
        return MaintenanceText(days=days, start=start, length=_length(minutes)) if days else None
    if strategy == "recurring-interval" and said.number("interval_day", 1.0) == 1:
        return MaintenanceText(days=DAYS, start=start, length=_length(minutes))
    days_of_month = _list(said.text("days_of_month"))
    if strategy == "recurring-day-of-month" and days_of_month and all(day.isdigit() for day in days_of_month):
        hour, minute = start.split(":")
        return MaintenanceText(
            cron=f"{int(minute)} {int(hour)} {','.join(days_of_month)} * *", length=_length(minutes)
        )
    return None


def _start(text: str) -> str | None:
    found = _CLOCK.fullmatch(text.strip())
    return None if found is None else f"{int(found[1]):02}:{found[2]}"


def _minutes(said: Fields, begins: str) -> int:
    """Return how long it takes, of its duration in seconds, else of when it begins and ends on the clock."""
    duration = int(said.number("duration")) // 60
    start, end = _start(begins), _start(said.text("end_time"))
    return duration or (0 if start is None or end is None else (_of_day(end) - _of_day(start)) % 1_440)


def _of_day(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _length(minutes: int) -> str:
    return lengths.written(minutes * 60.0)


def _list(text: str) -> list[str]:
    try:
        found = msgspec.json.decode(text, type=list[int | str])
    except msgspec.DecodeError:
        return []
    return [str(each) for each in found]
