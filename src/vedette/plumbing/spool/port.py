"""Spool: what waits to be sent elsewhere, in order, with numbers that only grow; the oldest goes when there is too much."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """Something that waits, and its number."""

    number: int
    body: bytes


class Spool(Protocol):
    """Every adapter passes `tests/contract/test_spool.py`. Used by one thread at a time."""

    @property
    def origin(self) -> str:
        """Return who numbers: 32 hex digits, another one where numbering begins anew."""
        ...

    @property
    def last(self) -> int:
        """Return the number of what was added last, 0 before anything was."""
        ...

    def add(self, bodies: Sequence[bytes]) -> int:
        """Let bodies wait, in order; return how many of the oldest went for want of room. Raises `Unavailable`."""
        ...

    def head(self, n: int, max_bytes: int) -> Sequence[Kept]:
        """Return up to `n` of the oldest, together at most `max_bytes`, but always one where there is one."""
        ...

    def drop(self, number: int) -> None:
        """Forget all up to a number."""
        ...

    def waiting(self) -> int:
        """Return how many wait."""
        ...

    def close(self) -> None:
        """Keep what waits, as far as it can be kept."""
        ...
