"""Whether an issue that is muted until it escalates does so, and why. Pure.

What it is used to is learned once, when it is muted: the median, over the last seven days, of each day's busiest hour.
So neither a flood of one day nor a nightly run misleads it. It is never less than the hour before: who mutes has seen
that one. It escalates once an hour has clearly more: twice as many, and `FLOOR` more.
"""

import statistics
from collections.abc import Sequence

import msgspec

DAYS = 7
HOURS = DAYS * 24  # how many whole hours the forecast wants
TIMES = 2
FLOOR = 10
_DAY = 24


class Verdict(msgspec.Struct, frozen=True):
    """Whether it escalates, and why."""

    escalates: bool
    reason: str


def usual(hours: Sequence[int], last_hour: int) -> int:
    """Return the most events an hour an issue is used to.

    `hours` are the events of the whole hours it is known for, at most `HOURS`, oldest first; `last_hour` are those of
    the last 60 minutes.
    """
    peaks = [max(hours[max(0, end - _DAY) : end]) for end in range(len(hours), 0, -_DAY)]
    return max(last_hour, statistics.median_high(peaks) if peaks else 0)


def most(usual: int) -> int:
    """Return the most events an hour that do not yet count as an escalation."""
    return max(usual * TIMES, usual + FLOOR)


def decide(usual: int, last_hour: int) -> Verdict:
    """Decide by the events of the last hour."""
    said = f"{_events(last_hour)} in the last hour; it usually has at most {usual:,}."
    return Verdict(last_hour > most(usual), said)


def _events(n: int) -> str:
    return "1 event" if n == 1 else f"{n:,} events"
