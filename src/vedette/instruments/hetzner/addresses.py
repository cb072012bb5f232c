"""A server's public addresses: which it is made with, how they come and go, and how they outlive the server when it is made anew."""

from collections.abc import Mapping
from functools import partial

from vedette.instruments.hetzner.awaiting import came
from vedette.instruments.hetzner.types import Asks, CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing

FIELDS = ("public_ipv4", "public_ipv6", "primary_ipv4", "primary_ipv6")
VERSIONS = ("ipv4", "ipv6")
_LOOKS = 60
_PLACE = "/primary_ips"
_FLOATING = "/floating_ips"
Json = dict[str, object]


def wanted(fields: Mapping[str, object], names: Names) -> Json:
    """Return with which addresses a server is made: those it had (`kept`), those of the file, else new ones."""
    made: Json = {f"enable_{version}": fields.get(f"public_{version}") is not False for version in VERSIONS}
    for version in VERSIONS:
        name = jsons.text(fields, f"primary_{version}")
        number = jsons.number(fields, "kept", version)
        if name or number:
            made[version] = names.id("primary_ip", name) if name else number
    return made


def kept(cloud: Asks, raw: Mapping[str, object], before: Thing, after: Thing) -> Json:
    """Return what of a server outlives it: ids of its own addresses (they stay in their location), volumes, floating and private addresses."""
    found: Json = {
        "volumes": list(jsons.numbers(raw, "volumes")),
        "floating": list(jsons.numbers(raw, "public_net", "floating_ips")),
        "server": before.id,
    }
    if before.fields.get("location") != after.fields.get("location"):
        return found
    parts: list[int] = []
    for version in VERSIONS:
        number = jsons.number(raw, "public_net", version, "id")
        if number and _stays(before, after, version):
            found[version] = number
            parts += [number] if _a_part(cloud, number) else []
    return {**found, "parts": parts}


def hold(cloud: Asks, kept: Mapping[str, object]) -> None:
    """Let addresses stay when their server goes."""
    for number in jsons.numbers(kept, "parts"):
        cloud.did("PUT", f"{_PLACE}/{number}", {"auto_delete": False})


def await_free(cloud: Asks, kept: Mapping[str, object]) -> None:
    """Wait until addresses and volumes are free of the server that went."""
    places = [
        (f"{_PLACE}/{jsons.number(kept, version)}", "primary_ip", "assignee_id")
        for version in VERSIONS
        if jsons.number(kept, version)
    ]
    places += [(f"/volumes/{number}", "volume", "server") for number in jsons.numbers(kept, "volumes")]
    places += [
        (f"{_FLOATING}/{number}", "floating_ip", "server") for number in jsons.numbers(kept, "floating")
    ]
    for place, one, holder in places:
        if not came(cloud, _LOOKS, partial(_is_free, cloud, place, one, holder)):
            raise CloudError(
                f"{place} is still held by the server that was removed {_LOOKS} seconds ago. Apply again: it goes on from there."
            )


def _is_free(cloud: Asks, place: str, one: str, holder: str) -> bool:
    return not jsons.number(cloud.get(place), one, holder)


def give_back(cloud: Asks, server: int, kept: Mapping[str, object], names: Names) -> None:
    """Give a server the volumes of the one before, and let its addresses go with it again."""
    for volume in jsons.numbers(kept, "volumes"):
        if not jsons.number(cloud.get(f"/volumes/{volume}"), "volume", "server"):
            cloud.did("POST", f"/volumes/{volume}/actions/attach", {"server": server})
    for number in jsons.numbers(kept, "floating"):
        if not jsons.number(cloud.get(f"{_FLOATING}/{number}"), "floating_ip", "server"):
            cloud.did("POST", f"{_FLOATING}/{number}/actions/assign", {"server": server})
    for number in jsons.numbers(kept, "parts"):
        cloud.did("PUT", f"{_PLACE}/{number}", {"auto_delete": True})
        names.forget("primary_ip", names.name("primary_ip", number))  # a part of the server again


def change(cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
    """Make the addresses of a server that is off what they should be."""
    public = jsons.record(cloud.get(f"/servers/{before.id}"), "server", "public_net")
    for version in VERSIONS:
        old, new = _held(before, version), _held(after, version)
        if old == new:
            continue
        number = jsons.number(public, version, "id")
        if number:
            _take(cloud, number, a_part=old == (True, ""))
        if new[0]:
            _give(cloud, before, version, new[1], names)


def _stays(before: Thing, after: Thing, version: str) -> bool:
    return after.fields.get(f"public_{version}") is not False and _held(before, version) == _held(
        after, version
    )


def _held(thing: Thing, version: str) -> tuple[bool, str]:
    return thing.fields.get(f"public_{version}") is not False, jsons.text(thing.fields, f"primary_{version}")


def _take(cloud: Asks, number: int, *, a_part: bool) -> None:
    cloud.did("POST", f"{_PLACE}/{number}/actions/unassign")
    if a_part:
        cloud.did("DELETE", f"{_PLACE}/{number}")


def _give(cloud: Asks, server: Thing, version: str, name: str, names: Names) -> None:
    if name:
        body: Json = {"assignee_id": server.id, "assignee_type": "server"}
        cloud.did("POST", f"{_PLACE}/{names.id('primary_ip', name)}/actions/assign", body)
        return
    made: Json = {"name": f"{server.name}-{version}", "type": version, "assignee_type": "server"}
    cloud.did("POST", _PLACE, {**made, "assignee_id": server.id, "auto_delete": True})


def _a_part(cloud: Asks, number: int) -> bool:
    return jsons.flag(cloud.get(f"{_PLACE}/{number}"), "primary_ip", "auto_delete")
