"""Rhythms, tolerance, objectives and maintenances, from what files say and back. Pure."""

import datetime
from collections.abc import Sequence

from vedette.core.errors import Invalid
from vedette.monitors.ascode.written import (
    MaintenanceText,
    MonitorText,
    ObjectiveText,
    Span,
    ToleranceText,
    seconds,
    span,
)
from vedette.monitors.types import (
    ByCron,
    Cron,
    Every,
    Maintenance,
    Objective,
    OnCalendar,
    Once,
    Rhythm,
    Schedule,
    Tolerance,
    Weekly,
)
from vedette.wire.ascode import lengths

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SCHEDULES = ("every", "cron", "on_calendar")


def rhythm(text: MonitorText) -> Rhythm | None:
    """Return the rhythm of a heartbeat, None for what is none; raises `Invalid` by field."""
    named = [name for name in SCHEDULES if getattr(text, name) not in {None, ""}]
    if not named:
        return None
    if len(named) > 1:
        raise Invalid(f"One of {', '.join(SCHEDULES)} says when it is due.", {named[1]: "a second schedule"})
    if text.grace is None:
        raise Invalid('Say how late it may be: grace = "1h".', {"grace": "missing"})
    longest = None if text.longest is None else _seconds(text.longest, "longest")
    return Rhythm(schedule=_schedule(text), grace=_seconds(text.grace, "grace"), longest=longest)


def _schedule(text: MonitorText) -> Schedule:
    if text.every is not None:
        return Every(seconds=_seconds(text.every, "every"))
    if text.cron:
        return Cron(expression=text.cron, zone=text.zone)
    return OnCalendar(expression=text.on_calendar, zone=text.zone)


def rhythm_keys(found: Rhythm) -> dict[str, object]:
    """Return a rhythm as keys of a file."""
    keys: dict[str, object] = {"grace": span(found.grace)}
    if found.longest is not None:
        keys["longest"] = span(found.longest)
    match found.schedule:
        case Every(seconds=each):
            return keys | {"every": span(each)}
        case Cron(expression=expression, zone=zone):
            return keys | {"cron": expression, "zone": zone}
        case OnCalendar(expression=expression, zone=zone):
            return keys | {"on_calendar": expression, "zone": zone}


def tolerance(text: ToleranceText) -> Tolerance:
    """Return what is borne; raises `Invalid`."""
    return Tolerance(
        failures=text.failures, successes=text.successes, slow=text.slow,
        retry=_seconds(text.retry, "tolerance"), window=_seconds(text.window, "tolerance"),
    )  # fmt: skip


def tolerance_text(found: Tolerance) -> ToleranceText:
    """Return what is borne as a file says it."""
    return ToleranceText(
        failures=found.failures, successes=found.successes, slow=found.slow,
        retry=_kept(found.retry), window=_kept(found.window),
    )  # fmt: skip


def _kept(found: float) -> Span:
    """Return seconds as a file says them, as they are where that is the usual value, so that it is left out."""
    usual = Tolerance()
    return found if found in {usual.retry, usual.window} else span(found)


def objective(text: ObjectiveText) -> Objective:
    """Return an objective."""
    return Objective(target=text.target, days=text.days)


def objective_text(found: Objective) -> ObjectiveText:
    """Return an objective as a file says it."""
    return ObjectiveText(target=found.target, days=found.days)


def maintenances(texts: Sequence[MaintenanceText]) -> tuple[Maintenance, ...]:
    """Return maintenances; raises `Invalid` that names the one that is none of the three ways, or cannot be."""
    found = []
    for n, text in enumerate(texts):
        try:
            found.append(_maintenance(text))
        except Invalid as error:
            raise Invalid(str(error), {f"maintenance.{n}": str(error)}) from None
    return tuple(found)


def _maintenance(text: MaintenanceText) -> Maintenance:
    once, weekly, by_cron = bool(text.starts or text.ends), bool(text.days or text.start), bool(text.cron)
    if once + weekly + by_cron != 1:
        raise _wrong("A maintenance has starts and ends, or days, start and length, or cron and length.")
    if once:
        return Once(starts=_instant(text.starts), ends=_instant(text.ends), why=text.why)
    if text.length is None:
        raise _wrong('Say how long the maintenance takes: length = "2h".')
    minutes = int(_seconds(text.length, "maintenance") // 60)
    if by_cron:
        return ByCron(expression=text.cron, minutes=minutes, zone=text.zone, why=text.why)
    unknown = next((day for day in text.days if day not in DAYS), None)
    if unknown is not None:
        raise _wrong(f"{unknown!r} is no day; write {', '.join(DAYS)}.")
    days = tuple(DAYS.index(day) for day in text.days or DAYS)
    return Weekly(days=days, start=text.start or "00:00", minutes=minutes, zone=text.zone, why=text.why)


def maintenance_text(found: Maintenance) -> MaintenanceText:
    """Return a maintenance as a file says it."""
    match found:
        case Once(starts=starts, ends=ends, why=why):
            return MaintenanceText(starts=_moment(starts), ends=_moment(ends), why=why)
        case Weekly(days=days, start=start, minutes=minutes, zone=zone, why=why):
            named = tuple(DAYS[day] for day in days)
            return MaintenanceText(days=named, start=start, length=_length(minutes), zone=zone, why=why)
        case ByCron(expression=expression, minutes=minutes, zone=zone, why=why):
            return MaintenanceText(cron=expression, length=_length(minutes), zone=zone, why=why)


def _length(minutes: int) -> str:
    return lengths.written(minutes * 60.0)


def _moment(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC)


def _instant(moment: datetime.datetime | None) -> float:
    if moment is None:
        raise _wrong("A maintenance that has starts has ends, and the other way round.")
    if moment.tzinfo is None:
        raise _wrong("Say in which zone: 2026-11-30T02:00:00Z, or +01:00 instead of Z.")
    return moment.timestamp()


def _seconds(found: Span, field: str) -> float:
    try:
        return seconds(found)
    except Invalid as error:
        raise Invalid(str(error), {field: str(error)}) from None


def _wrong(text: str) -> Invalid:
    return Invalid(text, {"maintenance": text})
