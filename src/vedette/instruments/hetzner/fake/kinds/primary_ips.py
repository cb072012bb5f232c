"""Primary IPs: public addresses that outlive their servers."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake import addressing
from vedette.instruments.hetzner.fake.acting import start
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.catalogue import (
    datacenter_location,
    location,
    show_datacenter,
    show_location,
)
from vedette.instruments.hetzner.fake.pointing import Pointed, pointers
from vedette.instruments.hetzner.fake.state import Action, PrimaryIP, Resource, Server, State
from vedette.instruments.hetzner.fake.table import Route, Table, guard, guarding
from vedette.instruments.hetzner.fake.visit import Visit, found


class _New(msgspec.Struct, kw_only=True):
    name: str
    type: Literal["ipv4", "ipv6"]
    assignee_type: Literal["server"] = "server"
    assignee_id: int | None = None
    location: str | int | None = None
    datacenter: str | None = None
    auto_delete: bool = False
    labels: dict[str, str] = {}


class _Assigned(msgspec.Struct, kw_only=True):
    assignee_id: int
    assignee_type: Literal["server"] = "server"


class _AutoDeleted(msgspec.Struct, kw_only=True):
    auto_delete: bool | None = None


def _show(visit: Visit, one: PrimaryIP) -> Shape:  # noqa: ARG001 - as tables show
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "ip": one.ip,
        "assignee_id": one.assignee,
        "assignee_type": "server",
        "auto_delete": one.auto_delete,
        "blocked": False,
        "dns_ptr": [{"ip": ip, "dns_ptr": name} for ip, name in one.pointers.items()],
        "location": show_location(one.location),
        "datacenter": show_datacenter(one.location),
        "labels": one.labels,
        "protection": {"delete": one.protected},
        "created": iso(one.created),
    }


TABLE = Table(
    singular="primary_ip",
    plural="primary_ips",
    rows=lambda state: state.primary_ips,
    show=_show,
    filters={"ip": lambda shape: shape["ip"]},
)


def made(
    state: State, now: float, kind: str, place: str, *, name: str = "", auto_delete: bool = False
) -> PrimaryIP:
    """Return a new address of a kind (ipv4, ipv6), in nobody's hands yet."""
    number = state.new_id()
    ip = addressing.public_v4(number) if kind == "ipv4" else addressing.public_v6(number)
    return PrimaryIP(
        id=number,
        name=name or f"primary_ip-{number}",
        created=now,
        type=kind,
        ip=ip,
        location=place,
        auto_delete=auto_delete,
        pointers=pointers(kind, ip),
    )


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    server = None
    if asked.assignee_id is not None:
        server = found(visit.state.servers, "server", asked.assignee_id)
        require_room(server, asked.type)
    place = server.location if server else _place(asked)
    new = made(visit.state, visit.now, asked.type, place, name=asked.name, auto_delete=asked.auto_delete)
    new.labels = asked.labels
    TABLE.added(visit, new)
    body: Shape = {"primary_ip": _show(visit, new)}
    if server:
        action = visit.start("assign_primary_ip", *_both(visit, new, server), assignee=server.id)
        body["action"] = visit.shown(action)
    return Reply(status=201, body=body)


def _place(asked: _New) -> str:
    if asked.location is not None:
        return location(asked.location).name
    if asked.datacenter:
        return datacenter_location(asked.datacenter)
    raise invalid("location", "is needed where no server is named")


def _both(visit: Visit, one: PrimaryIP, server: Server) -> tuple[Resource, Resource]:
    return visit.free("primary_ip", one.id), visit.free("server", server.id)


def require_room(server: Server, kind: str) -> None:
    """Raise `Refused` unless a server is off and has no address of the kind."""
    if server.status != "off":
        raise failed("server_not_stopped", "server is running, but needs to be powered off")
    if (server.ipv4 if kind == "ipv4" else server.ipv6) is not None:
        raise failed(f"server_has_{kind}", f"server already has an {kind} address")


def _edit(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    TABLE.rename(visit, one)
    wanted = visit.read(_AutoDeleted).auto_delete
    one.auto_delete = one.auto_delete if wanted is None else wanted
    return Reply(body={"primary_ip": _show(visit, one)})


def _remove(visit: Visit) -> Reply:
    one = TABLE.removable(visit)
    if one.assignee is not None:
        raise failed("must_be_unassigned", "primary IP is still assigned to a resource")
    del visit.state.primary_ips[one.id]
    return Reply(status=204)


def _assign(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(_Assigned)
    server = found(visit.state.servers, "server", asked.assignee_id)
    if one.assignee is not None:
        raise failed("primary_ip_already_assigned", "primary IP is already assigned")
    if one.location != server.location:
        raise invalid("assignee_id", "server is in another location")
    require_room(server, one.type)
    return visit.acted(visit.start("assign_primary_ip", *_both(visit, one, server), assignee=server.id))


def _unassign(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    server = visit.state.servers.get(one.assignee or 0)
    if server is None:
        raise failed("primary_ip_not_assigned", "primary IP is not assigned")
    if server.status != "off":
        raise failed("server_not_stopped", "server is running, but needs to be powered off")
    return visit.acted(visit.start("unassign_primary_ip", *_both(visit, one, server)))


def _point(visit: Visit) -> Reply:
    one, asked = TABLE.act(visit), visit.read(Pointed)
    asked.check(one.ip)
    resource = visit.free("primary_ip", one.id)
    return visit.acted(visit.start("change_dns_ptr", resource, ip=asked.ip, dns_ptr=asked.dns_ptr))


def give(one: PrimaryIP, server: Server) -> None:
    """Give an address to a server."""
    one.assignee = server.id
    if one.type == "ipv4":
        server.ipv4 = one.id
    else:
        server.ipv6 = one.id


def let_go(state: State, server: int, now: float, span: float) -> None:
    """Remove the addresses of a server that is gone, or free them within `span` seconds."""
    for one in [one for one in state.primary_ips.values() if one.assignee == server]:
        if one.auto_delete:
            del state.primary_ips[one.id]
        else:
            start(state, now, "unassign_primary_ip", Resource("primary_ip", one.id), lasts=span)


def _assigned(state: State, action: Action) -> None:
    server = state.servers.get(int(str(action.args["assignee"])))
    if server is not None:
        give(state.primary_ips[action.owner.id], server)


def _unassigned(state: State, action: Action) -> None:
    one = state.primary_ips.get(action.owner.id)
    if one is None:
        return
    if server := state.servers.get(one.assignee or 0):
        server.ipv4 = None if server.ipv4 == one.id else server.ipv4
        server.ipv6 = None if server.ipv6 == one.id else server.ipv6
    one.assignee = None


def _pointed(state: State, action: Action) -> None:
    Pointed.keep(state.primary_ips[action.owner.id].pointers, action)


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/primary_ips", _create),
    ("POST", "actions/assign", _assign),
    ("POST", "actions/unassign", _unassign),
    ("POST", "actions/change_dns_ptr", _point),
    ("POST", "actions/change_protection", guarding(TABLE)),
    editing=_edit,
    removing=_remove,
)
EFFECTS = {
    "primary_ip.assign_primary_ip": _assigned,
    "primary_ip.unassign_primary_ip": _unassigned,
    "primary_ip.change_dns_ptr": _pointed,
    "primary_ip.change_protection": guard(lambda state: state.primary_ips),
}
