"""Whether intents hold, by the rules and paths of what should be there or of what is. Pure.

What nobody knows never counts as held.
"""

from collections.abc import Iterable, Iterator, Sequence

from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.naming import Party
from vedette.deploy.intents.parsing import BACKED_UP, DIRECTLY, ENCRYPTED, NOT_PUBLIC, PROTECTED
from vedette.deploy.intents.paths import (
    Answer,
    Passage,
    from_balancer,
    from_host,
    from_outside,
    to_balancer,
    to_outside,
)  # fmt: skip
from vedette.deploy.intents.reach import Traffic
from vedette.deploy.intents.world import Host, World
from vedette.wire import jsons
from vedette.wire.infra import Intent, Judged, Thing, Verdict

_MOST_REASONS = 3
_Pair = tuple[str, str, Answer]


def judged(intents: Iterable[Intent], here: World) -> tuple[Judged, ...]:
    """Return what becomes of each intent."""
    return tuple(_property(one, here) if not one.who else _reach(one, here) for one in intents)


def _reach(intent: Intent, here: World) -> Judged:
    who, whom = naming.party(intent.who, here), naming.party(intent.whom, here)
    for party in (who, whom):
        if party.is_empty:
            return _nobody(intent, party.name, here)
    unread = [kind for kind in ("server", "network", "load_balancer") if kind in here.unread]
    if unread:
        return _judged(intent, Verdict.UNKNOWN, f"{unread[0]}s could not be read: {here.unread[unread[0]]}.")
    of = reach.traffic(intent.protocol, intent.port, all_of_it=intent.may)
    pairs = list(_pairs(who, whom, of, here, directly=intent.rest == DIRECTLY))
    if not pairs:
        return _judged(
            intent, Verdict.UNKNOWN, f"{intent.who} and {intent.whom} are one and the same, or both outside."
        )
    return _must(intent, pairs) if intent.may else _must_not(intent, pairs)


def _nobody(intent: Intent, name: str, here: World) -> Judged:
    few = ", ".join(naming.known(here)[:10])
    return _judged(intent, Verdict.UNKNOWN, f"Nothing is called {name}; there are {few}.")


def _pairs(who: Party, whom: Party, of: Traffic, here: World, *, directly: bool) -> Iterator[_Pair]:
    for name in whom.hosts:
        yield from _to_host(who, name, of, here, directly=directly)
    for name in whom.balancers:
        yield from _to_balancer(who, name, of, here)
    if whom.internet or whom.networks:
        for each in who.hosts:
            yield each, whom.name, to_outside(here.hosts[each], whom, of, here)


def _to_host(who: Party, name: str, of: Traffic, here: World, *, directly: bool) -> Iterator[_Pair]:
    host = here.hosts[name]
    if who.is_outside:
        yield who.name, name, from_outside(who, host, of, here, directly=directly)
    for each in who.hosts:
        if each != name:
            yield each, name, from_host(here.hosts[each], host, of, here, directly=directly)
    for each in who.balancers:
        yield each, name, from_balancer(here.balancers[each], host, of, here)


def _to_balancer(who: Party, name: str, of: Traffic, here: World) -> Iterator[_Pair]:
    if who.is_outside:
        yield who.name, name, to_balancer(who, here.balancers[name], of)
    for each in who.hosts:
        spaces = tuple(here.hosts[each].networks)
        yield each, name, to_balancer(Party(name=each), here.balancers[name], of, spaces)


def _must(intent: Intent, pairs: Sequence[_Pair]) -> Judged:
    for passage, verdict in ((Passage.CLOSED, Verdict.BROKEN), (Passage.UNKNOWN, Verdict.UNKNOWN)):
        bad = [pair for pair in pairs if pair[2].passage is passage]
        if bad:
            return _judged(intent, verdict, _sentence(bad))
    return _judged(intent, Verdict.HOLDS, _sentence(pairs))


