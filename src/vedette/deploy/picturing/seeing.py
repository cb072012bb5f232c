"""What a picture shows: groups of servers alike, networks around them, and who gets to whom on which ports. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy.intents import reach
from vedette.deploy.intents.naming import table_of
from vedette.deploy.intents.reach import Traffic
from vedette.deploy.intents.world import Host, World
from vedette.wire.infra import Judged, Rule, Verdict

INTERNET = "internet"
_EVERYTHING = Traffic(protocol="", low=1, high=65535, all=False)
_MOST_PORTS = 4


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Something of the picture: who comes from outside, a load balancer, or servers alike (`count`, called `hosts`), with a line below
    the name."""

    id: str
    kind: str  # outside, balancer, server
    name: str
    count: int = 1
    below: str = ""
    networks: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gets to somebody, on which ports; `wide` says that no firewall stands before."""

    start: str
    end: str
    ports: str
    wide: bool = False


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `networks` are names with their range; `broken` are sentences that must be true and are not."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    networks: Mapping[str, str]
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def picture(here: World, judged: Sequence[Judged] = ()) -> Picture:
    """Return what there is to see. Servers of one table that nothing tells apart are one."""
    alike = _alike(here.hosts.values())
    servers = {key: _server(key, hosts) for key, hosts in alike.items()}
    edges = [*_from_outside(here, alike), *_by_balancers(here, alike)]
    used = {each.start for each in edges} | {INTERNET}
    outside = [
        Node(id=name, kind="outside", name=name, below=_few(networks))
        for name, networks in here.groups.items()
        if name in used
    ]
    balancers = [
        Node(
            id=f"lb:{one.name}", kind="balancer", name=one.name, networks=tuple(filter(None, (one.network,))),
            below="public" if one.is_public else "private only", hosts=(one.name,),
        )
        for one in here.balancers.values()
    ]  # fmt: skip
    return Picture(
        nodes=(Node(id=INTERNET, kind="outside", name=INTERNET, below="everybody"), *outside, *balancers, *servers.values()),
        edges=tuple(edges), networks={one.name: str(one.range) for one in here.spaces.values()},
        broken=tuple(one.intent.text for one in judged if one.verdict is Verdict.BROKEN),
        unknown=tuple(one.intent.text for one in judged if one.verdict is Verdict.UNKNOWN),
    )  # fmt: skip


def _alike(hosts: Iterable[Host]) -> dict[str, list[Host]]:
    found: dict[object, list[Host]] = {}
    for one in hosts:
        walls = tuple(wall.name for wall in one.walls)
        found.setdefault((table_of(one.name), tuple(sorted(one.networks)), walls, one.is_public), []).append(
            one
        )
    names = [table_of(ones[0].name) if len(ones) > 1 else ones[0].name for ones in found.values()]
    return {
        f"server:{name if names.count(name) == 1 else ones[0].name}": ones
        for name, ones in zip(names, found.values(), strict=True)
    }


def _server(key: str, hosts: Sequence[Host]) -> Node:
    first = hosts[0]
    addresses = [each for one in hosts for each in (one.ipv4, one.ipv6) if each]
    below = "no public address" if not first.is_public else addresses[0] if len(addresses) == 1 else "public"
    return Node(
        id=key,
        kind="server",
        name=key.removeprefix("server:"),
        count=len(hosts),
        below=below,
        networks=tuple(sorted(first.networks)),
        hosts=tuple(one.name for one in hosts),
    )


def _from_outside(here: World, alike: Mapping[str, Sequence[Host]]) -> Iterator[Edge]:
    """Yield who gets to servers by their public addresses, and to load balancers."""
    for key, hosts in alike.items():
        host = hosts[0]
        if host.is_public and not host.walls:
            yield Edge(start=INTERNET, end=key, ports="everything", wide=True)
        elif host.is_public:
            rules = host.rules("in")
            anybody = [one for one in rules if reach.letting_others([one], _EVERYTHING, here.known)]
            yield from _edge(INTERNET, key, anybody)
            for name, networks in here.groups.items():
                own = [
                    one
                    for one in rules
                    if one not in anybody and reach.letting([one], _EVERYTHING, reach.networks(networks))
                ]
                yield from _edge(name, key, own)
    for balancer in here.balancers.values():
        ports = sorted({way.listen for way in balancer.ways} | ({80} if balancer.redirects else set()))
        if balancer.is_public and ports:
            yield Edge(
                start=INTERNET, end=f"lb:{balancer.name}", ports=_few([f"tcp/{each}" for each in ports])
            )


def _edge(start: str, end: str, rules: Sequence[Rule]) -> Iterator[Edge]:
    if rules:
        ports = dict.fromkeys(f"{one.protocol}/{one.port}" if one.port else one.protocol for one in rules)
        yield Edge(start=start, end=end, ports=_few(list(ports)))


def _by_balancers(here: World, alike: Mapping[str, Sequence[Host]]) -> Iterator[Edge]:
    for balancer in here.balancers.values():
        for key, hosts in alike.items():
            if any(one.name in balancer.private for one in hosts):
                ports = sorted({way.to for way in balancer.ways})
                yield Edge(
                    start=f"lb:{balancer.name}", end=key, ports=_few([f"tcp/{each}" for each in ports])
                )


def _few(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST_PORTS} more" if len(texts) > _MOST_PORTS else ""
    return ", ".join(texts[:_MOST_PORTS]) + more
