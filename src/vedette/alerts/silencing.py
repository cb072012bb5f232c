"""Is an alert silenced, and until when? Pure.

A silence holds from `starts` to `ends`; one that ended never comes back. A recurring one holds again every day
or on some days of the week, between two wall times in a zone, from `starts` to `ends` of the whole.
"""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping

import msgspec

from vedette.alerts import matching
from vedette.alerts.matching import Matcher
from vedette.core import zones
from vedette.core.clock import iso

DAY = dt.timedelta(days=1)


class SilenceState(enum.StrEnum):
    """Where a silence is in its life."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """Every week on `days` (0 is Monday), from `start` for `minutes`, by the wall clock of `zone`.

    `start` is `HH:MM`; where clocks change the rule of `core.zones` holds.
    """

    days: tuple[int, ...]
    start: str
    minutes: int
    zone: str = "UTC"


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept quiet, from when to when, by whom and why; `source` is the file it is written in. Instants are seconds, UTC."""

    id: str
    matchers: tuple[Matcher, ...]
    starts: float
    ends: float
    author: str
    comment: str
    updated_at: float
    recurrence: Recurrence | None = None
    source: str = ""


class Quiet(msgspec.Struct, frozen=True):
    """That an alert is kept quiet: by which silence, until when, and in words."""

    silence: str
    until: float
    reason: str


def state(silence: Silence, now: float) -> SilenceState:
    """Return where a silence is in its life; a recurring one is pending between its windows."""
    if silence.ends <= now:
        return SilenceState.EXPIRED
    return SilenceState.PENDING if window(silence, now) is None else SilenceState.ACTIVE


def window(silence: Silence, now: float) -> tuple[float, float] | None:
    """Return start and end of the time of quiet that `now` lies in, None when there is none."""
    if not silence.starts <= now < silence.ends:
        return None
    if silence.recurrence is None:
        return silence.starts, silence.ends
    return _recurring(silence.recurrence, now, silence.ends)


def quiet(silences: Iterable[Silence], labels: Mapping[str, str], now: float) -> Quiet | None:
    """Return what keeps an alert of these labels quiet, the silence that lasts longest; None when nothing does."""
    longest: Quiet | None = None
    for silence in silences:
        found = window(silence, now)
        if found is None or not matching.matches(silence.matchers, labels):
            continue
        if longest is None or found[1] > longest.until:
            longest = Quiet(silence.id, found[1], _reason(silence, found[1]))
    return longest


def holding(silences: Iterable[Silence], labels: Mapping[str, str], now: float) -> tuple[str, ...]:
    """Return the ids of all silences that keep an alert of these labels quiet now."""
    there = (each for each in silences if window(each, now) is not None)
    return tuple(each.id for each in there if matching.matches(each.matchers, labels))


def _recurring(rule: Recurrence, now: float, end: float) -> tuple[float, float] | None:
    today = zones.local(now, rule.zone).date()
    back = rule.minutes // 1_440 + 1
    for date in (today - DAY * n for n in range(back + 1)):
        if date.weekday() in rule.days:
            started = zones.first(date.toordinal(), rule.start, rule.zone)
            if started <= now < started + rule.minutes * 60.0:
                return started, min(end, started + rule.minutes * 60.0)
    return None


def _reason(silence: Silence, until: float) -> str:
    why = f": {silence.comment}" if silence.comment else ""
    return f"{silence.author or 'Somebody'} silenced it until {iso(until)}{why}"
