"""Floating IPs: public addresses that move between servers while these run."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake import addressing
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.catalogue import location, show_location
from vedette.instruments.hetzner.fake.pointing import Pointed, pointers
from vedette.instruments.hetzner.fake.state import Action, FloatingIP, Resource, Server, State
from vedette.instruments.hetzner.fake.table import Route, Table, guard, guarding
from vedette.instruments.hetzner.fake.visit import Visit, found


class _New(msgspec.Struct, kw_only=True):
    type: Literal["ipv4", "ipv6"]
    name: str = ""
    description: str | None = None
    server: int | None = None
    home_location: str | int | None = None
    labels: dict[str, str] = {}


class _Described(msgspec.Struct, kw_only=True):
    description: str | None = None


class _Assigned(msgspec.Struct, kw_only=True):
    server: int


def _show(visit: Visit, one: FloatingIP) -> Shape:  # noqa: ARG001 - as tables show
    return {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "type": one.type,
        "ip": one.ip,
        "server": one.server,
        "dns_ptr": [{"ip": ip, "dns_ptr": name} for ip, name in one.pointers.items()],
        "home_location": show_location(one.location),
        "blocked": False,
        "labels": one.labels,
        "protection": {"delete": one.protected},
        "created": iso(one.created),
    }


TABLE = Table(
    singular="floating_ip",
    plural="floating_ips",
    rows=lambda state: state.floating_ips,
    show=_show,
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    server = None if asked.server is None else found(visit.state.servers, "server", asked.server)
    new = _made(visit, asked, server)
    TABLE.check(visit, new.name, new.labels)
    TABLE.added(visit, new)
    body: Shape = {"floating_ip": _show(visit, new)}
    if server:
        action = visit.start("assign_floating_ip", *_both(visit, new, server), server=server.id)
        body["action"] = visit.shown(action)
    return Reply(status=201, body=body)


def _made(visit: Visit, asked: _New, server: Server | None) -> FloatingIP:
    if (server is None) is (asked.home_location is None):
        raise invalid("home_location", "is needed where no server is named, and excludes one")
    number = visit.state.new_id()
    ip = addressing.public_v4(number) if asked.type == "ipv4" else addressing.public_v6(number)
    return FloatingIP(
        id=number, name=asked.name or f"floating-ip-{number}", created=visit.now, labels=asked.labels, type=asked.type, ip=ip,
        location=server.location if server else location(asked.home_location or "").name,
        description=asked.description or "", pointers=pointers(asked.type, ip),
    )  # fmt: skip


def _both(visit: Visit, one: FloatingIP, server: Server) -> tuple[Resource, Resource]:
    return visit.free("floating_ip", one.id), visit.free("server", server.id)


def _edit(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    TABLE.rename(visit, one)
    wanted = visit.read(_Described).description
    one.description = one.description if wanted is None else wanted
    return Reply(body={"floating_ip": _show(visit, one)})


def _remove(visit: Visit) -> Reply:
    one = TABLE.removable(visit)
    if one.server is not None:
        raise failed("must_be_unassigned", "floating IP is still assigned to a resource")
    del visit.state.floating_ips[one.id]
    return Reply(status=204)


def _assign(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(_Assigned)
    server = found(visit.state.servers, "server", asked.server)
    if one.server is not None:
        raise failed("floating_ip_assigned", "floating IP is already assigned")
    return visit.acted(visit.start("assign_floating_ip", *_both(visit, one, server), server=server.id))


def _unassign(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    server = visit.state.servers.get(one.server or 0)
    if server is None:
        raise failed("floating_ip_not_assigned", "floating IP is not assigned")
    return visit.acted(visit.start("unassign_floating_ip", *_both(visit, one, server)))


def _point(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Pointed)
    asked.check(one.ip)
    resource = visit.free("floating_ip", one.id)
    return visit.acted(visit.start("change_dns_ptr", resource, ip=asked.ip, dns_ptr=asked.dns_ptr))


def let_go(state: State, server: int) -> None:
    """Free the addresses of a server that is gone."""
    for one in state.floating_ips.values():
        one.server = None if one.server == server else one.server


def _assigned(state: State, action: Action) -> None:
    number = int(str(action.args["server"]))
    if action.owner.id in state.floating_ips and number in state.servers:
        state.floating_ips[action.owner.id].server = number


def _unassigned(state: State, action: Action) -> None:
    if one := state.floating_ips.get(action.owner.id):
        one.server = None


def _pointed(state: State, action: Action) -> None:
    Pointed.keep(state.floating_ips[action.owner.id].pointers, action)


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/floating_ips", _create),
    ("POST", "actions/assign", _assign),
    ("POST", "actions/unassign", _unassign),
    ("POST", "actions/change_dns_ptr", _point),
    ("POST", "actions/change_protection", guarding(TABLE)),
    editing=_edit,
    removing=_remove,
)
EFFECTS = {
    "floating_ip.assign_floating_ip": _assigned,
    "floating_ip.unassign_floating_ip": _unassigned,
    "floating_ip.change_dns_ptr": _pointed,
    "floating_ip.change_protection": guard(lambda state: state.floating_ips),
}
