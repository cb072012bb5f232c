"""Services and targets of load balancers: added, changed, removed, one after another."""

import copy

import msgspec

from vedette.instruments.hetzner.fake.balancing import (
    Place,
    Service,
    check_service,
    check_target,
    completed,
    merged,
    target_of,
)
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.kinds.load_balancers import TABLE
from vedette.instruments.hetzner.fake.state import Action, LoadBalancer, State
from vedette.instruments.hetzner.fake.table import Route
from vedette.instruments.hetzner.fake.visit import Visit


class _Listening(msgspec.Struct, kw_only=True):
    listen_port: int


def _add_service(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    service = check_service(visit.state, one, visit.read(Service))
    return visit.acted(visit.start("add_service", visit.free("load_balancer", one.id), service=service))


def _update_service(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Service)
    had = _listening(one, asked.listen_port)
    others = msgspec.structs.replace(one, services=[other for other in one.services if other is not had])
    service = completed(visit.state, others, merged(copy.deepcopy(had), msgspec.to_builtins(asked)))
    return visit.acted(visit.start("update_service", visit.free("load_balancer", one.id), service=service))


def _delete_service(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(_Listening)
    _listening(one, asked.listen_port)
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("delete_service", resource, port=asked.listen_port))


def _listening(one: LoadBalancer, port: int | None) -> Shape:
    for service in one.services:
        if service["listen_port"] == port:
            return service
    raise invalid("listen_port", f"no service listens on port {port}")


def _add_target(visit: Visit) -> Reply:
    one, place = TABLE.act(visit), visit.read(Place)
    check_target(visit.state, one, place)
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("add_target", resource, target=msgspec.to_builtins(place)))


def _remove_target(visit: Visit) -> Reply:
    one, place = TABLE.act(visit), visit.read(Place)
    if not any((other.server, other.selector, other.ip) == place.key() for other in one.targets):
        raise failed("target_not_found", "the load balancer does not have this target")
    resource = visit.free("load_balancer", one.id)
    return visit.acted(visit.start("remove_target", resource, target=msgspec.to_builtins(place)))


def _service_kept(state: State, action: Action) -> None:
    one, service = state.load_balancers[action.owner.id], msgspec.convert(action.args["service"], Shape)
    port = service["listen_port"]
    if any(other["listen_port"] == port for other in one.services):
        one.services = [service if other["listen_port"] == port else other for other in one.services]
    else:
        one.services.append(service)


def _service_gone(state: State, action: Action) -> None:
    one = state.load_balancers[action.owner.id]
    one.services = [other for other in one.services if other["listen_port"] != action.args["port"]]


def _target_kept(state: State, action: Action) -> None:
    one, place = state.load_balancers[action.owner.id], msgspec.convert(action.args["target"], Place)
    if place.server is None or place.server.id in state.servers:
        one.targets.append(target_of(place, action.ends))


def _target_gone(state: State, action: Action) -> None:
    one, gone = state.load_balancers[action.owner.id], msgspec.convert(action.args["target"], Place).key()
    one.targets = [other for other in one.targets if (other.server, other.selector, other.ip) != gone]


_PATH = "/load_balancers/{id}/actions"
ROUTES: list[Route] = [
    ("POST", f"{_PATH}/add_service", _add_service),
    ("POST", f"{_PATH}/update_service", _update_service),
    ("POST", f"{_PATH}/delete_service", _delete_service),
    ("POST", f"{_PATH}/add_target", _add_target),
    ("POST", f"{_PATH}/remove_target", _remove_target),
]
EFFECTS = {
    "load_balancer.add_service": _service_kept,
    "load_balancer.update_service": _service_kept,
    "load_balancer.delete_service": _service_gone,
    "load_balancer.add_target": _target_kept,
    "load_balancer.remove_target": _target_gone,
}
