"""Reports that wait to be sent: bounded by count and bytes, the oldest dropped and counted."""

from __future__ import annotations

import threading
from collections import Counter, deque

from vedette_guard.decisions.detections import Detection
from vedette_guard.decisions.failures import Failure

Report = Detection | Failure
FOLDING = 60.0  # what repeats within so many seconds is one report


class Backlog:
    """A queue that any thread adds to, and one takes from. Nothing here waits for anything but other threads' few lines."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self.clear()

    def clear(self) -> None:
        """Forget everything, also who holds the lock."""
        # Reentrant: a report may be made while garbage is collected in the middle of these lines.
        self._lock = threading.RLock()
        self._waiting: deque[Report] = deque()
        self._foldable: dict[object, Report] = {}
        self._lost: Counter[str] = Counter()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """Return about how many bytes wait."""
        return self._bytes

    def add(self, report: Report) -> None:
        """Let a report wait, or count it with one that waits and says the same."""
        key = report.key
        with self._lock:
            same = self._foldable.get(key)
            if same is not None and report.last - same.first < FOLDING:
                same.times += 1
                same.last = report.last
                return
            self._waiting.append(report)
            self._foldable[key] = report
            self._bytes += report.size
            self._shrink()

    def _shrink(self) -> None:
        while self._waiting and (len(self._waiting) > self._most or self._bytes > self._most_bytes):
            self._lose(self._pop())

    def _pop(self) -> Report:
        report = self._waiting.popleft()
        self._bytes -= report.size
        if self._foldable.get(report.key) is report:
            del self._foldable[report.key]
        return report

    def _lose(self, report: Report) -> None:
        self._lost[report.kind] += report.times

    def take(self, most: int) -> list[Report]:
        """Return the oldest reports, which wait no longer."""
        with self._lock:
            return [self._pop() for _ in range(min(most, len(self._waiting)))]

    def put_back(self, reports: list[Report]) -> None:
        """Let reports wait again that could not be sent, before all others."""
        with self._lock:
            self._waiting.extendleft(reversed(reports))
            self._bytes += sum(report.size for report in reports)
            self._shrink()

    def lose(self, report: Report) -> None:
        """Count a report that nobody will take."""
        with self._lock:
            self._lose(report)

    def lost(self) -> dict[str, int]:
        """Return how many reports were lost since this was asked last, by kind."""
        with self._lock:
            lost, self._lost = self._lost, Counter()
            return dict(lost)

    def lost_again(self, lost: dict[str, int]) -> None:
        """Count again what could not be told."""
        with self._lock:
            self._lost.update(lost)
