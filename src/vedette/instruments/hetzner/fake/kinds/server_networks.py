"""Where servers are: networks, placement, names of their addresses, protection."""

import ipaddress

import msgspec

from vedette.instruments.hetzner.fake import addressing
from vedette.instruments.hetzner.fake.calls import Reply, failed, invalid
from vedette.instruments.hetzner.fake.kinds.servers import TABLE, acting_on, require_place
from vedette.instruments.hetzner.fake.pointing import Pointed
from vedette.instruments.hetzner.fake.state import Action, Resource, Server, State
from vedette.instruments.hetzner.fake.table import Route
from vedette.instruments.hetzner.fake.visit import Visit, found

_NETWORKS = 3  # of a server at most


class Joined(msgspec.Struct, kw_only=True):
    """A network to be attached to."""

    network: int
    ip: str | None = None
    ip_range: str | None = None
    alias_ips: list[str] = []


class Left(msgspec.Struct, kw_only=True):
    """A network to be detached from."""

    network: int


class _Aliased(msgspec.Struct, kw_only=True):
    network: int
    alias_ips: list[str]


class _Grouped(msgspec.Struct, kw_only=True):
    placement_group: int


class _Guarded(msgspec.Struct, kw_only=True):
    delete: bool | None = None
    rebuild: bool | None = None


def _attach(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(Joined)
    network = found(visit.state.networks, "network", asked.network)
    if addressing.joined(server.private, network.id):
        raise failed("server_already_attached", "server is already attached to the network")
    if len(server.private) >= _NETWORKS:
        raise failed("limit_exceeded_error", f"a server has at most {_NETWORKS} networks")
    _apart(visit.state, server, network.ip_range)
    addressing.attach(visit.state, network, server.location, asked.ip, asked.ip_range)
    resources = visit.free("server", server.id), Resource("network", network.id)
    action = visit.start("attach_to_network", *resources, network=network.id)
    action.args |= {"ip": asked.ip, "ip_range": asked.ip_range, "aliases": asked.alias_ips}
    return visit.acted(action)


def _apart(state: State, server: Server, ip_range: str) -> None:
    """Raise `Refused` where a network overlaps with one that a server is in."""
    new = ipaddress.IPv4Network(ip_range)
    others = [state.networks[one.network] for one in server.private if one.network in state.networks]
    for other in others:
        if new.overlaps(ipaddress.IPv4Network(other.ip_range)):
            raise failed("networks_overlap", "the network overlaps with one the server is attached to")


def _detach(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(Left)
    if not addressing.joined(server.private, asked.network):
        raise failed("server_not_attached", "server is not attached to the network")
    resources = visit.free("server", server.id), Resource("network", asked.network)
    return visit.acted(visit.start("detach_from_network", *resources, network=asked.network))


def _alias(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Aliased)
    if not addressing.joined(server.private, asked.network):
        raise failed("server_not_attached", "server is not attached to the network")
    own = {ip for one in server.private for ip in one.aliases}
    taken = addressing.used(visit.state, asked.network) - own
    for ip in asked.alias_ips:
        addressing.address("alias_ips", ip)
        if ip in taken:
            raise failed("ip_not_available", f"IP {ip} is not available")
    resources = visit.free("server", server.id), Resource("network", asked.network)
    action = visit.start("change_alias_ips", *resources, network=asked.network, aliases=asked.alias_ips)
    return visit.acted(action)


def _group(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Grouped)
    require_place(visit.state, asked.placement_group)
    if server.placement is not None:
        raise failed("already_in_placement_group", "server is already part of a placement group")
    if server.status != "off":
        raise failed("server_not_stopped", "server is running, but needs to be powered off")
    resources = visit.free("server", server.id), Resource("placement_group", asked.placement_group)
    return visit.acted(visit.start("add_to_placement_group", *resources, group=asked.placement_group))


def _point(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(Pointed)
    addresses = visit.state.primary_ips
    asked.check(*(addresses[one].ip for one in (server.ipv4, server.ipv6) if one in addresses))
    resource = visit.free("server", server.id)
    return visit.acted(visit.start("change_dns_ptr", resource, ip=asked.ip, dns_ptr=asked.dns_ptr))


def _guard(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Guarded)
    both = (asked.delete, asked.rebuild)
    if asked.delete != asked.rebuild and None not in both:
        raise invalid("rebuild", "delete and rebuild protection must be the same")
    resource = visit.free("server", server.id)
    return visit.acted(visit.start("change_protection", resource, delete=asked.delete, rebuild=asked.rebuild))


def _attached(state: State, action: Action) -> None:
    args, server = action.args, state.servers.get(action.owner.id)
    network = state.networks.get(int(str(args["network"])))
    if server is None or network is None:
        return
    wanted = [str(args[name]) if args.get(name) else None for name in ("ip", "ip_range")]
    new = addressing.attach(state, network, server.location, *wanted)
    aliases = args.get("aliases")
    new.aliases = [str(one) for one in aliases] if isinstance(aliases, list) else []
    server.private.append(new)


def _detached(state: State, action: Action) -> None:
    server = state.servers[action.owner.id]
    server.private = [one for one in server.private if one.network != action.args["network"]]


def _aliased(state: State, action: Action) -> None:
    aliases = action.args["aliases"]
    for one in state.servers[action.owner.id].private:
        if one.network == action.args["network"] and isinstance(aliases, list):
            one.aliases = [str(ip) for ip in aliases]


def _grouped(state: State, action: Action) -> None:
    state.servers[action.owner.id].placement = int(str(action.args["group"]))


def _ungrouped(state: State, action: Action) -> None:
    state.servers[action.owner.id].placement = None


def _pointed(state: State, action: Action) -> None:
    server, ip = state.servers[action.owner.id], str(action.args["ip"])
    kind = server.ipv6 if ":" in ip else server.ipv4
    if address := state.primary_ips.get(kind or 0):
        Pointed.keep(address.pointers, action)


def _guarded(state: State, action: Action) -> None:
    server, args = state.servers[action.owner.id], action.args
    server.protected = server.protected if args["delete"] is None else bool(args["delete"])
    server.rebuild_protected = server.rebuild_protected if args["rebuild"] is None else bool(args["rebuild"])


ROUTES: list[Route] = [
    ("POST", "/servers/{id}/actions/attach_to_network", _attach),
    ("POST", "/servers/{id}/actions/detach_from_network", _detach),
    ("POST", "/servers/{id}/actions/change_alias_ips", _alias),
    ("POST", "/servers/{id}/actions/add_to_placement_group", _group),
    ("POST", "/servers/{id}/actions/remove_from_placement_group", acting_on("remove_from_placement_group")),
    ("POST", "/servers/{id}/actions/change_dns_ptr", _point),
    ("POST", "/servers/{id}/actions/change_protection", _guard),
]
EFFECTS = {
    "server.attach_to_network": _attached,
    "server.detach_from_network": _detached,
    "server.change_alias_ips": _aliased,
    "server.add_to_placement_group": _grouped,
    "server.remove_from_placement_group": _ungrouped,
    "server.change_dns_ptr": _pointed,
    "server.change_protection": _guarded,
}
