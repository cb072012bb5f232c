"""By which ways somebody reaches a host, and which rule says so. Pure.

Firewalls of Hetzner filter public addresses alone: what is in one private network reaches everything there, unless the
host's own firewall, of which only the host can tell, holds it back.
"""

import enum
from collections.abc import Iterator, Sequence

import msgspec

from vedette.deploy.intents import reach
from vedette.deploy.intents.naming import Party
from vedette.deploy.intents.reach import Network, Traffic
from vedette.deploy.intents.world import Balancer, Host, Space, World
from vedette.wire.infra import Rule


class Passage(enum.IntEnum):
    """Whether a way is open; the higher one counts where there are several."""

    CLOSED = 0
    UNKNOWN = 1
    OPEN = 2


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there is a way, and the rule or path that says so.

    `by_host` says that only the host itself, which has not told, may still close it: nothing of Hetzner's filters the way.
    """

    passage: Passage
    reason: str
    by_host: bool = False


def best(answers: Sequence[Answer]) -> Answer:
    """Return the widest of several ways; where all are closed, why each is."""
    top = max(answers, key=lambda one: (one.passage, not one.by_host))
    if top.passage is not Passage.CLOSED:
        return top
    return Answer(passage=Passage.CLOSED, reason="; ".join(dict.fromkeys(one.reason for one in answers)))


def from_outside(who: Party, host: Host, of: Traffic, world: World, *, directly: bool) -> Answer:
    """Return whether networks outside reach a host: by its public addresses, through load balancers, or by a private range."""
    answers = [_public(who, host, of, world)]
    if not who.internet:
        answers += _by_route(who.addresses(), host, of, world)
    if not directly:
        answers += _through_balancers(host, of, world, private=())
    return best(answers)


def from_host(one: Host, host: Host, of: Traffic, world: World, *, directly: bool) -> Answer:
    """Return whether a server reaches another: by a network they share, or by public addresses."""
    shared = [name for name in one.networks if name in host.networks]
    answers = [_in_network(name, one.networks[name], one.name, host, of) for name in shared]
    answers.append(_server_public(one, host, of, world))
    if not directly:
        answers += _through_balancers(host, of, world, private=tuple(one.networks))
    return best(answers)


def from_balancer(one: Balancer, host: Host, of: Traffic, world: World) -> Answer:
    """Return whether a load balancer reaches a port of a host that is a target of it."""
    if host.name not in one.private:
        return Answer(passage=Passage.CLOSED, reason=f"{host.name} is no target of {one.name}")
    return _leg(one, host, of, world)


def to_balancer(who: Party, one: Balancer, of: Traffic, spaces: Sequence[str] = ()) -> Answer:
    """Return whether somebody reaches a port of a load balancer, before which no firewall stands."""
    ports = {way.listen for way in one.ways} | ({80} if one.redirects else set())
    there = one.is_public or one.network in spaces
    if not there:
        return Answer(passage=Passage.CLOSED, reason=f"{one.name} has no public address")
    hit = [port for port in sorted(ports) if of.low <= port <= of.high and of.protocol in {"", "tcp"}]
    if not hit or (of.all and set(range(of.low, of.high + 1)) - ports):
        return Answer(passage=Passage.CLOSED, reason=f"{one.name} does not listen on {of.told}")
    return Answer(passage=Passage.OPEN, reason=f"{one.name} listens on {hit[0]} for {who.name}")


def to_outside(host: Host, whom: Party, of: Traffic, world: World) -> Answer:
    """Return whether a server reaches networks outside, by its public address or a route."""
    answers = [_leaving(host, whom, of, world)]
    for name in host.networks:
        space = world.spaces.get(name)
        if space is not None:
            answers += _routed(space, whom.addresses(), of)
    return best(answers)


def _public(who: Party, host: Host, of: Traffic, world: World) -> Answer:
    if not host.is_public:
        return Answer(passage=Passage.CLOSED, reason=f"{host.name} has no public address")
    if who.networks and all(reach.within(one, reach.INSIDE) for one in who.addresses()):
        return Answer(
            passage=Passage.CLOSED, reason=f"{who.name} is private and does not come by public addresses"
        )
    if "firewall" in world.unread:
        return _unread(world)
    if not host.walls:
        return _inside(host, who.addresses(), of, f"no firewall stands before {host.name}")
    rules = host.rules("in")
    return _let_all(who, host, of, rules) if of.all else _let_any(who, host, of, rules, world)


def _unread(world: World) -> Answer:
    return Answer(passage=Passage.UNKNOWN, reason=f"firewalls could not be read: {world.unread['firewall']}")


def _let_all(who: Party, host: Host, of: Traffic, rules: Sequence[Rule]) -> Answer:
    """Return whether each network is let in whole; the internet counts in the families the host has, IPv4 first."""
    sources = [one for one in who.addresses() if (host.ipv4 if one.version == 4 else host.ipv6) is not None]
    if who.internet:
        sources = sources[:1]
    if not sources:
        return Answer(
            passage=Passage.CLOSED, reason=f"{host.name} has no public address of the family of {who.name}"
        )
    missing = [one for one in sources if not reach.lets_all(rules, of, one)]
    if missing:
        return Answer(
            passage=Passage.CLOSED,
            reason=f"{_walls(host)} of {host.name} let{_s(host)} {of.told} from {missing[0]} not in",
        )
    rule = reach.letting(rules, of, sources)
    return _inside(host, sources, of, _by(host, rule) if rule else f"the firewalls let {of.told} in")


def _let_any(who: Party, host: Host, of: Traffic, rules: Sequence[Rule], world: World) -> Answer:
    if who.internet:
        found = reach.letting_others(rules, of, world.known)
        rule = found[0] if found else None
    else:
        rule = reach.letting(rules, of, who.addresses())
    if rule is None:
        return Answer(
            passage=Passage.CLOSED, reason=f"{_walls(host)} of {host.name} let{_s(host)} nothing of it in"
        )
    return _inside(host, who.addresses(), of, _by(host, rule))


def _s(host: Host) -> str:
    return "s" if len(host.walls) == 1 else ""


def _walls(host: Host) -> str:
    names = ", ".join(wall.name for wall in host.walls)
    return f"the firewall {names}" if len(host.walls) == 1 else f"the firewalls {names}"


def _by(host: Host, rule: Rule) -> str:
    port = f"/{rule.port}" if rule.port else ""
    few = ", ".join(rule.peers[:3]) + (", …" if len(rule.peers) > 3 else "")
    return f"the firewall {host.wall_of(rule)} of {host.name} lets {rule.protocol}{port} from {few} in"


def _inside(
    host: Host, sources: Sequence[Network], of: Traffic, reason: str, *, unfiltered: bool = False
) -> Answer:
    """Return what the host's own firewall makes of what arrives; ports of containers are published past it."""
    told = host.told
    if told is None or not told.drops:
        untold = told is None or told.drops is None
        return Answer(passage=Passage.OPEN, reason=reason, by_host=untold and unfiltered)
    past = reach.letting(told.published, of, reach.EVERYWHERE)
    if past is not None and (not of.all or past.port == str(of.low) == str(of.high)):
        return Answer(
            passage=Passage.OPEN,
            reason=f"{reason}, and a container publishes {past.protocol}/{past.port} past the firewall of {host.name} itself",
        )
    if of.all:
        passes = all(reach.lets_all(told.rules, of, one) for one in sources)
    else:
        passes = reach.letting(told.rules, of, sources) is not None
    if passes:
        return Answer(passage=Passage.OPEN, reason=f"{reason}, and so does {host.name} itself")
    return Answer(passage=Passage.CLOSED, reason=f"{host.name} itself drops {of.told}")


