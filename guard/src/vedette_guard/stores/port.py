"""What a store promises. Instants are seconds since 1970; `now` is passed in, so that rows end for all alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """A row: its text, whose it is (empty: nobody's), until when it counts, and how often it was written."""

    body: str
    owner: str = ""
    ends_at: float = math.inf
    revision: int = 0


class Store(Protocol):
    """Rows by key. A row that has ended is as good as none.

    `waits`: a call may wait for a disk or the network, so an event loop makes it in a thread.
    """

    waits: bool

    def read(self, key: str, now: float) -> Stored | None:
        """Return a row; None when there is none."""
        ...

    def insert(self, key: str, row: Stored, now: float) -> bool:
        """Write a row that is new, as revision 1; False when there is one."""
        ...

    def replace(self, key: str, row: Stored, revision: int, now: float) -> bool:
        """Write over the row that still has this revision; False when it was written or deleted meanwhile."""
        ...

    def delete(self, key: str) -> bool:
        """Delete a row; False when there was none."""
        ...

    def of_owner(self, owner: str, now: float) -> list[tuple[str, Stored]]:
        """Return all rows of an owner, with their keys."""
        ...
