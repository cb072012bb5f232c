"""Servers as they are shown, made and removed."""

import re

import msgspec

from vedette.core.clock import iso
from vedette.core.ids import new_secret
from vedette.instruments.hetzner.fake import catalogue as offer
from vedette.instruments.hetzner.fake.calls import Refused, Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.kinds import floating_ips, images, placement, primary_ips, volumes
from vedette.instruments.hetzner.fake.state import (
    Action,
    Application,
    Attached,
    PrimaryIP,
    Resource,
    Server,
    State,
)
from vedette.instruments.hetzner.fake.table import Handler, Route, Table
from vedette.instruments.hetzner.fake.visit import Visit, found

_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9.-]{1,63}(?<![-.])")
_SPREAD = 10  # servers of a placement group at most
_FIREWALLS = 5
_USER_DATA = 32 * 1024


class _Public(msgspec.Struct, frozen=True, kw_only=True):
    enable_ipv4: bool = True
    enable_ipv6: bool = True
    ipv4: int | None = None
    ipv6: int | None = None


class _Fenced(msgspec.Struct, kw_only=True):
    firewall: int


class _New(msgspec.Struct, kw_only=True):
    name: str
    server_type: str | int
    image: str | int
    location: str | int | None = None
    datacenter: str | int | None = None
    start_after_create: bool = True
    placement_group: int | None = None
    ssh_keys: list[str | int] = []
    volumes: list[int] = []
    networks: list[int] = []
    firewalls: list[_Fenced] = []
    user_data: str = ""
    labels: dict[str, str] = {}
    automount: bool = False
    public_net: _Public = _Public()


def show(visit: Visit, server: Server) -> Shape:
    """Return a server as the API shows it."""
    state = visit.state
    group = state.placement_groups.get(server.placement or 0)
    return {
        "id": server.id,
        "name": server.name,
        "status": server.status,
        "created": iso(server.created),
        "public_net": _public_net(visit, server),
        "private_net": [_private_net(server, one) for one in server.private],
        "server_type": offer.show_server_type(server.type),
        "datacenter": offer.show_datacenter(server.location),
        "location": offer.show_location(server.location),
        "image": images.show_any(visit, server.image) if server.image else None,
        "iso": _iso(server.iso),
        "rescue_enabled": server.rescue,
        "locked": any(
            Resource("server", server.id) in one.resources
            for one in state.actions.values()
            if one.status == "running"
        ),
        "backup_window": server.backup_window,
        "outgoing_traffic": 0,
        "ingoing_traffic": 0,
        "included_traffic": 20 * 10**12,
        "protection": {"delete": server.protected, "rebuild": server.rebuild_protected},
        "labels": server.labels,
        "volumes": [one.id for one in state.volumes.values() if one.server == server.id],
        "load_balancers": [
            one.id
            for one in state.load_balancers.values()
            if any(server.id in {target.server, *target.followed.joined} for target in one.targets)
        ],
        "primary_disk_size": server.disk,
        "placement_group": placement.show(visit, group) if group else None,
    }


def _iso(number: int | None) -> Shape | None:
    names = [name for name, one in offer.catalogue().isos.items() if one.id == number]
    return offer.show_iso(names[0]) if names else None


def _public_net(visit: Visit, server: Server) -> Shape:
    addresses = visit.state.primary_ips
    return {
        "ipv4": _address(addresses.get(server.ipv4 or 0)),
        "ipv6": _address(addresses.get(server.ipv6 or 0)),
        "floating_ips": [one.id for one in visit.state.floating_ips.values() if one.server == server.id],
        "firewalls": fences(visit, server.id),
    }


def _address(one: PrimaryIP | None) -> Shape | None:
    if one is None:
        return None
    listed = [{"ip": ip, "dns_ptr": name} for ip, name in one.pointers.items()]
    pointer = one.pointers.get(one.ip) if one.type == "ipv4" else listed
    return {"id": one.id, "ip": one.ip, "blocked": False, "dns_ptr": pointer}


def fences(visit: Visit, server: int) -> list[Shape]:
    """Return the firewalls of a server, each applied or still pending."""
    since = _since(visit.state, server)
    return [
        {"id": number, "status": "applied" if at <= visit.now else "pending"} for number, at in since.items()
    ]


