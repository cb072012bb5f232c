"""What do several locations find together? Pure: down when `needed` of them agree."""

from collections.abc import Iterable

import msgspec

from vedette.monitors.types import HERE, Reading, Vote

_ALIVE = frozenset({Reading.GOOD, Reading.SLOW})


class Agreed(msgspec.Struct, frozen=True):
    """What the locations found together, which of them find it bad, and in words."""

    reading: Reading
    bad: tuple[str, ...]
    reason: str


def agree(votes: Iterable[Vote], needed: int, now: float, fresh: float) -> Agreed:
    """Return what the locations agree on; votes older than `fresh` seconds, and unknown ones, have no say.

    Too few to reach the number tell nothing when all of them find it bad, and that it is alive when one finds it so.
    """
    heard = [one for one in votes if now - one.at <= fresh and one.reading is not Reading.UNKNOWN]
    bad = tuple(sorted(one.location or HERE for one in heard if one.reading is Reading.BAD))
    told = f"{len(bad)} of {len(heard)} locations find it down; {needed} are needed."
    if not heard:
        return Agreed(Reading.UNKNOWN, (), "No location was heard of lately.")
    if len(bad) >= needed:
        return Agreed(
            Reading.BAD, bad, f"{len(bad)} of {len(heard)} locations find it down: {', '.join(bad)}."
        )
    if len(bad) == len(heard):
        return Agreed(Reading.UNKNOWN, bad, told)
    slow = sum(one.reading is Reading.SLOW for one in heard)
    reading = Reading.SLOW if 2 * slow > len(heard) - len(bad) else Reading.GOOD
    return Agreed(reading, bad, told if bad else f"All {len(heard)} locations find it alive.")
