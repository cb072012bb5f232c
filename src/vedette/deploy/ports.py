"""Ports that a scan saw open from outside, against what should be reachable. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.paths import Passage, from_outside, to_balancer
from vedette.deploy.intents.world import World
from vedette.wire.finding import Finding, FindingState
from vedette.wire.infra import Intent, Judged, Verdict


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a look from outside told of a server or load balancer: which TCP ports answered, and which were looked at (none: those alone)."""

    name: str
    open: frozenset[int]
    looked: frozenset[int] = frozenset()


_OPEN = ("port-open", "port-forwarded")  # checks of scans of ports


def seen_by_scans(findings: Iterable[Finding], here: World) -> tuple[Seen, ...]:
    """Return what scans of ports found open from outside, by server or load balancer; what is at other addresses is no part of it."""
    names = {address: name for name, address in _addresses(here)}
    found: dict[str, set[int]] = {}
    for one in findings:
        host, _, port = one.subject.rpartition(":")
        name = names.get(host.strip("[]"), "")
        if one.check in _OPEN and one.state is FindingState.FAILED and name and port.isdecimal():
            found.setdefault(name, set()).add(int(port))
    return tuple(Seen(name=name, open=frozenset(ports)) for name, ports in sorted(found.items()))


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


def witnessed(judged: Sequence[Judged], seen: Iterable[Seen], here: World) -> tuple[Judged, ...]:
    """Return intents about the internet as a look from outside bears them out: what was seen weighs more than rules.

    A port that answers breaks what says it cannot be reached, whatever rules say; one that does not answer breaks what says
    it is. What nobody looked at stays as it was judged.
    """
    looks = {one.name: one for one in seen}
    return tuple(_witnessed(one, looks, here) if one.intent.who == "internet" else one for one in judged)


def _addresses(here: World) -> Iterator[tuple[str, str]]:
    """Yield what a scan may call a server or load balancer: its name and its public addresses."""
    for host in here.hosts.values():
        yield from (
            (host.name, each) for each in (host.name, host.ipv4, (host.ipv6 or "").partition("/")[0]) if each
        )
    for balancer in here.balancers.values():
        yield from ((balancer.name, each) for each in (balancer.name, balancer.ipv4) if each)


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


def _witnessed(one: Judged, looks: dict[str, Seen], here: World) -> Judged:
    party = naming.party(one.intent.whom, here)
    names = [each for each in (*party.hosts, *party.balancers) if each in looks]
    if not names or one.intent.protocol not in {"", "tcp"} or one.intent.rest.startswith(("is", "has")):
        return one
    low, high = (1, 65535) if one.intent.port == "*" else reach.ends(one.intent.port)
    hit = [(name, port) for name in names for port in sorted(looks[name].open) if low <= port <= high]
    if not one.intent.may:
        return _replaced(one, Verdict.BROKEN, hit[0], "answers from outside") if hit else one
    missing = [
        (name, low)
        for name in names
        if low == high and low in looks[name].looked and low not in looks[name].open
    ]
    if missing:
        return _replaced(one, Verdict.BROKEN, missing[0], "does not answer from outside")
    complete = len(hit) == len({*party.hosts, *party.balancers}) and low == high
    return _replaced(one, Verdict.HOLDS, hit[0], "answers from outside") if complete else one


def _replaced(one: Judged, verdict: Verdict, where: tuple[str, int], told: str) -> Judged:
    intent: Intent = one.intent
    return Judged(
        intent=intent,
        verdict=verdict,
        reason=f"{where[0]}:{where[1]} {told}. By the rules: {one.reason}",
        seen=True,
    )
