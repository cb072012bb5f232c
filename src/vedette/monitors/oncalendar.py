"""When does a systemd timer elapse next? Pure.

Expressions as `man 7 systemd.time` tells of them ("Calendar events"), one a line, each with a zone of its own at its
end or in the monitor's. The calendar is that of `oncalendar`; `tests/unit/monitors/test_oncalendar.py` has it agree
with `systemd-analyze calendar`. Not taken: fractions of a second, and `@1395716396`, which is one instant.
"""

import datetime as dt
import re
from collections.abc import Iterator

from oncalendar import OnCalendarError, TzIterator

from vedette.core import zones
from vedette.monitors.types import Time

LONGEST, MOST_LINES = 400, 10
# A range of one value with a step is that value; the library would count on from it.
_ONE = re.compile(r"\b(\d+)\.\.0*\1/\d+(?![\d.])")
NEVER = "names no time that is yet to come"


def problem(expression: str, zone: str = "UTC", now: float = 0.0) -> str:
    """Return what is wrong with an expression or its zone; empty when it can be used. One that is over names no time."""
    if len(expression) > LONGEST or len(_lines(expression)) > MOST_LINES:
        return f"An OnCalendar expression has at most {LONGEST} characters and {MOST_LINES} lines."
    if wrong := zones.problem(zone):
        return wrong
    try:
        found = next_after(expression, zone, now)
    except ValueError as error:
        return str(error)
    return "" if found.at is not None else f"{expression.strip()!r} {NEVER}."


def next_after(expression: str, zone: str, after: float) -> Time:
    """Return the first time after an instant; raises `ValueError` for what `problem` refuses."""
    start = zones.local(after, zone)
    lines = _lines(expression)
    if not lines:
        raise ValueError("The OnCalendar expression is empty: write one such as Mon..Fri 04:00.")
    found = [time for line in lines if (time := _first(line, start)) is not None]
    if not found:
        return Time(None, f"{expression.strip()} {NEVER}.")
    first = min(found)
    text = "; ".join(lines)
    return Time(first.timestamp(), f"{text} is next at {first:%Y-%m-%d %H:%M:%S} in {zone}.")


def _lines(expression: str) -> list[str]:
    return [text for line in expression.splitlines() if (text := line.strip())]


def _first(line: str, after: dt.datetime) -> dt.datetime | None:
    """Return the first time after; in an hour that comes twice the calendar may name one that is over."""
    try:
        return next((time for time in _times(line, after) if time.timestamp() > after.timestamp()), None)
    except (OnCalendarError, OSError) as error:  # OSError: a zone that is a folder
        raise ValueError(f"{line!r} is no OnCalendar expression: {_said(error)}") from error


def _times(line: str, after: dt.datetime) -> Iterator[dt.datetime]:
    calendar = TzIterator(_ONE.sub(r"\1", line), after)
    while True:
        try:
            yield next(calendar)
        except StopIteration:
            return


def _said(error: Exception) -> str:
    text = str(error)
    return f"its {text.removeprefix('Bad ')} cannot be read." if text.startswith("Bad ") else f"{text}."
