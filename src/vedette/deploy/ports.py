"""Ports that were seen open from outside, against what should be reachable. Pure."""

from collections.abc import Iterable

import msgspec

from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.paths import Passage, from_outside, to_balancer
from vedette.deploy.intents.world import World


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a look from outside told of a server or load balancer: which TCP ports answered, and which were looked at (none: those alone)."""

    name: str
    open: frozenset[int]
    looked: frozenset[int] = frozenset()


class Odd(msgspec.Struct, frozen=True, kw_only=True):
    """A port that answers although no rule lets the internet in, or that does not although one does."""

    name: str
    port: int
    answers: bool
    reason: str


def compared(seen: Iterable[Seen], here: World) -> tuple[Odd, ...]:
    """Return what rules do not explain: ports that answer and should not, first, then those that should and do not."""
    found = [each for one in seen for each in _odd(one, here)]
    return tuple(sorted(found, key=lambda one: (not one.answers, one.name, one.port)))


def _odd(one: Seen, here: World) -> Iterable[Odd]:
    for port in sorted(one.open | one.looked):
        answers = port in one.open
        passage, reason = _by_rules(one.name, port, here, all_of_it=not answers)
        if answers and passage is Passage.CLOSED:
            yield Odd(
                name=one.name, port=port, answers=True, reason=f"it answers from outside, although {reason}"
            )
        elif not answers and passage is Passage.OPEN:
            yield Odd(
                name=one.name,
                port=port,
                answers=False,
                reason=f"nothing answers from outside, although {reason}",
            )


def _by_rules(name: str, port: int, here: World, *, all_of_it: bool) -> tuple[Passage, str]:
    who, of = naming.party("internet", here), reach.traffic("tcp", str(port), all_of_it=all_of_it)
    if name in here.hosts:
        found = from_outside(who, here.hosts[name], of, here, directly=True)
    elif name in here.balancers:
        found = to_balancer(who, here.balancers[name], of)
    else:
        return Passage.UNKNOWN, f"nothing is called {name}"
    return found.passage, found.reason
