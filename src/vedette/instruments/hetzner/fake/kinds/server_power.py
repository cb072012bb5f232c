"""What is done to servers as machines: power, size, image, rescue, discs, backups."""

from typing import Literal

import msgspec

from vedette.core.ids import new_secret
from vedette.instruments.hetzner.fake import catalogue as offer
from vedette.instruments.hetzner.fake.acting import Effect
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid, protected
from vedette.instruments.hetzner.fake.kinds import images
from vedette.instruments.hetzner.fake.kinds.servers import TABLE, acting_on, orderable
from vedette.instruments.hetzner.fake.labels import check
from vedette.instruments.hetzner.fake.state import Action, Image, Resource, State
from vedette.instruments.hetzner.fake.table import Handler, Route
from vedette.instruments.hetzner.fake.visit import Visit


class _Typed(msgspec.Struct, kw_only=True):
    server_type: str | int
    upgrade_disk: bool


class _Rebuilt(msgspec.Struct, kw_only=True):
    image: str | int
    user_data: str | None = None


class _Disc(msgspec.Struct, kw_only=True):
    iso: str | int


class _Pictured(msgspec.Struct, kw_only=True):
    description: str | None = None
    type: Literal["snapshot", "backup"] = "snapshot"
    labels: dict[str, str] = {}


def _retype(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Typed)
    if server.status != "off":
        raise failed("server_not_stopped", "server is running, but needs to be powered off")
    name, size = orderable(asked.server_type)
    had = offer.catalogue().server_types[server.type]
    if name == server.type or size.disk < server.disk or size.architecture != had.architecture:
        raise failed("invalid_server_type", f"server type '{name}' does not fit for the server")
    disk = size.disk if asked.upgrade_disk else server.disk
    return visit.acted(
        visit.start("change_server_type", visit.free("server", server.id), type=name, disk=disk)
    )


def _rebuild(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Rebuilt)
    if server.rebuild_protected:
        raise protected(f"server {server.id}")
    image = images.find(visit, asked.image, offer.catalogue().server_types[server.type].architecture)
    action = visit.start("rebuild_server", visit.free("server", server.id), image=image, data=asked.user_data)
    server.status = "rebuilding"
    return visit.acted(action, root_password=None if server.keys else new_secret(12))


def _insert(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Disc)
    found = [one.id for name, one in offer.catalogue().isos.items() if str(asked.iso) in {name, str(one.id)}]
    if not found:
        raise invalid("iso", f"ISO '{asked.iso}' not found")
    return visit.acted(visit.start("attach_iso", visit.free("server", server.id), iso=found[0]))


def _picture(visit: Visit) -> Reply:
    server, asked = TABLE.act(visit), visit.read(_Pictured)
    check(asked.labels)
    if asked.type == "backup" and server.backup_window is None:
        raise failed("backups_not_enabled", "backups are not enabled for the server")
    visit.room("images", visit.state.images)
    system = images.show_any(visit, server.image or 0) or {}
    image = Image(
        id=visit.state.new_id(),
        name="",
        created=visit.now,
        labels=asked.labels,
        description=asked.description or f"{asked.type} of {server.name}",
        type=asked.type,
        server=server.id,
        server_name=server.name,
        flavor=str(system.get("os_flavor", "unknown")),
        version=str(system["os_version"]) if system.get("os_version") else None,
        architecture=offer.catalogue().server_types[server.type].architecture,
        disk=server.disk,
    )
    visit.state.images[image.id] = image
    resources = visit.free("server", server.id), Resource("image", image.id)
    action = visit.start("create_image", *resources, image=image.id)
    return visit.acted(action, image=images.TABLE.show(visit, image))


def _telling(command: str, **told: object) -> Handler:
    """Return what answers an action that hands out a password besides."""

    def answer(visit: Visit) -> Reply:
        server = TABLE.act(visit)
        secrets: Shape = {name: new_secret(12) if value is None else value for name, value in told.items()}
        return visit.acted(visit.start(command, visit.free("server", server.id)), **secrets)

    return answer


def _set(field: str, value: object) -> Effect:
    def effect(state: State, action: Action) -> None:
        if server := state.servers.get(action.owner.id):
            setattr(server, field, value)

    return effect


def _retyped(state: State, action: Action) -> None:
    server = state.servers[action.owner.id]
    server.type, server.disk = str(action.args["type"]), int(str(action.args["disk"]))


def _rebuilt(state: State, action: Action) -> None:
    server = state.servers[action.owner.id]
    server.image, server.status = int(str(action.args["image"])), "running"
    server.user_data = str(action.args["data"] or server.user_data)


def _inserted(state: State, action: Action) -> None:
    state.servers[action.owner.id].iso = int(str(action.args["iso"]))


def _no_backups(state: State, action: Action) -> None:
    state.servers[action.owner.id].backup_window = None
    images.let_go(state, action.owner.id)


_PLAIN = {
    "poweron": "start_server",
    "poweroff": "stop_server",
    "shutdown": "shutdown_server",
    "reboot": "reboot_server",
    "reset": "reset_server",
    "detach_iso": "detach_iso",
    "enable_backup": "enable_backup",
    "disable_backup": "disable_backup",
    "disable_rescue": "disable_rescue",
}
ROUTES: list[Route] = [
    *(("POST", f"/servers/{{id}}/actions/{path}", acting_on(command)) for path, command in _PLAIN.items()),
    ("POST", "/servers/{id}/actions/change_type", _retype),
    ("POST", "/servers/{id}/actions/rebuild", _rebuild),
    ("POST", "/servers/{id}/actions/attach_iso", _insert),
    ("POST", "/servers/{id}/actions/create_image", _picture),
    ("POST", "/servers/{id}/actions/enable_rescue", _telling("enable_rescue", root_password=None)),
    ("POST", "/servers/{id}/actions/reset_password", _telling("reset_password", root_password=None)),
    (
        "POST",
        "/servers/{id}/actions/request_console",
        _telling("request_console", wss_url="wss://console.invalid/?token=none", password=None),
    ),
    ("GET", "/servers/{id}/metrics", TABLE.metrics),
]
EFFECTS = {
    "server.start_server": _set("status", "running"),
    "server.stop_server": _set("status", "off"),
    "server.shutdown_server": _set("status", "off"),
    "server.reboot_server": _set("status", "running"),
    "server.reset_server": _set("status", "running"),
    "server.change_server_type": _retyped,
    "server.rebuild_server": _rebuilt,
    "server.attach_iso": _inserted,
    "server.detach_iso": _set("iso", None),
    "server.enable_backup": _set("backup_window", "22-02"),
    "server.disable_backup": _no_backups,
    "server.enable_rescue": _set("rescue", True),
    "server.disable_rescue": _set("rescue", False),
}
