"""Does a check tell anything while what its monitor depends on is in trouble? Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.monitors.types import Standing, State

MOST_PARENTS = 10
PATIENCE = 120.0


class Parent(msgspec.Struct, frozen=True):
    """A monitor others depend on, and where it stands."""

    name: str
    standing: Standing


def blocked(parents: Iterable[Parent]) -> str:
    """Return why a failed check of a monitor tells nothing of it: what it depends on is down, or unknown. Else empty."""
    held = list(parents)
    down = [parent.name for parent in held if parent.standing.state is State.DOWN]
    if down:
        return f"{', '.join(down[:3])} is down, on which it depends."
    lost = [parent.name for parent in held if parent.standing.state is State.UNKNOWN]
    return f"Nothing is known of {', '.join(lost[:3])}, on which it depends." if lost else ""


def waits(child: Standing, parents: Iterable[Parent], now: float) -> str:
    """Return what is looked at before a failed check of a monitor counts; empty when nothing is.

    A parent that began to fail, or was not looked at since the child began to, is waited for, but not longer than two
    minutes: then the child speaks for itself.
    """
    began = now if child.doubt is None else child.doubt
    if now - began > PATIENCE:
        return ""
    asked = [parent.name for parent in parents if _undecided(parent.standing, began)]
    return f"It fails; {', '.join(asked[:3])}, on which it depends, is looked at first." if asked else ""


def cycle(parents: Mapping[int, Sequence[int]], monitor: int) -> tuple[int, ...]:
    """Return the way along which a monitor would depend on itself, from it to it; empty when it does not."""
    ways: list[tuple[int, ...]] = [(monitor, parent) for parent in parents.get(monitor, ())]
    seen: set[int] = set()
    while ways:
        way = ways.pop()
        if way[-1] == monitor:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, parent) for parent in parents.get(way[-1], ())]
    return ()


def _undecided(parent: Standing, began: float) -> bool:
    if parent.state not in {State.UP, State.DEGRADED}:  # decided, or never checked
        return False
    return bool(parent.failures) or parent.heard is None or parent.heard < began
