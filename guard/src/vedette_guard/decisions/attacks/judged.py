"""What a judge of one value says."""

from __future__ import annotations

from dataclasses import dataclass

SURE = 5


@dataclass(frozen=True)
class Judged:
    """How sure a judge is (0: it is nothing, 5: enough), and why."""

    score: int
    why: str = ""


NOTHING = Judged(0)