def _since(state: State, server: int) -> dict[int, float]:
    since: dict[int, float] = {}
    for firewall in state.firewalls.values():
        for one in firewall.applications:
            at = one.since if one.server == server else one.followed.joined.get(server)
            if at is not None:
                since[firewall.id] = min(at, since.get(firewall.id, at))
    return since


def _private_net(server: Server, one: Attached) -> Shape:
    tail = ":".join(f"{byte:02x}" for byte in ((server.id << 8) + one.network % 256).to_bytes(5, "big")[-5:])
    return {"network": one.network, "ip": one.ip, "alias_ips": one.aliases, "mac_address": f"86:{tail}"}


TABLE = Table(
    singular="server",
    plural="servers",
    rows=lambda state: state.servers,
    show=show,
    filters={"status": lambda shape: shape["status"]},
)


def check_name(name: str) -> None:
    """Raise `Refused` unless a name is a hostname (RFC 1123)."""
    if not _HOSTNAME.fullmatch(name):
        raise invalid("name", "must be a valid hostname")


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    check_name(asked.name)
    TABLE.check(visit, asked.name, asked.labels)
    server = TABLE.added(visit, _planned(visit, asked))
    addresses = _addresses(visit, asked.public_net, server)
    action = visit.start("create_server", Resource("server", server.id), runs=asked.start_after_create)
    for address in addresses:
        primary_ips.give(address, server)
    for fence in asked.firewalls:
        firewall = visit.state.firewalls[fence.firewall]
        firewall.applications.append(Application(server=server.id, since=action.ends))
    following = _following(visit, asked, server, action)
    body: Shape = {
        "server": show(visit, server),
        "action": visit.shown(action),
        "next_actions": [visit.shown(one) for one in following],
        "root_password": None if asked.ssh_keys else new_secret(12),
    }
    return Reply(status=201, body=body)


def _planned(visit: Visit, asked: _New) -> Server:
    state = visit.state
    name, size = orderable(asked.server_type)
    place = _place(asked)
    if f"{name}@{place}" in state.sold_out or name in state.sold_out:
        raise Refused(412, "resource_unavailable", f"server type '{name}' is not available in '{place}'")
    image = images.find(visit, asked.image, size.architecture)
    server = Server(
        id=state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        type=name,
        image=image,
        location=place,
        disk=size.disk,
        placement=asked.placement_group,
        user_data=asked.user_data,
        keys=[_key(state, one) for one in asked.ssh_keys],
    )
    _require(visit, asked, server)
    return server


def orderable(key: str | int) -> tuple[str, offer.ServerType]:
    """Return a size of servers that is not withdrawn. Raises `Refused`."""
    name, size = offer.server_type(key)
    if size.deprecated:
        raise invalid("server_type", f"server type '{name}' is deprecated and cannot be ordered any more")
    return name, size


def _place(asked: _New) -> str:
    if asked.location is not None:
        return offer.location(asked.location).name
    if asked.datacenter is not None:
        return offer.datacenter_location(str(asked.datacenter))
    return "fsn1"


def _key(state: State, asked: str | int) -> int:
    for key in state.ssh_keys.values():
        if str(asked) in {str(key.id), key.name}:
            return key.id
    raise invalid("ssh_keys", f"SSH key '{asked}' not found")


def _require(visit: Visit, asked: _New, server: Server) -> None:
    state, public = visit.state, asked.public_net
    if len(asked.user_data.encode()) > _USER_DATA:
        raise invalid("user_data", f"must have at most {_USER_DATA} bytes")
    if not (public.enable_ipv4 or public.enable_ipv6 or asked.networks):
        raise invalid("public_net", "a server needs a public address or a network")
    _require_addresses(visit, public, server.location)
    for number in asked.volumes:
        volumes.require_attachable(state, found(state.volumes, "volume", number), server)
    for number in asked.networks:
        found(state.networks, "network", number)
    for fence in asked.firewalls:
        found(state.firewalls, "firewall", fence.firewall)
    if len(asked.firewalls) > _FIREWALLS:
        raise invalid("firewalls", f"at most {_FIREWALLS} firewalls apply to a server")
    if asked.placement_group is not None:
        require_place(state, asked.placement_group)


