"""What things say of each other, put on both sides: who stands behind which firewall, whose address is whose. Pure.

`guards` of a server are the firewalls that must be on it before it boots, `firewalls` those of them that name it.
"""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.deploy.intents.world import stands_before
from vedette.instruments.hetzner import rdns
from vedette.wire import jsons
from vedette.wire.infra import REF, Thing

_VERSIONS = ("ipv4", "ipv6")


def linked(things: Sequence[Thing], live: Sequence[Thing], project: str) -> tuple[Thing, ...]:
    """Return what should be, with what follows from each other and from what is there."""
    there = {each.name for each in live if each.kind == "server"}
    addressed = _addressed(things)
    found = []
    for thing in addressed:
        if thing.kind == "server":
            found.append(guarded(thing, addressed, project))
        elif thing.kind == "firewall":
            found.append(
                _with(thing, servers=[each for each in jsons.texts(thing.fields, "servers") if each in there])
            )
        elif thing.kind == "primary_ip" and jsons.text(thing.fields, "server") not in there:
            found.append(_with(thing, server=""))  # the server takes it along when it is made
        elif thing.kind == "zone":
            found.append(_resolved(thing, live))
        else:
            found.append(thing)
    return tuple(found)


def guarded(server: Thing, things: Iterable[Thing], project: str) -> Thing:
    """Return a server with its firewalls; one without a public address needs none."""
    if not is_public(server):
        return server
    walls = [each for each in things if each.kind == "firewall"]
    direct = [each.name for each in walls if server.name in jsons.texts(each.fields, "servers")]
    return _with(
        server, firewalls=direct, guards=[each.name for each in walls if covers(each, server, project)]
    )


def covers(wall: Thing, server: Thing, project: str) -> bool:
    """Tell whether a firewall is on a server, by name or by label, once the server bears the project's mark."""
    return stands_before(wall, server, project)


def is_public(server: Thing) -> bool:
    """Tell whether a server has a public address; one that does not say has."""
    return any(server.fields.get(f"public_{version}") is not False for version in _VERSIONS)


def doubled(things: Iterable[Thing], project: str) -> tuple[str, ...]:
    """Tell which firewalls are on a server twice, by label and by name: taking one away leaves the other."""
    there = list(things)
    found = []
    for wall in (each for each in there if each.kind == "firewall"):
        bare = _with(wall, servers=[])
        direct = set(jsons.texts(wall.fields, "servers"))
        twice = [
            each.name
            for each in there
            if each.kind == "server" and each.name in direct and covers(bare, each, project)
        ]
        if twice:
            found.append(
                f"Firewall {wall.name} is on {', '.join(twice)} by label and by name as well; taking one away leaves the other."
            )
    return tuple(found)


def _addressed(things: Sequence[Thing]) -> list[Thing]:
    """Let servers name the primary IPs that name them, and the other way round."""
    holds = {
        (jsons.text(each.fields, "server"), jsons.text(each.fields, "type")): each.name
        for each in things
        if each.kind == "primary_ip" and jsons.text(each.fields, "server")
    }
    held = {
        jsons.text(each.fields, f"primary_{version}"): each.name
        for each in things
        if each.kind == "server"
        for version in _VERSIONS
    }
    return [_with_address(each, holds, held) for each in things]


def _with_address(thing: Thing, holds: dict[tuple[str, str], str], held: dict[str, str]) -> Thing:
    if thing.kind == "primary_ip":
        return _with(thing, server=jsons.text(thing.fields, "server") or held.get(thing.name, ""))
    if thing.kind != "server":
        return thing
    named = {
        version: jsons.text(thing.fields, f"primary_{version}") or holds.get((thing.name, version), "")
        for version in _VERSIONS
    }
    return _with(thing, **{f"primary_{version}": name for version, name in named.items()})


def _resolved(zone: Thing, live: Sequence[Thing]) -> Thing:
    """Put known addresses in the place of what records stand for."""
    known = {f"{REF}{each.kind}/{each.name}": each for each in live}
    records = [
        {
            **each,
            "values": sorted(
                _address(value, jsons.text(each, "type"), known.get(value))
                for value in jsons.texts(each, "values")
            ),
        }
        for each in jsons.records(zone.fields, "records")
    ]
    return _with(zone, records=records)


def _address(value: str, kind: str, thing: Thing | None) -> str:
    if thing is None:
        return value
    found = jsons.text(thing.fields, "address") or jsons.text(
        thing.fields, "ipv6" if kind == "AAAA" else "ipv4"
    )
    return rdns.first(found) or value


def _with(thing: Thing, **fields: object) -> Thing:
    return msgspec.structs.replace(thing, fields={**thing.fields, **fields})
