"""Under which names are events counted by environment and release? Pure: at most so many of a project, the rest as one.

What is counted stays, so that its series has no holes. What is new is taken in while there is room; then only in place
of what came least in the last day, and only when more of it came at once. What was counted of the one that goes is
added to the rest. Thus a flood of made-up releases adds to the rest alone.
"""

from collections.abc import Mapping

import msgspec

MOST = 50
DAY_HOURS = 24


class Origin(msgspec.Struct, frozen=True, order=True):
    """Where an event came from: environment and release, `NONE` for what it did not name."""

    environment: str
    release: str


NONE = "(none)"
OTHER = Origin("(other)", "(other)")


class Settled(msgspec.Struct, frozen=True):
    """By which origin each of a batch is counted, which are counted for the first time, and which no more."""

    names: Mapping[Origin, Origin]
    fresh: tuple[Origin, ...]
    gone: tuple[Origin, ...]


def origin(environment: str, release: str) -> Origin:
    """Return the origin of an event."""
    return Origin(environment or NONE, release or NONE)


def settle(known: Mapping[Origin, int], came: Mapping[Origin, int], most: int = MOST) -> Settled:
    """Decide how a batch is counted: `known` are the events of the last day of those that are counted, `came` the batch.

    No more than `most` are counted afterwards, beside the rest. Of a batch those that came most are asked first.
    """
    idle = {one: n for one, n in known.items() if one not in came}
    room, names, gone = most - len(known), {}, []
    for one, n in sorted(came.items(), key=lambda pair: (-pair[1], pair[0])):
        if one in known or one == OTHER:
            names[one] = one
            continue
        if (
            room <= 0
            and idle
            and (least := min(idle, key=lambda each: (idle[each], each)))
            and idle[least] < n
        ):
            gone.append(least)
            del idle[least]
            room += 1
        names[one] = one if room > 0 else OTHER
        room -= names[one] is one
    fresh = (one for one, name in names.items() if name is one and one not in known and one != OTHER)
    return Settled(names, tuple(fresh), tuple(gone))
