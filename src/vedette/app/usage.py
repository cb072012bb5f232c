"""Carries what the front door counted into projects, and keeps the sums since the process started for `/metrics`."""

import threading
from collections import Counter

from vedette.app.keyring import SnapshotKeyRing
from vedette.core.clock import Clock, utc_day
from vedette.intake.usage import MemoryUsage
from vedette.projects import service as projects
from vedette.projects.types import UsageCount


class UsageCarrier:
    """Drains `usage` into core.db; rows of a failed write wait for the next drain, so no count is lost or doubled."""

    def __init__(self, usage: MemoryUsage, keyring: SnapshotKeyRing, clock: Clock) -> None:
        self._usage, self._keyring, self._clock = usage, keyring, clock
        self._lock = threading.Lock()
        self._waiting: list[UsageCount] = []
        self._since_start: Counter[tuple[str, str]] = Counter()

    def seed(self) -> None:
        """Tell the front door what each project had today before this process started."""
        now = self._clock.now()
        rows = projects.usage(None, utc_day(now))
        had: Counter[int] = Counter()
        for row in rows:
            if row.outcome == "accepted" and row.item_type == "event":
                had[row.project] += row.count
        self._usage.seed(dict(had), now)

    def drain(self) -> None:
        """Store what was counted and which keys were used since the last call."""
        with self._lock:
            self._take()
            projects.add_usage(self._waiting)
            self._waiting = []
        now = self._clock.now()
        projects.touch_keys(dict.fromkeys(self._keyring.take_used(), now))

    def since_start(self) -> dict[tuple[str, str], int]:
        """Return items by (type, outcome) since the process started."""
        with self._lock:
            self._take()
            return dict(self._since_start)

    def _take(self) -> None:
        for row in self._usage.drain():
            self._waiting.append(UsageCount(row.project, row.day, row.item_type, row.outcome, row.count))
            self._since_start[row.item_type, row.outcome] += row.count
