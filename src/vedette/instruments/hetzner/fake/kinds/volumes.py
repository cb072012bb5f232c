"""Volumes: disks over the network that outlive their servers."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.acting import start
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.catalogue import location, show_location
from vedette.instruments.hetzner.fake.state import Action, Resource, Server, State, Volume
from vedette.instruments.hetzner.fake.table import Route, Table, guard, guarding
from vedette.instruments.hetzner.fake.visit import Visit, found

_LEAST, _MOST = 10, 10_240  # GB
_PER_SERVER = 16


class _New(msgspec.Struct, kw_only=True):
    name: str
    size: int
    labels: dict[str, str] = {}
    automount: bool = False
    format: Literal["ext4", "xfs"] | None = None
    location: str | int | None = None
    server: int | None = None


class _Attached(msgspec.Struct, kw_only=True):
    server: int
    automount: bool = False


class _Sized(msgspec.Struct, kw_only=True):
    size: int


def _show(visit: Visit, volume: Volume) -> Shape:  # noqa: ARG001 - as tables show
    return {
        "id": volume.id,
        "name": volume.name,
        "size": volume.size,
        "server": volume.server,
        "location": show_location(volume.location),
        "status": volume.status,
        "format": volume.format,
        "linux_device": f"/dev/disk/by-id/scsi-0HC_Volume_{volume.id}",
        "labels": volume.labels,
        "protection": {"delete": volume.protected},
        "created": iso(volume.created),
    }


TABLE = Table(
    singular="volume",
    plural="volumes",
    rows=lambda state: state.volumes,
    show=_show,
    filters={"status": lambda shape: shape["status"]},
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    _sized(asked.size)
    server = None if asked.server is None else found(visit.state.servers, "server", asked.server)
    if server is None and asked.location is None:
        raise invalid("location", "is needed where no server is named")
    place = server.location if server else location(asked.location or "").name
    volume = TABLE.added(
        visit,
        Volume(
            id=visit.state.new_id(),
            name=asked.name,
            created=visit.now,
            labels=asked.labels,
            size=asked.size,
            location=place,
            format=asked.format,
        ),
    )
    action = visit.start("create_volume", Resource("volume", volume.id))
    following = [_attach_next(visit, volume, server, action)] if server else []
    body: Shape = {
        "volume": _show(visit, volume),
        "action": visit.shown(action),
        "next_actions": [visit.shown(one) for one in following],
    }
    return Reply(status=201, body=body)


def _attach_next(visit: Visit, volume: Volume, server: Server, first: Action) -> Action:
    resources = Resource("volume", volume.id), visit.free("server", server.id)
    return visit.start("attach_volume", *resources, after=first, server=server.id)


def _sized(size: int) -> None:
    if not _LEAST <= size <= _MOST:
        raise invalid("size", f"must be from {_LEAST} to {_MOST} GB")


def _remove(visit: Visit) -> Reply:
    volume = TABLE.removable(visit)
    if volume.server is not None:
        raise failed("volume_still_attached", "volume is still attached to a server")
    del visit.state.volumes[volume.id]
    return Reply(status=204)


def _attach(visit: Visit) -> Reply:
    volume, asked = TABLE.act(visit), visit.read(_Attached)
    server = found(visit.state.servers, "server", asked.server)
    require_attachable(visit.state, volume, server)
    resources = visit.free("volume", volume.id), visit.free("server", server.id)
    return visit.acted(visit.start("attach_volume", *resources, server=server.id))


def require_attachable(state: State, volume: Volume, server: Server) -> None:
    """Raise `Refused` unless a volume is free and a server beside it has room for one more."""
    if volume.server is not None:
        raise failed("volume_already_attached", "volume is already attached to a server")
    if volume.location != server.location:
        raise invalid("server", "server is in another location than the volume")
    if sum(one.server == server.id for one in state.volumes.values()) >= _PER_SERVER:
        raise failed("limit_exceeded_error", f"a server has at most {_PER_SERVER} volumes")


def _detach(visit: Visit) -> Reply:
    volume = TABLE.act(visit)
    if volume.server is None:
        raise failed("volume_not_attached", "volume is not attached to a server")
    resources = visit.free("volume", volume.id), visit.free("server", volume.server)
    return visit.acted(visit.start("detach_volume", *resources))


def _resize(visit: Visit) -> Reply:
    volume, asked = TABLE.act(visit), visit.read(_Sized)
    _sized(asked.size)
    if asked.size <= volume.size:
        raise invalid("size", f"a volume cannot be made smaller than {volume.size + 1} GB")
    return visit.acted(visit.start("resize_volume", visit.free("volume", volume.id), size=asked.size))


def _created(state: State, action: Action) -> None:
    state.volumes[action.owner.id].status = "available"


def _never_created(state: State, action: Action) -> None:
    state.volumes.pop(action.owner.id, None)


def _attached(state: State, action: Action) -> None:
    number = int(str(action.args["server"]))
    if action.owner.id in state.volumes and number in state.servers:
        state.volumes[action.owner.id].server = number


def _detached(state: State, action: Action) -> None:
    if volume := state.volumes.get(action.owner.id):
        volume.server = None


def let_go(state: State, server: int, now: float, span: float) -> None:
    """Detach the volumes of a server that is gone, within `span` seconds."""
    for volume in state.volumes.values():
        if volume.server == server:
            start(state, now, "detach_volume", Resource("volume", volume.id), lasts=span)


def _resized(state: State, action: Action) -> None:
    state.volumes[action.owner.id].size = int(str(action.args["size"]))


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/volumes", _create),
    ("POST", "actions/attach", _attach),
    ("POST", "actions/detach", _detach),
    ("POST", "actions/resize", _resize),
    ("POST", "actions/change_protection", guarding(TABLE)),
    removing=_remove,
)
EFFECTS = {
    "volume.create_volume": _created,
    "volume.attach_volume": _attached,
    "volume.detach_volume": _detached,
    "volume.resize_volume": _resized,
    "volume.change_protection": guard(lambda state: state.volumes),
}
UNDOING = {"volume.create_volume": _never_created}
