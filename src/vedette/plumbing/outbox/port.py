"""Outbox: work that must leave the house exactly once as far as we can tell, added with the change that caused it."""

import enum
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


class OutboxState(enum.StrEnum):
    """Whether work is still to be done."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


class OutboxStatus(msgspec.Struct, frozen=True):
    """Where a piece of work stands: tries so far and the reason of the last one that failed."""

    state: OutboxState
    attempt: int
    error: str


class Outbox(Protocol):
    """Transactional outbox. Every adapter passes `tests/contract/test_outbox.py`."""

    def add(self, topic: str, payload: bytes, idempotency_key: str, not_before: float) -> bool:
        """Add work in the caller's transaction; False when this key is already there (nothing changes)."""
        ...

    def claim(self, n: int, now: float, hold: float, topic: str = "") -> Sequence[OutboxItem]:
        """Take up to `n` due items, each hidden from other claims until `now + hold`; raises its attempt by one.

        Earliest due first, of one topic when it is named. The items' `not_before` is `now + hold`: when whoever claimed it dies, it is due again.
        """
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

    def status(self, item_id: int) -> OutboxStatus | None:
        """Return where a piece of work stands; None when it was never there or is forgotten."""
        ...

    def next_due(self, topic: str = "") -> float | None:
        """Return the instant of the earliest open item (of one topic when it is named), or None."""
        ...

    def forget_before(self, instant: float) -> int:
        """Remove done and failed work last due before `instant`; return how much. Its keys may then be used again."""
        ...
