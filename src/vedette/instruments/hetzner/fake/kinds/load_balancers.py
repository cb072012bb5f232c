"""Load balancers as they are shown, made and removed; their algorithm, size, network and interface."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake import addressing
from vedette.instruments.hetzner.fake import catalogue as offer
from vedette.instruments.hetzner.fake.balancing import Place, Service, check_service, check_target, target_of
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.following import members
from vedette.instruments.hetzner.fake.kinds.server_networks import Joined, Left
from vedette.instruments.hetzner.fake.pointing import Pointed, pointers
from vedette.instruments.hetzner.fake.state import Action, LoadBalancer, Resource, State, Target
from vedette.instruments.hetzner.fake.table import Route, Table, guard, guarding
from vedette.instruments.hetzner.fake.visit import Visit, found

_UNKNOWN_FOR = 5.0  # seconds until the health of a new target is known
_Algorithm = Literal["round_robin", "least_connections"]


class _Balanced(msgspec.Struct, frozen=True, kw_only=True):
    type: _Algorithm = "round_robin"


class _Typed(msgspec.Struct, kw_only=True):
    load_balancer_type: str | int


class _New(msgspec.Struct, kw_only=True):
    name: str
    load_balancer_type: str | int
    algorithm: _Balanced = _Balanced()
    location: str | int | None = None
    network_zone: str | None = None
    network: int | None = None
    public_interface: bool = True
    services: list[Service] = []
    targets: list[Place] = []
    labels: dict[str, str] = {}


def _show(visit: Visit, one: LoadBalancer) -> Shape:
    return {
        "id": one.id,
        "name": one.name,
        "labels": one.labels,
        "created": iso(one.created),
        "load_balancer_type": offer.show_balancer_type(one.type),
        "location": offer.show_location(one.location),
        "algorithm": {"type": one.algorithm},
        "services": one.services,
        "targets": [_target(visit, one, target) for target in one.targets],
        "private_net": [{"network": net.network, "ip": net.ip} for net in one.private],
        "public_net": {
            "enabled": one.public,
            "ipv4": {"ip": one.ipv4, "dns_ptr": one.pointers.get(one.ipv4)},
            "ipv6": {"ip": one.ipv6, "dns_ptr": one.pointers.get(one.ipv6)},
        },
        "protection": {"delete": one.protected},
        "included_traffic": 20 * 10**12,
        "outgoing_traffic": 0,
        "ingoing_traffic": 0,
    }


def _target(visit: Visit, one: LoadBalancer, target: Target) -> Shape:
    if target.ip is not None:
        return {"type": "ip", "ip": {"ip": target.ip}, "health_status": _health(visit, one, 0, target.since)}
    if target.selector is None:
        return _server_target(visit, one, target, target.server or 0)
    joined = target.followed.joined
    return {
        "type": "label_selector",
        "label_selector": {"selector": target.selector},
        "use_private_ip": target.private,
        "targets": [
            _server_target(visit, one, msgspec.structs.replace(target, since=joined[number]), number)
            for number in members(target.followed, visit.now)
        ],
    }


def _server_target(visit: Visit, one: LoadBalancer, target: Target, server: int) -> Shape:
    return {
        "type": "server",
        "server": {"id": server},
        "use_private_ip": target.private,
        "health_status": _health(visit, one, server, target.since),
    }


def _health(visit: Visit, one: LoadBalancer, server: int, since: float) -> list[Shape]:
    state = visit.state
    runs = server == 0 or (server in state.servers and state.servers[server].status == "running")
    known = "healthy" if runs and server not in state.sick else "unhealthy"
    status = known if visit.now - since >= _UNKNOWN_FOR else "unknown"
    return [{"listen_port": service["listen_port"], "status": status} for service in one.services]


TABLE = Table(
    singular="load_balancer", plural="load_balancers", rows=lambda state: state.load_balancers, show=_show
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    one = _planned(visit, asked)
    if asked.network is not None:
        network = found(visit.state.networks, "network", asked.network)
        one.private.append(addressing.attach(visit.state, network, one.location))
    for service in asked.services:
        one.services.append(check_service(visit.state, one, service))
    for place in asked.targets:
        check_target(visit.state, one, place)
        one.targets.append(target_of(place, visit.now))
    TABLE.added(visit, one)
    action = visit.start("create_load_balancer", Resource("load_balancer", one.id))
    return visit.acted(action, load_balancer=_show(visit, one))


def _planned(visit: Visit, asked: _New) -> LoadBalancer:
    name, _ = offer.balancer_type(asked.load_balancer_type)
    number = visit.state.new_id()
    ipv4 = addressing.public_v4(number)
    return LoadBalancer(
        id=number,
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        type=name,
        location=_place(asked),
        algorithm=asked.algorithm.type,
        public=asked.public_interface,
        ipv4=ipv4,
        ipv6=addressing.public_v6(number).replace("/64", "1"),
        pointers=pointers("ipv4", ipv4),
    )


def _place(asked: _New) -> str:
    if (asked.location is None) is (asked.network_zone is None):
        raise invalid("location", "either location or network_zone is required")
    if asked.location is not None:
        return offer.location(asked.location).name
    fitting = [at.name for at in offer.catalogue().locations if at.network_zone == asked.network_zone]
    if not fitting:
        raise invalid("network_zone", f"network zone '{asked.network_zone}' not found")
    return fitting[0]


def _remove(visit: Visit) -> Reply:
    one = TABLE.removable(visit)
    action = visit.start("delete_load_balancer", visit.free("load_balancer", one.id))
    return Reply(body={"action": visit.shown(action)})


def _balance(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(_Balanced)
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("change_algorithm", resource, algorithm=asked.type))


def _retype(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(_Typed)
    name, size = offer.balancer_type(asked.load_balancer_type)
    if name == one.type or len(one.services) > size.services or len(one.targets) > size.targets:
        raise failed("invalid_load_balancer_type", f"load balancer type '{name}' does not fit")
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("change_load_balancer_type", resource, type=name))


def _attach(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Joined)
    network = found(visit.state.networks, "network", asked.network)
    if one.private:
        raise failed("load_balancer_already_attached", "load balancer is already attached to a network")
    addressing.attach(visit.state, network, one.location, asked.ip, asked.ip_range)
    resources = visit.free("load_balancer", one.id), Resource("network", network.id)
    action = visit.start("attach_to_network", *resources, network=network.id)
    action.args |= {"ip": asked.ip, "ip_range": asked.ip_range}
    return visit.acted(action)


def _detach(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Left)
    if not addressing.joined(one.private, asked.network):
        raise failed("load_balancer_not_attached_to_network", "load balancer is not attached to the network")
    if any(target.private for target in one.targets):
        raise failed("targets_with_use_private_ip", "load balancer has targets that use the private IP")
    resources = visit.free("load_balancer", one.id), Resource("network", asked.network)
    return visit.acted(visit.start("detach_from_network", *resources, network=asked.network))


def _hide(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    if not one.private:
        raise failed("load_balancer_not_attached_to_network", "load balancer is not attached to a network")
    if any(not target.private for target in one.targets):
        raise failed("targets_without_use_private_ip", "load balancer has targets that use the public IP")
    return visit.acted(visit.start("disable_public_interface", visit.free("load_balancer", one.id)))


def _unhide(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    return visit.acted(visit.start("enable_public_interface", visit.free("load_balancer", one.id)))


def _point(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Pointed)
    asked.check(one.ipv4, one.ipv6)
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("change_dns_ptr", resource, ip=asked.ip, dns_ptr=asked.dns_ptr))


def _balanced(state: State, action: Action) -> None:
    state.load_balancers[action.owner.id].algorithm = str(action.args["algorithm"])


def _retyped(state: State, action: Action) -> None:
    state.load_balancers[action.owner.id].type = str(action.args["type"])


def _attached(state: State, action: Action) -> None:
    one, args = state.load_balancers[action.owner.id], action.args
    network = found(state.networks, "network", int(str(args["network"])))
    wanted = [str(args[name]) if args.get(name) else None for name in ("ip", "ip_range")]
    one.private.append(addressing.attach(state, network, one.location, *wanted))


def _detached(state: State, action: Action) -> None:
    state.load_balancers[action.owner.id].private = []


def _hidden(state: State, action: Action) -> None:
    state.load_balancers[action.owner.id].public = action.command == "enable_public_interface"


def _pointed(state: State, action: Action) -> None:
    Pointed.keep(state.load_balancers[action.owner.id].pointers, action)


def _deleted(state: State, action: Action) -> None:
    state.load_balancers.pop(action.owner.id, None)


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/load_balancers", _create),
    ("POST", "actions/change_algorithm", _balance),
    ("POST", "actions/change_type", _retype),
    ("POST", "actions/attach_to_network", _attach),
    ("POST", "actions/detach_from_network", _detach),
    ("POST", "actions/disable_public_interface", _hide),
    ("POST", "actions/enable_public_interface", _unhide),
    ("POST", "actions/change_dns_ptr", _point),
    ("POST", "actions/change_protection", guarding(TABLE)),
    ("GET", "metrics", TABLE.metrics),
    removing=_remove,
)
EFFECTS = {
    "load_balancer.delete_load_balancer": _deleted,
    "load_balancer.change_algorithm": _balanced,
    "load_balancer.change_load_balancer_type": _retyped,
    "load_balancer.attach_to_network": _attached,
    "load_balancer.detach_from_network": _detached,
    "load_balancer.disable_public_interface": _hidden,
    "load_balancer.enable_public_interface": _hidden,
    "load_balancer.change_dns_ptr": _pointed,
    "load_balancer.change_protection": guard(lambda state: state.load_balancers),
}
UNDOING = {"load_balancer.create_load_balancer": _deleted}
