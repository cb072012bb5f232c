"""What do several locations find together? Pure: down when `needed` of them agree.

Each location counts its own rows, so that a moment that all of them see is one failure of each and not a row of failures.
"""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.monitors.types import HERE, Outcome, Reading, Vote
from vedette.monitors.verdict import Around, Rows

_ALIVE = frozenset({Reading.GOOD, Reading.SLOW})


class Agreed(msgspec.Struct, frozen=True):
    """What the locations found together, which of them find it bad, and in words; `rows` are those so many of them share."""

    reading: Reading
    bad: tuple[str, ...]
    reason: str
    rows: Rows = Rows()


def cast(before: Vote, outcome: Outcome, around: Around, most_slow: int) -> Vote:
    """Return the vote of a location after what it found, from the one before it.

    A failure that tells nothing of the monitor is unknown, and one that waits for another monitor does not count yet.
    """
    vote = msgspec.structs.replace(before, reading=outcome.reading, at=outcome.at)
    if outcome.reading is Reading.UNKNOWN:
        return vote
    if outcome.reading in _ALIVE:
        slow = before.slow + (1 if outcome.reading is Reading.SLOW else -1)
        return msgspec.structs.replace(
            vote, failures=0, successes=before.successes + 1, slow=min(max(0, slow), most_slow)
        )
    if around.waits:
        return msgspec.structs.replace(vote, successes=0)
    if around.blocked:
        return msgspec.structs.replace(vote, reading=Reading.UNKNOWN)
    return msgspec.structs.replace(vote, failures=before.failures + 1, successes=0)


def agree(votes: Iterable[Vote], needed: int, now: float, fresh: float) -> Agreed:
    """Return what the locations agree on; votes older than `fresh` seconds, and unknown ones, have no say.

    Too few to reach the number tell nothing when all of them find it bad, and that it is alive when one finds it so.
    """
    heard = [one for one in votes if now - one.at <= fresh and one.reading is not Reading.UNKNOWN]
    rows = _rows(heard, needed)
    bad = tuple(sorted(one.location or HERE for one in heard if one.reading is Reading.BAD))
    told = f"{len(bad)} of {len(heard)} locations find it down; {needed} are needed."
    if not heard:
        return Agreed(Reading.UNKNOWN, (), "No location was heard of lately.")
    if len(bad) >= needed:
        return Agreed(
            Reading.BAD, bad, f"{len(bad)} of {len(heard)} locations find it down: {', '.join(bad)}.", rows
        )
    if len(bad) == len(heard):
        return Agreed(Reading.UNKNOWN, bad, told, rows)
    slow = sum(one.reading is Reading.SLOW for one in heard)
    reading = Reading.SLOW if 2 * slow > len(heard) - len(bad) else Reading.GOOD
    return Agreed(reading, bad, told if bad else f"All {len(heard)} locations find it alive.", rows)


def _rows(heard: Sequence[Vote], needed: int) -> Rows:
    """Return the rows that are as long at so many locations as it takes: to be down, not to be down, to be slow."""
    alive = [one for one in heard if one.reading in _ALIVE]
    return Rows(
        failures=_shared((one.failures for one in heard if one.reading is Reading.BAD), needed),
        successes=_shared((one.successes for one in alive), max(1, len(heard) - needed + 1)),
        slow=_shared((one.slow for one in alive), len(alive) // 2 + 1),
    )


def _shared(rows: Iterable[int], by: int) -> int:
    """Return how long a row is that `by` locations have at the least; 0 when there are fewer."""
    longest = sorted(rows, reverse=True)
    return longest[by - 1] if len(longest) >= by else 0
