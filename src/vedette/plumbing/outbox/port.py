"""Outbox: work that must leave the house exactly once as far as we can tell, added with the change that caused it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class OutboxItem(msgspec.Struct, frozen=True):
    """One piece of outgoing work. `idempotency_key` is the same on every try."""

    id: int
    topic: str
    payload: bytes
    idempotency_key: str
    attempt: int
    not_before: float


class Outbox(Protocol):
    """Transactional outbox. Every adapter passes `tests/contract/test_outbox.py`."""

    def add(self, topic: str, payload: bytes, idempotency_key: str, not_before: float) -> bool:
        """Add work in the caller's transaction; False when this key is already there (nothing changes)."""
        ...

    def claim(self, n: int, now: float, hold: float) -> Sequence[OutboxItem]:
        """Take up to `n` due items, each hidden from other claims until `now + hold`; raises its attempt by one."""
        ...

    def done(self, item_id: int) -> None:
        """Say that the work is done; takes part in the caller's transaction."""
        ...

    def retry(self, item_id: int, at: float, error: str) -> None:
        """Put the work back for a later try at `at`, with the reason."""
        ...

    def fail(self, item_id: int, error: str) -> None:
        """Give the work up for good, with the reason; it stays readable."""
        ...

    def next_due(self) -> float | None:
        """Return the instant of the earliest open item, or None."""
        ...