def _in_network(name: str, address: str, who: str, host: Host, of: Traffic) -> Answer:
    sources = reach.networks([address]) if address else []
    if not sources and host.told is not None and host.told.drops:
        return Answer(
            passage=Passage.UNKNOWN, reason=f"the address of {who} in the network {name} is not known yet"
        )
    reason = f"{who} and {host.name} are in the network {name}, which no firewall of Hetzner's filters"
    return _inside(host, sources, of, reason, unfiltered=True)


def _by_route(sources: Sequence[Network], host: Host, of: Traffic, world: World) -> Iterator[Answer]:
    """Yield whether private networks outside (of a VPN, an office) come in by a network of the host."""
    for name in host.networks:
        space = world.spaces.get(name)
        if space is None:
            continue
        ranges = [space.range, *reach.networks(to for to in space.routes if not to.endswith("/0"))]
        private = [
            one
            for one in sources
            if any(one.version == each.version and one.overlaps(each) for each in ranges)
        ]
        if private and (not of.all or len(private) == len(sources)):
            yield _inside(
                host,
                private,
                of,
                f"{private[0]} comes by the network {name}, which no firewall of Hetzner's filters",
                unfiltered=True,
            )


def _server_public(one: Host, host: Host, of: Traffic, world: World) -> Answer:
    """Return whether a server reaches another by public addresses; its own may not be known before it is made."""
    if not one.is_public:
        return Answer(passage=Passage.CLOSED, reason=f"{one.name} has no public address to come from")
    if not host.is_public:
        return Answer(passage=Passage.CLOSED, reason=f"{host.name} has no public address")
    known = [each for each in (one.ipv4, one.ipv6) if each]
    who = Party(name=one.name, networks=tuple(known)) if known else Party(name=one.name, internet=True)
    out = _leaving(one, Party(name=host.name, internet=True), of, world) if one.rules("out") else None
    if out is not None and out.passage is Passage.CLOSED:
        return out
    found = _public(who, host, of, world)
    if not known and found.passage is Passage.OPEN and host.walls and not of.all:
        return Answer(
            passage=Passage.UNKNOWN,
            reason=f"the public address of {one.name} is not known yet; {found.reason}",
        )
    return found


