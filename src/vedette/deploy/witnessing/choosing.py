"""The few connections that prove or refute intents, seen from one spot. Pure.

That a port answers can be seen, and so can that it does not; that *no* port answers cannot: of `db:*` those are tried that
the project itself names, and those that are usually left open by mistake.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.naming import Party
from vedette.deploy.intents.world import Balancer, Host, World
from vedette.deploy.witnessing.standing import counts, spot_of
from vedette.instruments.hetzner import rdns
from vedette.wire.infra import Intent
from vedette.wire.witness import Look, Looks

MOST = 500  # looks from a spot
MOST_PORTS = 24  # of a host
_OF_A_RANGE = 4
TEMPTING = (22, 80, 443, 2375, 3306, 5432, 6379, 8080, 9200, 11211, 27017, 2379, 5672, 9090, 10250, 3389, 5900, 21, 23, 111, 445, 8443, 3000, 15672)  # fmt: skip


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be tried, and why what of the intents cannot be tried from there."""

    looks: Looks
    notes: tuple[str, ...] = ()


NOTHING = Chosen(looks=Looks(spot=""))


def chosen(intents: Sequence[Intent], here: World, spot: str, most: int = MOST) -> Chosen:
    """Return what to try from a spot; raises `Invalid` for a spot that nothing is called."""
    stands = spot_of(spot, here)
    rows, notes = list[tuple[Look, ...]](), list[str]()
    for intent in (
        each for each in intents if _is_seen(each) and counts(stands, naming.party(each.who, here), here)
    ):
        ports = ports_of(intent, intents, here)
        found = [tuple(looks_at(target, ports, stands, here)) for target in _targets(intent, here, stands)]
        rows += found
        if not any(found):
            notes.append(f"{intent.text}: {_why_not(intent, ports)}")
    looks = _in_turn(rows)
    if len(looks) > most:
        notes.append(
            f"{len(looks) - most} connections were left off: {most} from one spot are enough at once."
        )
    return Chosen(looks=Looks(spot=spot, looks=looks[:most]), notes=tuple(notes))


def _in_turn(rows: Sequence[Sequence[Look]]) -> tuple[Look, ...]:
    """Return each look once, the first of every target and sentence before the second of any: what is left off is of all alike."""
    layers = itertools.zip_longest(*rows)
    return tuple(dict.fromkeys(look for layer in layers for look in layer if look is not None))


def ports_of(intent: Intent, intents: Iterable[Intent], here: World) -> tuple[int, ...]:
    """Return which ports of an intent are tried: the one it names, some of a range, and of all of them the tempting ones."""
    if intent.port == "*" and intent.may:
        return ()
    low, high = reach.ends("" if intent.port == "*" else intent.port)
    if low == high:
        return (low,)
    inside = [port for port in _likely(intents, here) if low <= port <= high]
    if intent.port == "*":
        return tuple(inside[:MOST_PORTS])
    return tuple(dict.fromkeys([low, high, *inside]))[:_OF_A_RANGE]


def looks_at(target: Host | Balancer, ports: Iterable[int], stands: Party, here: World) -> Iterator[Look]:
    """Yield the ports of a target at each address that somebody at a spot may come to."""
    addresses = tuple(dict.fromkeys(_addresses(target, stands, here)))
    yield from (Look(target.name, address, port) for port in ports for address in addresses)


def _is_seen(intent: Intent) -> bool:
    """Tell whether a connection says anything of an intent: it is of reaching, by TCP."""
    return bool(intent.who) and intent.protocol in {"", "tcp"}


def _targets(intent: Intent, here: World, stands: Party) -> Iterator[Host | Balancer]:
    whom = naming.party(intent.whom, here)
    yield from (here.hosts[name] for name in whom.hosts if name not in stands.hosts)
    yield from (here.balancers[name] for name in whom.balancers)


def _addresses(target: Host | Balancer, stands: Party, here: World) -> Iterator[str]:
    """Yield addresses: the private ones first, where somebody shares a network with it."""
    shared = {name for each in stands.hosts for name in here.hosts[each].networks}
    if isinstance(target, Host):
        yield from (address for name, address in target.networks.items() if name in shared and address)
        yield from (each for each in (target.ipv4, rdns.first(target.ipv6 or "")) if each)
    elif target.ipv4 and target.is_public:
        yield target.ipv4


def _likely(intents: Iterable[Intent], here: World) -> tuple[int, ...]:
    """Return ports worth a look: of containers, load balancers, intents and rules, then the tempting ones."""
    hosts, balancers = here.hosts.values(), here.balancers.values()
    told = [rule.port for host in hosts if host.told for rule in host.told.published]
    ways = [str(way.to) for one in balancers for way in one.ways]
    named = [one.port for one in intents if one.protocol in {"", "tcp"}]
    rules = [rule.port for host in hosts for rule in host.rules("in") if rule.protocol == "tcp"]
    found = [int(port) for port in (*told, *ways, *named, *rules) if port.isdecimal()]
    return tuple(dict.fromkeys([*found, *TEMPTING]))


def _why_not(intent: Intent, ports: Sequence[int]) -> str:
    if not ports:
        return "every port is too much to try; name one."
    return f"{intent.whom} has no address that could be tried from here."
