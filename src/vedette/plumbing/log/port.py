"""EventLog: the durable queue between the front door and the rooms."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One delivery. `seq` is unique for ever in this log and grows; `at` is the instant it was published."""

    seq: int
    subject: str
    body: bytes
    msg_id: str
    at: float
    attempt: int = 1


class Lag(msgspec.Struct, frozen=True):
    """How far a group is behind: messages waiting and the instant of the oldest (None when none)."""

    waiting: int
    oldest: float | None


class EventLog(Protocol):
    """A durable log with named consumer groups; at-least-once, in order of `seq` within a group.

    Every adapter passes `tests/contract/test_log.py`.
    """

    def publish(self, subject: str, body: bytes, msg_id: str, now: float) -> "Future[int]":
        """Queue a message; the future yields its `seq` once it is on disk.

        The future fails with `core.errors.Unavailable` when the log is full, the disk is full or the
        store is locked for too long; the message is then not in the log.
        """
        ...

    def pull(self, group: str, n: int, now: float, wait: float = 0.0) -> Sequence[Message]:
        """Return up to `n` messages this group has neither acked nor been handed and not given back.

        Blocks up to `wait` seconds for the first one.
        """
        ...

    def ack(self, group: str, seqs: Sequence[int]) -> None:
        """Say that the group is done with these messages; bodies that every group has acked go."""
        ...

    def nak(self, group: str, seqs: Sequence[int], now: float, delay: float) -> None:
        """Give messages back; they are handed out again `delay` seconds after `now`."""
        ...

    def lag(self, group: str) -> Lag:
        """Return how far the group is behind."""
        ...

    def tidy(self) -> int | None:
        """Let go at once of what every group has acked; return the least `seq` that may still be kept, or None."""
        ...

    def close(self) -> None:
        """Flush what was queued, then release the log. Later publishes fail with `Unavailable`."""
        ...
