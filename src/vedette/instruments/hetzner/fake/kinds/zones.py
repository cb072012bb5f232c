"""DNS zones."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Refused, Reply, Shape, invalid
from vedette.instruments.hetzner.fake.labels import check
from vedette.instruments.hetzner.fake.recording import (
    NAMESERVERS,
    NewRecords,
    check_ttl,
    first_records,
    new_records,
    read_zone_file,
    zone_file,
    zone_name,
)
from vedette.instruments.hetzner.fake.state import Action, Records, Resource, State, Zone
from vedette.instruments.hetzner.fake.table import Route, Table, guard, guarding
from vedette.instruments.hetzner.fake.visit import Visit


class _Primary(msgspec.Struct, kw_only=True, omit_defaults=True):
    address: str
    port: int = 53
    tsig_algorithm: Literal["hmac-md5", "hmac-sha1", "hmac-sha256"] | None = None
    tsig_key: str | None = None


class _New(msgspec.Struct, kw_only=True):
    name: str
    mode: Literal["primary", "secondary"]
    ttl: int | None = None
    labels: dict[str, str] = {}
    primary_nameservers: list[_Primary] = []
    rrsets: list[NewRecords] = []
    zonefile: str | None = None


class _Labelled(msgspec.Struct, kw_only=True):
    labels: dict[str, str] | None = None


class _Lived(msgspec.Struct, kw_only=True):
    ttl: int


class _Imported(msgspec.Struct, kw_only=True):
    zonefile: str


class _Served(msgspec.Struct, kw_only=True):
    primary_nameservers: list[_Primary]


def _show(visit: Visit, zone: Zone) -> Shape:  # noqa: ARG001 - as tables show
    shape: Shape = {
        "id": zone.id,
        "name": zone.name,
        "mode": zone.mode,
        "ttl": zone.ttl,
        "labels": zone.labels,
        "created": iso(zone.created),
        "protection": {"delete": zone.protected},
        "status": "ok",
        "registrar": "unknown",
        "record_count": sum(len(one.values) for one in zone.records.values()),
        "authoritative_nameservers": {
            "assigned": list(NAMESERVERS),
            "delegated": [],
            "delegation_last_check": None,
            "delegation_status": "unknown",
        },
    }
    return {**shape, "primary_nameservers": zone.primaries} if zone.mode == "secondary" else shape


TABLE = Table(
    singular="zone",
    plural="zones",
    rows=lambda state: state.zones,
    show=_show,
    filters={"mode": lambda shape: shape["mode"]},
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, zone_name(asked.name), asked.labels)
    check_ttl(asked.ttl)
    zone = Zone(
        id=visit.state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        mode=asked.mode,
        ttl=asked.ttl or 3600,
        primaries=_primaries(asked.mode, asked.primary_nameservers),
    )
    if zone.mode == "primary":
        _fill(zone, asked)
    TABLE.added(visit, zone)
    action = visit.start("create_zone", Resource("zone", zone.id))
    return visit.acted(action, zone=_show(visit, zone))


def _fill(zone: Zone, asked: _New) -> None:
    zone.records = first_records()
    if asked.zonefile is not None:
        zone.records = read_zone_file(zone.name, asked.zonefile)
    for one in asked.rrsets:
        zone.records[f"{one.name}/{one.type}"] = new_records(zone, one)


def _primaries(mode: str, asked: list[_Primary]) -> list[dict[str, object]]:
    if (mode == "secondary") is not bool(asked):
        raise invalid("primary_nameservers", "are for zones in secondary mode, which need them")
    return [msgspec.to_builtins(one) | {"port": one.port} for one in asked]


def _edit(visit: Visit) -> Reply:
    zone, asked = TABLE.find(visit), visit.read(_Labelled)
    check(asked.labels or {})
    zone.labels = zone.labels if asked.labels is None else asked.labels
    return Reply(body={"zone": _show(visit, zone)})


def _remove(visit: Visit) -> Reply:
    zone = TABLE.removable(visit)
    return visit.acted(visit.start("delete_zone", visit.free("zone", zone.id)))


def require_primary(zone: Zone) -> None:
    """Raise `Refused` for zones whose records come from elsewhere."""
    if zone.mode != "primary":
        raise Refused(422, "incorrect_zone_mode", "this is not possible for zones in secondary mode")


def _live(visit: Visit) -> Reply:
    zone, asked = TABLE.act(visit), visit.read(_Lived)
    require_primary(zone)
    check_ttl(asked.ttl)
    return visit.acted(visit.start("change_ttl", visit.free("zone", zone.id), ttl=asked.ttl))


def _serve(visit: Visit) -> Reply:
    zone, asked = TABLE.act(visit), visit.read(_Served)
    if zone.mode != "secondary":
        raise Refused(422, "incorrect_zone_mode", "this is not possible for zones in primary mode")
    primaries = _primaries(zone.mode, asked.primary_nameservers)
    resource = visit.free("zone", zone.id)
    return visit.acted(visit.start("change_primary_nameservers", resource, primaries=primaries))


def _import(visit: Visit) -> Reply:
    zone, asked = TABLE.act(visit), visit.read(_Imported)
    require_primary(zone)
    if any(one.protected for one in zone.records.values()):
        raise Refused(403, "protected", "the zone has protected records")
    records = msgspec.to_builtins(read_zone_file(zone.name, asked.zonefile))
    return visit.acted(visit.start("import_zone", visit.free("zone", zone.id), records=records))


def _export(visit: Visit) -> Reply:
    zone = TABLE.find(visit)
    require_primary(zone)
    return Reply(body={"zonefile": zone_file(zone)})


def _deleted(state: State, action: Action) -> None:
    state.zones.pop(action.owner.id, None)


def _lived(state: State, action: Action) -> None:
    state.zones[action.owner.id].ttl = int(str(action.args["ttl"]))


def _served(state: State, action: Action) -> None:
    primaries = msgspec.convert(action.args["primaries"], list[dict[str, object]])
    state.zones[action.owner.id].primaries = primaries


def _imported(state: State, action: Action) -> None:
    state.zones[action.owner.id].records = msgspec.convert(action.args["records"], dict[str, Records])


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/zones", _create),
    ("GET", "zonefile", _export),
    ("POST", "actions/change_ttl", _live),
    ("POST", "actions/change_primary_nameservers", _serve),
    ("POST", "actions/import_zonefile", _import),
    ("POST", "actions/change_protection", guarding(TABLE)),
    editing=_edit,
    removing=_remove,
)
EFFECTS = {
    "zone.delete_zone": _deleted,
    "zone.change_ttl": _lived,
    "zone.change_primary_nameservers": _served,
    "zone.import_zone": _imported,
    "zone.change_protection": guard(lambda state: state.zones),
}
UNDOING = {"zone.create_zone": _deleted}
