"""What came and what became of it, counted in memory until the other side stores it."""

import re
import threading
from collections.abc import Sequence

import msgspec

from vedette.core.clock import utc_day
from vedette.wire.items import ITEM_TYPES

MOST_ROWS = 10_000
MOST_STRANGERS = 200
OTHER = "other"
_DAY = 86_400


class UsageRow(msgspec.Struct, frozen=True):
    """Items of a type that met with an outcome in a project on a UTC day (`YYYY-MM-DD`)."""

    day: str
    project: int
    item_type: str
    outcome: str
    count: int


_Key = tuple[int, int, str, str]
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class MemoryUsage:
    """Counts by day, project, item type and outcome; safe from any thread.

    `drain` hands over what came since the last drain. Clients may invent item types: the first
    `MOST_STRANGERS` a day keep their names, the rest (and all types beyond `MOST_ROWS` counts between two
    drains) are counted as `other`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[_Key, int] = {}
        self._accepted: dict[int, int] = {}
        self._day = 0
        self._strangers: set[str] = set()

    def count(self, project: int, item_type: str, outcome: str, n: int, now: float) -> None:
        """Count `n` items of a type that met with an outcome at `now`."""
        day = int(now // _DAY)
        with self._lock:
            if day > self._day:
                self._turn(day)
            name = item_type if item_type in ITEM_TYPES else self._stranger(item_type)
            key = (day, project, name, outcome)
            if key not in self._counts and len(self._counts) >= MOST_ROWS:
                key = (day, project, OTHER, outcome)
            self._counts[key] = self._counts.get(key, 0) + n
            if outcome == "accepted" and item_type == "event" and day == self._day:
                self._accepted[project] = self._accepted.get(project, 0) + n

    def today(self, project: int, now: float) -> int:
        """Return the error events accepted for a project on the UTC day of `now`."""
        with self._lock:
            return self._accepted.get(project, 0) if int(now // _DAY) == self._day else 0

    def seed(self, accepted: dict[int, int], now: float) -> None:
        """Begin the UTC day of `now` with the events each project has had before a restart."""
        with self._lock:
            if int(now // _DAY) > self._day:
                self._turn(int(now // _DAY))
            for project, n in accepted.items():
                self._accepted[project] = self._accepted.get(project, 0) + n

    def drain(self) -> Sequence[UsageRow]:
        """Return and forget what was counted since the last drain."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return [
            UsageRow(utc_day(day * _DAY), project, item_type, outcome, n)
            for (day, project, item_type, outcome), n in counts.items()
        ]

    def _turn(self, day: int) -> None:
        self._day = day
        self._accepted = {}
        self._strangers = set()

    def _stranger(self, name: str) -> str:
        if name in self._strangers:
            return name
        if len(self._strangers) >= MOST_STRANGERS or not _NAME.fullmatch(name):
            return OTHER
        self._strangers.add(name)
        return name
