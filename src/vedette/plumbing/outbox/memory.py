"""Outbox in memory: for tests and for trying things out; knows no transactions."""

import threading
from collections.abc import Sequence

import msgspec

from vedette.plumbing.outbox.port import OutboxItem, OutboxState, OutboxStatus


class MemoryOutbox:
    """Implements `plumbing.outbox.port.Outbox`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[int, OutboxItem] = {}
        self._ended: dict[int, OutboxState] = {}
        self._errors: dict[int, str] = {}
        self._last = 0

    def add(self, topic: str, payload: bytes, idempotency_key: str, not_before: float) -> bool:
        """Add work; False when this key is already there."""
        with self._lock:
            if any(item.idempotency_key == idempotency_key for item in self._items.values()):
                return False
            self._last += 1
            self._items[self._last] = OutboxItem(self._last, topic, payload, idempotency_key, 0, not_before)
            return True

    def claim(self, n: int, now: float, hold: float, topic: str = "") -> Sequence[OutboxItem]:
        """Take up to `n` due items; see the port."""
        with self._lock:
            found = (i for i in self._open() if i.not_before <= now and topic in ("", i.topic))
            due = sorted(found, key=lambda i: (i.not_before, i.id))
            return [self._set(i, attempt=i.attempt + 1, not_before=now + hold) for i in due[:n]]

    def done(self, item_id: int) -> None:
        """Say that the work is done."""
        with self._lock:
            self._end(item_id, OutboxState.DONE)

    def retry(self, item_id: int, at: float, error: str) -> None:
        """Put the work back for a later try at `at`."""
        with self._lock:
            if item_id in self._items and item_id not in self._ended:
                self._set(self._items[item_id], not_before=at)
                self._errors[item_id] = error

    def fail(self, item_id: int, error: str) -> None:
        """Give the work up for good."""
        with self._lock:
            if self._end(item_id, OutboxState.FAILED):
                self._errors[item_id] = error

    def status(self, item_id: int) -> OutboxStatus | None:
        """Return where a piece of work stands."""
        with self._lock:
            item = self._items.get(item_id)
            state = self._ended.get(item_id, OutboxState.OPEN)
            return OutboxStatus(state, item.attempt, self._errors.get(item_id, "")) if item else None

    def next_due(self, topic: str = "") -> float | None:
        """Return the instant of the earliest open item, or None."""
        with self._lock:
            return min((one.not_before for one in self._open() if topic in ("", one.topic)), default=None)

    def forget_before(self, instant: float) -> int:
        """Remove done and failed work last due before `instant`."""
        with self._lock:
            old = [i for i in self._ended if self._items[i].not_before < instant]
            for item_id in old:
                del self._items[item_id], self._ended[item_id]
                self._errors.pop(item_id, None)
            return len(old)

    def _open(self) -> list[OutboxItem]:
        return [item for item in self._items.values() if item.id not in self._ended]

    def _set(self, item: OutboxItem, *, not_before: float, attempt: int | None = None) -> OutboxItem:
        attempt = item.attempt if attempt is None else attempt
        changed = msgspec.structs.replace(item, attempt=attempt, not_before=not_before)
        self._items[item.id] = changed
        return changed

    def _end(self, item_id: int, state: OutboxState) -> bool:
        if item_id not in self._items or item_id in self._ended:
            return False
        self._ended[item_id] = state
        return True