def _leaving(host: Host, whom: Party, of: Traffic, world: World) -> Answer:
    if not host.is_public:
        return Answer(passage=Passage.CLOSED, reason=f"{host.name} has no public address to leave by")
    if "firewall" in world.unread:
        return _unread(world)
    rules = host.rules("out")
    if not rules:
        return Answer(passage=Passage.OPEN, reason=f"nothing holds back what leaves {host.name}")
    targets = whom.addresses()[:1] if whom.internet else whom.addresses()
    if of.all:
        passes = all(reach.lets_all(rules, of, one) for one in targets)
        rule = reach.letting(rules, of, targets) if passes else None
    else:
        rule = reach.letting(rules, of, whom.addresses())
    if rule is None:
        return Answer(
            passage=Passage.CLOSED, reason=f"rules for what leaves {host.name} do not let {of.told} out"
        )
    port = f"/{rule.port}" if rule.port else ""
    return Answer(
        passage=Passage.OPEN,
        reason=f"the firewall {host.wall_of(rule)} of {host.name} lets {rule.protocol}{port} out",
    )


def _routed(space: Space, targets: Sequence[Network], of: Traffic) -> Iterator[Answer]:
    for to, via in space.routes.items():
        (range_,) = reach.networks([to])
        hit = [one for one in targets if one.version == range_.version and one.overlaps(range_)]
        if hit and (not of.all or len(hit) == len([one for one in targets if one.version == 4])):
            yield Answer(passage=Passage.OPEN, reason=f"the network {space.name} leads {to} to {via}")


def _through_balancers(host: Host, of: Traffic, world: World, *, private: Sequence[str]) -> Iterator[Answer]:
    for one in world.balancers.values():
        ways = [way for way in one.ways if of.low <= way.to <= of.high]
        if host.name not in one.private or not ways or of.protocol not in {"", "tcp"}:
            continue
        if not one.is_public and one.network not in private:
            continue
        if of.all and (of.low, of.high) != (ways[0].to, ways[0].to):
            continue
        leg = _leg(one, host, reach.traffic("tcp", str(ways[0].to), all_of_it=of.all), world)
        yield Answer(
            passage=leg.passage,
            reason=f"the load balancer {one.name} leads {ways[0].listen} to {host.name}:{ways[0].to}"
            + ("" if leg.passage is Passage.OPEN else f", but {leg.reason}"),
        )  # fmt: skip


def _leg(one: Balancer, host: Host, of: Traffic, world: World) -> Answer:
    """Return whether a load balancer reaches its target."""
    if one.private[host.name]:
        if not one.network or one.network not in host.networks:
            return Answer(passage=Passage.CLOSED, reason=f"{host.name} is not in the network of {one.name}")
        return _in_network(one.network, "", one.name, host, of)
    if not one.ipv4:
        everyone = _public(Party(name=one.name, internet=True), host, of, world)
        if everyone.passage is Passage.OPEN and (of.all or not host.walls):
            return everyone
        return Answer(passage=Passage.UNKNOWN, reason=f"the public address of {one.name} is not known yet")
    return _public(Party(name=one.name, networks=(one.ipv4,)), host, of, world)
