"""How long is it quiet? Pure: the spans a person chooses from, by their own wall clock."""

import datetime as dt
import enum

from vedette.alerts.silencing import Recurrence
from vedette.core import zones

HOUR = 3_600.0
MORNING = dt.time(8)
FOREVER = 10 * 365 * 86_400.0  # a weekly silence without an end: ten years
LONGEST_WINDOW = 7 * 24 * 60


class Span(enum.StrEnum):
    """The spans of the form."""

    HOUR = "1h"
    HOURS = "4h"
    MORNING = "morning"
    UNTIL = "until"
    WEEKLY = "weekly"


def end(span: Span, starts: float, until: float | None, zone: dt.tzinfo) -> float | None:
    """Return the instant at which a silence that starts at `starts` ends; None when `until` is missing."""
    if span is Span.HOUR:
        return starts + HOUR
    if span is Span.HOURS:
        return starts + 4 * HOUR
    if span is Span.MORNING:
        return morning(starts, zone)
    return starts + FOREVER if until is None and span is Span.WEEKLY else until


def morning(now: float, zone: dt.tzinfo) -> float:
    """Return the instant of tomorrow's 8:00 in a zone; before 4:00 the night is not over, and it is today's."""
    local = dt.datetime.fromtimestamp(now, zone)
    day = local.date() + dt.timedelta(days=local.hour >= 4)
    return dt.datetime.combine(day, MORNING, zone).timestamp()


def instant(text: str, zone: dt.tzinfo) -> float | None:
    """Return the instant of a wall time as browsers write it (`2026-11-25T08:00`), None for one that is none."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        return None


def of_recurrence(rule: Recurrence) -> dict[str, str]:
    """Return what is wrong with each field of a recurrence; empty when it is fit."""
    wrong = {}
    if not rule.days or any(not 0 <= day <= 6 for day in rule.days):
        wrong["days"] = "Choose the days on which it begins, from 0 (Monday) to 6 (Sunday)."
    if zones.WALL.fullmatch(rule.start) is None:
        wrong["start"] = "When it begins, as hours and minutes: 22:00."
    if not 1 <= rule.minutes <= LONGEST_WINDOW:
        wrong["minutes"] = f"From 1 minute to {LONGEST_WINDOW} (a week)."
    if unknown := zones.problem(rule.zone):
        wrong["zone"] = unknown
    return wrong
