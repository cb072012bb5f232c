"""Does an alert begin and end again and again? Pure: one notice that says so, instead of twenty."""

from collections.abc import Sequence

import msgspec

WINDOW = 1_800.0
MOST_FLIPS = 6
CALM = 900.0
KEPT = 12


class Flapping(msgspec.Struct, frozen=True):
    """That an alert flaps: until when at the earliest, and in words."""

    until: float
    reason: str


def flipped(flips: Sequence[float], now: float) -> tuple[float, ...]:
    """Return the remembered instants with one more."""
    return (*flips, now)[-KEPT:]


def judge(flips: Sequence[float], now: float) -> Flapping | None:
    """Return that an alert flaps at `now`, None when it does not.

    It flaps once it began or ended at least six times within half an hour, until it stayed as it is for a
    quarter of an hour.
    """
    if not flips or now >= flips[-1] + CALM:
        return None
    recent = [at for at in flips if at > flips[-1] - WINDOW]
    if len(recent) < MOST_FLIPS:
        return None
    minutes = max(1, round((recent[-1] - recent[0]) / 60))
    return Flapping(flips[-1] + CALM, f"It began or ended {len(recent)} times in {minutes} min.")
