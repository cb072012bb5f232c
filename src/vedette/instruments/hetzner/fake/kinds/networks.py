"""Private networks with their subnets and routes."""

import ipaddress
from operator import itemgetter
from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake import addressing
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.catalogue import catalogue
from vedette.instruments.hetzner.fake.state import Action, Attached, Network, State, Subnet
from vedette.instruments.hetzner.fake.state import Route as NetworkRoute
from vedette.instruments.hetzner.fake.table import Reading, Route, Table, guard, guarding, page_of
from vedette.instruments.hetzner.fake.visit import Visit

_PRIVATE = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


class _NewSubnet(msgspec.Struct, kw_only=True):
    type: Literal["cloud", "server", "vswitch"]
    network_zone: str
    ip_range: str | None = None
    vswitch_id: int | None = None


class _New(msgspec.Struct, kw_only=True):
    name: str
    ip_range: str
    labels: dict[str, str] = {}
    subnets: list[_NewSubnet] = []
    routes: list[NetworkRoute] = []
    expose_routes_to_vswitch: bool = False


class _Range(msgspec.Struct, kw_only=True):
    ip_range: str


class _Exposed(msgspec.Struct, kw_only=True):
    expose_routes_to_vswitch: bool | None = None


def _show(visit: Visit, network: Network) -> Shape:
    state = visit.state
    return {
        "id": network.id,
        "name": network.name,
        "ip_range": network.ip_range,
        "subnets": [_subnet(network, one) for one in network.subnets],
        "routes": [msgspec.structs.asdict(one) for one in network.routes],
        "servers": [one.id for one in state.servers.values() if addressing.joined(one.private, network.id)],
        "load_balancers": [
            one.id for one in state.load_balancers.values() if addressing.joined(one.private, network.id)
        ],
        "protection": {"delete": network.protected},
        "labels": network.labels,
        "created": iso(network.created),
        "expose_routes_to_vswitch": network.exposed,
    }


def _subnet(network: Network, subnet: Subnet) -> Shape:
    shape: Shape = {
        "type": subnet.type,
        "ip_range": subnet.ip_range,
        "network_zone": subnet.network_zone,
        "gateway": str(addressing.gateway(network)),
    }
    return shape if subnet.vswitch_id is None else {**shape, "vswitch_id": subnet.vswitch_id}


TABLE = Table(singular="network", plural="networks", rows=lambda state: state.networks, show=_show)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    network = Network(
        id=visit.state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        ip_range=str(_private(asked.ip_range)),
        exposed=asked.expose_routes_to_vswitch,
    )
    for subnet in asked.subnets:
        network.subnets.append(_fit(network, subnet))
    for route in asked.routes:
        network.routes.append(_routed(network, route))
    return Reply(status=201, body={"network": _show(visit, TABLE.added(visit, network))})


def _edit(visit: Visit) -> Reply:
    network = TABLE.act(visit)
    TABLE.rename(visit, network)
    exposed = visit.read(_Exposed).expose_routes_to_vswitch
    network.exposed = network.exposed if exposed is None else exposed
    return Reply(body={"network": _show(visit, network)})


def _remove(visit: Visit) -> Reply:
    network = TABLE.removable(visit)
    for thing in visit.state.networked():
        thing.private = [one for one in thing.private if one.network != network.id]
    del visit.state.networks[network.id]
    return Reply(status=204)


