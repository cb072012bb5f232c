"""How long must a condition be met before it is told? Pure."""

from collections.abc import Collection, Mapping

import msgspec


class Held(msgspec.Struct, frozen=True):
    """Since when each is met (by name), and the names of those that were met for long enough."""

    since: Mapping[str, float]
    firing: frozenset[str]


def step(since: Mapping[str, float], met: Collection[str], hold: float, now: float) -> Held:
    """Return what waits and what fires, given what waited before and what is met now; `hold` in seconds.

    What is not met any more is forgotten: it begins anew when it is met again.
    """
    begun = {name: min(since.get(name, now), now) for name in met}
    return Held(begun, frozenset(name for name, at in begun.items() if now - at >= hold))