def require_place(state: State, group: int) -> None:
    """Raise `Refused` unless a placement group is there and has room."""
    found(state.placement_groups, "placement group", group)
    if sum(one.placement == group for one in state.servers.values()) >= _SPREAD:
        raise failed("placement_error", f"a placement group has at most {_SPREAD} servers")


def _require_addresses(visit: Visit, public: _Public, place: str) -> None:
    """Raise `Refused` unless the addresses that are named are free and of the right kind."""
    for kind, number in (("ipv4", public.ipv4), ("ipv6", public.ipv6)):
        if number is None:
            continue
        one = found(visit.state.primary_ips, "primary_ip", number)
        if one.type != kind or one.location != place:
            raise invalid(f"public_net.{kind}", f"primary IP {number} is no {kind} of {place}")
        if one.assignee is not None:
            raise failed("primary_ip_already_assigned", "primary IP is already assigned")
        visit.free("primary_ip", number)


def _addresses(visit: Visit, public: _Public, server: Server) -> list[PrimaryIP]:
    wanted = [("ipv4", public.enable_ipv4, public.ipv4), ("ipv6", public.enable_ipv6, public.ipv6)]
    return [_one_address(visit, kind, number, server) for kind, on, number in wanted if on]


def _one_address(visit: Visit, kind: str, number: int | None, server: Server) -> PrimaryIP:
    state = visit.state
    if number is not None:
        return state.primary_ips[number]
    new = primary_ips.made(state, visit.now, kind, server.location, auto_delete=True)
    state.primary_ips[new.id] = new
    return new


def _following(visit: Visit, asked: _New, server: Server, first: Action) -> list[Action]:
    resource, actions = Resource("server", server.id), [first]
    for number in asked.networks:
        other = Resource("network", number)
        actions.append(visit.start("attach_to_network", resource, other, after=actions[-1], network=number))
    for number in asked.volumes:
        volume = Resource("volume", number)
        actions.append(visit.start("attach_volume", volume, resource, after=actions[-1], server=server.id))
    if asked.start_after_create:
        actions.append(visit.start("start_server", resource, after=actions[-1]))
    return actions[1:]


def _edit(visit: Visit) -> Reply:
    server = TABLE.find(visit)
    before = server.name
    TABLE.rename(visit, server)
    try:
        check_name(server.name)
    except Refused:
        server.name = before
        raise
    return Reply(body={"server": show(visit, server)})


def _remove(visit: Visit) -> Reply:
    server = TABLE.removable(visit)
    action = visit.start("delete_server", visit.free("server", server.id))
    server.status = "deleting"
    return Reply(body={"action": visit.shown(action)})


def _created(state: State, action: Action) -> None:
    state.servers[action.owner.id].status = "starting" if action.args["runs"] else "off"


def _never_created(state: State, action: Action) -> None:
    for other in state.actions.values():
        if other.status == "running" and action.owner in other.resources and other is not action:
            other.trouble = ("server_error", "the server was not created")
    _forget(state, action)


def _deleted(state: State, action: Action) -> None:
    _forget(state, action)


def _kept(state: State, action: Action) -> None:
    state.servers[action.owner.id].status = "off"


def _forget(state: State, action: Action) -> None:
    """Remove a server; what it had is let go somewhat later, as it is there."""
    number, span = action.owner.id, (action.ends - action.started) / 2
    state.servers.pop(number, None)
    for firewall in state.firewalls.values():
        firewall.applications = [one for one in firewall.applications if one.server != number]
    for balancer in state.load_balancers.values():
        balancer.targets = [one for one in balancer.targets if one.server != number]
    volumes.let_go(state, number, action.ends, span)
    primary_ips.let_go(state, number, action.ends, span)
    floating_ips.let_go(state, number)
    images.let_go(state, number)


def acting_on(command: str) -> Handler:
    """Return what answers an action without input."""

    def answer(visit: Visit) -> Reply:
        server = TABLE.act(visit)
        return visit.acted(visit.start(command, visit.free("server", server.id)))

    return answer


ROUTES: list[Route] = TABLE.routes(("POST", "/servers", _create), editing=_edit, removing=_remove)
EFFECTS = {"server.create_server": _created, "server.delete_server": _deleted}
UNDOING = {"server.create_server": _never_created, "server.delete_server": _kept}