def _private(text: str) -> ipaddress.IPv4Network:
    found = addressing.network("ip_range", text)
    if not any(found.subnet_of(one) for one in _PRIVATE):
        raise invalid("ip_range", "must be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return found


def _fit(network: Network, asked: _NewSubnet) -> Subnet:
    whole = ipaddress.IPv4Network(network.ip_range)
    if asked.network_zone not in {one.network_zone for one in catalogue().locations}:
        raise invalid("network_zone", f"network zone '{asked.network_zone}' not found")
    if asked.type == "vswitch" and asked.vswitch_id is None:
        raise invalid("vswitch_id", "is needed for a subnet of type vswitch")
    taken = [ipaddress.IPv4Network(one.ip_range) for one in network.subnets]
    found = addressing.network("ip_range", asked.ip_range) if asked.ip_range else _free(whole, taken)
    if not found.subnet_of(whole):
        raise invalid("ip_range", f"{found} is not within {whole}")
    if any(found.overlaps(one) for one in taken):
        raise invalid("ip_range", f"{found} overlaps with another subnet")
    if any(ipaddress.IPv4Network(one.destination).overlaps(found) for one in network.routes):
        raise invalid("ip_range", f"{found} overlaps with a route")
    return Subnet(
        ip_range=str(found), type=asked.type, network_zone=asked.network_zone, vswitch_id=asked.vswitch_id
    )


def _free(whole: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    for one in whole.subnets(new_prefix=max(24, whole.prefixlen)):
        if not any(one.overlaps(other) for other in taken):
            return one
    raise invalid("ip_range", "the network has no free /24")


def _routed(network: Network, asked: NetworkRoute) -> NetworkRoute:
    destination = addressing.network("destination", asked.destination)
    gateway = addressing.address("gateway", asked.gateway)
    if gateway not in ipaddress.IPv4Network(network.ip_range):
        raise invalid("gateway", f"{gateway} is not within {network.ip_range}")
    if any(one.destination == str(destination) for one in network.routes):
        raise invalid("destination", f"there is a route to {destination}")
    return NetworkRoute(destination=str(destination), gateway=str(gateway))


def _members(visit: Visit) -> Reply:
    network, state = TABLE.find(visit), visit.state
    shapes = [
        _member(network, kind, one.id, net)
        for kind, things in (
            ("server", state.servers.values()),
            ("load_balancer", state.load_balancers.values()),
        )
        for one in things
        for net in one.private
        if net.network == network.id
    ]
    filters: dict[str, Reading] = {name: itemgetter(name) for name in ("type", "status", "subnet")}
    return page_of(visit, "members", shapes, filters, ("id", "type", "ip"))


def _member(network: Network, kind: str, number: int, net: Attached) -> Shape:
    address = ipaddress.IPv4Address(net.ip)
    ranges = [one.ip_range for one in network.subnets if address in ipaddress.IPv4Network(one.ip_range)]
    return {
        "id": number,
        "type": kind,
        "ip": net.ip,
        "alias_ips": net.aliases,
        "subnet": ranges[0] if ranges else None,
        "status": "ok",
    }


def _add_subnet(visit: Visit) -> Reply:
    network = TABLE.act(visit)
    subnet = _fit(network, visit.read(_NewSubnet))
    resource = visit.free("network", network.id)
    return visit.acted(visit.start("add_subnet", resource, subnet=msgspec.to_builtins(subnet)))


def _delete_subnet(visit: Visit) -> Reply:
    network, asked = TABLE.act(visit), visit.read(_Range)
    if asked.ip_range not in [one.ip_range for one in network.subnets]:
        raise invalid("ip_range", f"there is no subnet {asked.ip_range}")
    gone = ipaddress.IPv4Network(asked.ip_range)
    if any(ipaddress.IPv4Address(one) in gone for one in addressing.used(visit.state, network.id)):
        raise failed("service_error", "subnet still has attached resources")
    resource = visit.free("network", network.id)
    return visit.acted(visit.start("delete_subnet", resource, ip_range=asked.ip_range))


def _add_route(visit: Visit) -> Reply:
    network = TABLE.act(visit)
    route = _routed(network, visit.read(NetworkRoute))
    resource = visit.free("network", network.id)
    return visit.acted(visit.start("add_route", resource, route=msgspec.to_builtins(route)))


def _delete_route(visit: Visit) -> Reply:
    network, asked = TABLE.act(visit), visit.read(NetworkRoute)
    if asked not in network.routes:
        raise invalid("destination", f"there is no route to {asked.destination} by {asked.gateway}")
    resource = visit.free("network", network.id)
    return visit.acted(visit.start("delete_route", resource, route=msgspec.to_builtins(asked)))


def _widen(visit: Visit) -> Reply:
    network, wide = TABLE.act(visit), _private(visit.read(_Range).ip_range)
    had = ipaddress.IPv4Network(network.ip_range)
    if wide.network_address != had.network_address or not had.subnet_of(wide):
        raise invalid("ip_range", f"{had} can only be extended at its end")
    resource = visit.free("network", network.id)
    return visit.acted(visit.start("change_ip_range", resource, ip_range=str(wide)))


def _subnet_added(state: State, action: Action) -> None:
    state.networks[action.owner.id].subnets.append(msgspec.convert(action.args["subnet"], Subnet))


def _subnet_deleted(state: State, action: Action) -> None:
    network = state.networks[action.owner.id]
    network.subnets = [one for one in network.subnets if one.ip_range != action.args["ip_range"]]


def _route_added(state: State, action: Action) -> None:
    state.networks[action.owner.id].routes.append(msgspec.convert(action.args["route"], NetworkRoute))


def _route_deleted(state: State, action: Action) -> None:
    network, gone = state.networks[action.owner.id], msgspec.convert(action.args["route"], NetworkRoute)
    network.routes = [one for one in network.routes if one != gone]


def _widened(state: State, action: Action) -> None:
    state.networks[action.owner.id].ip_range = str(action.args["ip_range"])


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/networks", _create),
    ("GET", "members", _members),
    ("POST", "actions/add_subnet", _add_subnet),
    ("POST", "actions/delete_subnet", _delete_subnet),
    ("POST", "actions/add_route", _add_route),
    ("POST", "actions/delete_route", _delete_route),
    ("POST", "actions/change_ip_range", _widen),
    ("POST", "actions/change_protection", guarding(TABLE)),
    editing=_edit,
    removing=_remove,
)
EFFECTS = {
    "network.add_subnet": _subnet_added,
    "network.delete_subnet": _subnet_deleted,
    "network.add_route": _route_added,
    "network.delete_route": _route_deleted,
    "network.change_ip_range": _widened,
    "network.change_protection": guard(lambda state: state.networks),
}