def _must_not(intent: Intent, pairs: Sequence[_Pair]) -> Judged:
    """Return whether nobody gets through. Where only the host itself could hold them back, and it has not told, nobody knows."""
    opened = [pair for pair in pairs if pair[2].passage is Passage.OPEN and not pair[2].by_host]
    if opened:
        return _judged(intent, Verdict.BROKEN, _sentence(opened))
    unsure = [pair for pair in pairs if pair[2].passage is not Passage.CLOSED]
    if unsure:
        tail = (
            " Only its own firewall could hold it back, and nobody has told of that."
            if any(one[2].by_host for one in unsure)
            else ""
        )
        return _judged(intent, Verdict.UNKNOWN, _sentence(unsure) + tail)
    return _judged(intent, Verdict.HOLDS, _sentence(pairs))


def _sentence(pairs: Sequence[_Pair]) -> str:
    reasons = list(dict.fromkeys(answer.reason for _, _, answer in pairs))
    more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    return "; ".join(reasons[:_MOST_REASONS]) + more + "."


def _judged(intent: Intent, verdict: Verdict, reason: str) -> Judged:
    return Judged(intent=intent, verdict=verdict, reason=reason)


def _property(intent: Intent, here: World) -> Judged:
    hosts = [here.hosts[each] for each in naming.party(intent.whom, here).hosts]
    if not hosts:
        return _nobody(intent, intent.whom, here)
    look = {ENCRYPTED: _encrypted, PROTECTED: _protected, NOT_PUBLIC: _not_public, BACKED_UP: _backed_up}[
        intent.rest
    ]
    found = [look(host, here) for host in hosts]
    for verdict in (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS):
        reasons = [reason for each, reason in found if each is verdict]
        if reasons:
            return _judged(intent, verdict, " ".join(reasons[:_MOST_REASONS]))
    return _judged(intent, Verdict.UNKNOWN, "Nobody looked.")


def _encrypted(host: Host, here: World) -> tuple[Verdict, str]:
    """Return whether a host's data is encrypted: only the host can tell; a file can only say that it should be."""
    if host.told is not None and host.told.encrypted is not None:
        if host.told.encrypted:
            return Verdict.HOLDS, f"{host.name} tells that its data lies on an encrypted volume."
        return Verdict.BROKEN, f"{host.name} tells that its data is not encrypted."
    wanted = [one.name for one in _volumes(host, here) if one.fields.get("encrypt")]
    hint = (
        f"{', '.join(wanted)} should be LUKS, but"
        if wanted
        else "Hetzner does not encrypt disks of servers, and"
    )
    return Verdict.UNKNOWN, f"{hint} {host.name} has not told whether it is."


def _protected(host: Host, here: World) -> tuple[Verdict, str]:
    open_ = [
        one for one in (host.thing, *_volumes(host, here)) if not (one.fields.get("protect") or one.protected)
    ]
    if open_:
        return (
            Verdict.BROKEN,
            f"{', '.join(str(one.ref) for one in open_)} may be deleted: protect = true is missing.",
        )
    return Verdict.HOLDS, f"{host.name} and its volumes are protected."


def _not_public(host: Host, here: World) -> tuple[Verdict, str]:  # noqa: ARG001 - as every property
    if host.is_public:
        known = host.ipv4 or host.ipv6
        return (
            Verdict.BROKEN,
            f"{host.name} has {f'the public address {known}' if known else 'a public address'}.",
        )
    return Verdict.HOLDS, f"{host.name} has no public address."


def _backed_up(host: Host, here: World) -> tuple[Verdict, str]:  # noqa: ARG001 - as every property
    if host.thing.fields.get("backups"):
        return Verdict.HOLDS, f"Hetzner keeps backups of {host.name} (not of its volumes)."
    return Verdict.BROKEN, f"{host.name} has no backups at Hetzner: backups = true is missing."


def _volumes(host: Host, here: World) -> list[Thing]:
    return [one for one in here.volumes if jsons.text(one.fields, "server") == host.name]
