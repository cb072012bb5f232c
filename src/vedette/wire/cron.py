"""When does cron run it next? Pure.

Five fields as Debian's cron reads them (`man 5 crontab`), with names (`MON`, `JAN`), ranges, lists and steps; beside
these `L` (the last day of the month; `5L` the last Friday), `LW` (its last weekday) and `5#2` (the second Friday), and
the nicknames of `man 5 crontab` but `@reboot`. `15W` (the nearest weekday) is no cron and refused. The calendar is that
of `cronsim`, which keeps Debian's rules where the clock changes: what is due in an hour that is skipped runs when the
clock goes on, what is due in an hour that comes twice runs once; with `*` in hour or minute it follows real time.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from itertools import islice

from cronsim import CronSim, CronSimError

from vedette.core import zones

LONGEST = 200
_FIELDS = 5
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def problem(expression: str, zone: str = "UTC") -> str:
    """Return what is wrong with an expression or its zone; empty when it can be used."""
    if len(expression) > LONGEST:
        return f"A cron expression has at most {LONGEST} characters."
    if expression.strip().lower() == "@reboot":
        return "@reboot names no time: nothing could be missed at it."
    if wrong := zones.problem(zone):
        return wrong
    try:
        found = _first(expression, zones.local(0.0, zone))
    except CronSimError as error:
        return f"{expression.strip()!r} is no cron expression: {_said(error)}"
    return "" if found else f"{expression.strip()!r} names no day that ever comes."


def following(expression: str, zone: str, after: float) -> float | None:
    """Return the first time after an instant, None where none comes; raises `ValueError` for what `problem` refuses."""
    try:
        found = _first(expression, zones.local(after, zone))
    except (CronSimError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise ValueError(f"{expression!r} in {zone}: {error}") from error
    return None if found is None else found.timestamp()


def times(expression: str, zone: str, after: float) -> Iterator[float]:
    """Yield the times after an instant, in order, for expressions without a problem."""
    for time in CronSim(_text(expression), zones.local(after, zone)):
        if time.timestamp() > after:  # in an hour that comes twice the calendar may name one that is over
            after = time.timestamp()
            yield after


def back(expression: str, zone: str, before: float, n: int) -> float:
    """Return an instant after which come about the last `n` times before another; more where an hour came twice."""
    found = before
    for time in islice(CronSim(_text(expression), zones.local(before, zone), reverse=True), n):
        found = time.timestamp()
    return found - 1.0


def _first(expression: str, after: dt.datetime) -> dt.datetime | None:
    """Return the first time after; in an hour that comes twice the calendar may name one that is over."""
    times = CronSim(_text(expression), after)
    return next((time for time in times if time.timestamp() > after.timestamp()), None)


def _text(expression: str) -> str:
    text = NICKNAMES.get(expression.strip().lower(), expression)
    if len(text.split()) != _FIELDS:  # the calendar would take a sixth, for seconds
        raise CronSimError("Wrong number of fields")
    return text


def _said(error: CronSimError) -> str:
    text = str(error)
    if text.startswith("Bad "):
        return f"the field {text.removeprefix('Bad ')} cannot be read."
    return "it has five fields: minute, hour, day of the month, month, day of the week."
