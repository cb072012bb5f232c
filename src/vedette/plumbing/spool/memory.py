"""Spool in memory: what waits is gone with the process."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from vedette.plumbing.spool.port import Kept


class MemorySpool:
    """Implements `plumbing.spool.port.Spool`, for at most `max_bytes`."""

    def __init__(self, origin: str, max_bytes: int) -> None:
        self._origin, self._max_bytes = origin, max_bytes
        self._kept: deque[Kept] = deque()
        self._last = self._bytes = 0

    @property
    def origin(self) -> str:
        """Return who numbers."""
        return self._origin

    @property
    def last(self) -> int:
        """Return the number of what was added last."""
        return self._last

    def add(self, bodies: Sequence[bytes]) -> int:
        """Let bodies wait; return how many of the oldest went."""
        for body in bodies:
            self._last += 1
            self._bytes += len(body)
            self._kept.append(Kept(self._last, body))
        lost = 0
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            self._bytes -= len(self._kept.popleft().body)
            lost += 1
        return lost

    def head(self, n: int, max_bytes: int) -> Sequence[Kept]:
        """Return some of the oldest."""
        return fitting(list(islice(self._kept, n)), max_bytes)

    def drop(self, number: int) -> None:
        """Forget all up to a number."""
        while self._kept and self._kept[0].number <= number:
            self._bytes -= len(self._kept.popleft().body)

    def waiting(self) -> int:
        """Return how many wait."""
        return len(self._kept)

    def close(self) -> None:
        """Forget everything."""
        self._kept.clear()


def fitting(found: Sequence[Kept], max_bytes: int) -> Sequence[Kept]:
    """Return the first of some that fit into so many bytes, at least one."""
    size = 0
    for place, one in enumerate(found):
        size += len(one.body)
        if size > max_bytes and place:
            return found[:place]
    return found
