"""A project as those see it who want to get in: hosts with their addresses, networks and firewalls, and load balancers. Pure.

Made of what should be there or of what is: the fields are the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy import selectors
from vedette.deploy.intents import reach
from vedette.deploy.intents.reach import Network
from vedette.wire import jsons
from vedette.wire.infra import OURS, Rule, Thing, Told

_IPV4, _IPV6 = "ipv4", "ipv6"


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """A firewall of Hetzner's before a host."""

    name: str
    rules: tuple[Rule, ...]


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A server: its public addresses (empty: it has one that is not known yet; None: it has none), private ones by network."""

    name: str
    labels: Mapping[str, str]
    ipv4: str | None
    ipv6: str | None
    networks: Mapping[str, str]
    walls: tuple[Wall, ...]
    thing: Thing
    told: Told | None = None

    @property
    def is_public(self) -> bool:
        """Tell whether it has a public address."""
        return self.ipv4 is not None or self.ipv6 is not None

    def rules(self, direction: str) -> list[Rule]:
        """Return all rules of a direction before it."""
        return [rule for wall in self.walls for rule in wall.rules if rule.direction == direction]

    def wall_of(self, rule: Rule) -> str:
        """Return the firewall that has a rule."""
        return next((wall.name for wall in self.walls if rule in wall.rules), "")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way through a load balancer: the port it listens on and the one it leads to."""

    listen: int
    to: int


class Balancer(msgspec.Struct, frozen=True, kw_only=True):
    """A load balancer: whether it has a public address, its network, its ways, and which servers it leads to by which of theirs."""

    name: str
    is_public: bool
    ipv4: str
    network: str
    ways: tuple[Way, ...]
    redirects: bool
    private: Mapping[str, bool]


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """A private network: its range, and where its routes lead."""

    name: str
    range: Network
    routes: Mapping[str, str]


class World(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `unread` are kinds of which nobody knows."""

    hosts: Mapping[str, Host]
    balancers: Mapping[str, Balancer]
    spaces: Mapping[str, Space]
    groups: Mapping[str, tuple[str, ...]]
    volumes: tuple[Thing, ...] = ()
    unread: Mapping[str, str] = {}
    known: tuple[
        Network, ...
    ] = ()  # what is not "the internet": groups, private ranges, and the addresses of what is here


def world(
    things: Iterable[Thing],
    groups: Mapping[str, tuple[str, ...]],
    told: Mapping[str, Told],
    unread: Mapping[str, str],
) -> World:
    """Return things as a world; `told` is what hosts tell of themselves, by server."""
    found: dict[str, list[Thing]] = {}
    for one in things:
        found.setdefault(one.kind, []).append(one)
    servers = found.get("server", [])
    hosts = {one.name: _host(one, found, told.get(one.name)) for one in servers}
    balancers = {one.name: _balancer(one, servers) for one in found.get("load_balancer", [])}
    return World(
        hosts=hosts, balancers=balancers, spaces={one.name: _space(one) for one in found.get("network", [])},
        groups=groups, volumes=tuple(found.get("volume", [])), unread=unread, known=_known(groups, hosts.values(), balancers.values()),
    )  # fmt: skip


def _known(
    groups: Mapping[str, tuple[str, ...]], hosts: Iterable[Host], balancers: Iterable[Balancer]
) -> tuple[Network, ...]:
    """Return the networks that are not the internet, each once: none lies in another."""
    listed = [cidr for networks in groups.values() for cidr in networks]
    own = [address for one in hosts for address in (one.ipv4, one.ipv6)] + [one.ipv4 for one in balancers]
    return reach.collapsed(
        [*reach.INSIDE, *reach.networks(listed), *reach.networks(each for each in own if each)]
    )


def rules_of(firewall: Thing) -> tuple[Rule, ...]:
    """Return the rules of a firewall."""
    return msgspec.convert(firewall.fields.get("rules", []), tuple[Rule, ...])


def stands_before(firewall: Thing, server: Thing, project: str = "") -> bool:
    """Tell whether a firewall is attached to a server, directly or by a selector; `project` is that of whose mark it bears."""
    labels = {**server.labels, OURS: project} if project else server.labels
    return server.name in jsons.texts(firewall.fields, "servers") or any(
        selectors.takes(each, labels) for each in jsons.texts(firewall.fields, "on")
    )


def _host(server: Thing, found: Mapping[str, list[Thing]], told: Told | None) -> Host:
    walls = [one for one in found.get("firewall", []) if stands_before(one, server)]
    mine = {
        jsons.text(one.fields, "type"): jsons.text(one.fields, "address")
        for one in found.get("primary_ip", [])
        if jsons.text(one.fields, "server") == server.name
    }
    floating = {
        jsons.text(one.fields, "type"): jsons.text(one.fields, "address")
        for one in found.get("floating_ip", [])
        if jsons.text(one.fields, "server") == server.name
    }
    return Host(
        name=server.name, labels=server.labels, thing=server, told=told,
        ipv4=_public(server, _IPV4, mine, floating), ipv6=_public(server, _IPV6, mine, floating),
        networks={str(one.get("network", "")): str(one.get("ip", "")) for one in jsons.records(server.fields, "networks")},
        walls=tuple(Wall(name=one.name, rules=rules_of(one)) for one in walls),
    )  # fmt: skip


def _public(server: Thing, version: str, mine: Mapping[str, str], floating: Mapping[str, str]) -> str | None:
    """Return the public address of a server, empty where it is not known yet; a floating one counts where it has no other."""
    if server.fields.get(f"public_{version}"):
        return jsons.text(server.fields, version) or mine.get(version, "")
    return floating.get(version)


def _balancer(one: Thing, servers: Sequence[Thing]) -> Balancer:
    private: dict[str, bool] = {}
    for target in jsons.records(one.fields, "targets"):
        for server in servers:
            if _takes(target, server):
                private[server.name] = bool(target.get("private"))
    return Balancer(
        name=one.name, is_public=bool(one.fields.get("public", True)), ipv4=jsons.text(one.fields, _IPV4), network=jsons.text(one.fields, "network"),
        ways=tuple(_ways(one)), private=private, redirects=any(each.get("redirect") for each in jsons.records(one.fields, "services")),
    )  # fmt: skip


def _ways(one: Thing) -> Iterator[Way]:
    for each in jsons.records(one.fields, "services"):
        listen, to = each.get("listen"), each.get("to")
        if isinstance(listen, int) and isinstance(to, int):
            yield Way(listen=listen, to=to)


def _takes(target: Mapping[str, object], server: Thing) -> bool:
    of = str(target.get("of", ""))
    match target.get("type"):
        case "server":
            return of == server.name
        case "ip":
            return of != "" and of == jsons.text(server.fields, _IPV4)
        case _:
            return selectors.takes(of, server.labels)


def _space(one: Thing) -> Space:
    routes = {
        str(each.get("to", "")): str(each.get("via", "")) for each in jsons.records(one.fields, "routes")
    }
    (range_,) = reach.networks([jsons.text(one.fields, "range") or "10.0.0.0/8"])
    return Space(name=one.name, range=range_, routes=routes)
