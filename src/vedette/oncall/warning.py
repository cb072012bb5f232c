"""Which gaps are to be told of, which are closed? Pure. A gap keeps the start it was first told with while it goes on."""

from collections.abc import Sequence

import msgspec

Gap = tuple[float, float]


class Warned(msgspec.Struct, frozen=True):
    """What a look ahead found: gaps to tell of, gaps that are closed or over, and what to remember."""

    fresh: tuple[Gap, ...]
    closed: tuple[Gap, ...]
    told: tuple[Gap, ...]


def compared(told: Sequence[Gap], found: Sequence[Gap]) -> Warned:
    """Compare the gaps that were told of with those that are found now: one that overlaps is the same."""
    fresh, kept, left = [], [], list(told)
    for gap in found:
        known = next((one for one in left if one[0] < gap[1] and gap[0] <= one[1]), None)
        if known is None:
            fresh.append(gap)
            kept.append(gap)
        else:
            left.remove(known)
            kept.append((known[0], gap[1]))
    return Warned(tuple(fresh), tuple(left), tuple(kept))
