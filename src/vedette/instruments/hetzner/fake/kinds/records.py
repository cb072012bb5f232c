"""Sets of DNS records: everything that one name has of one type."""

import msgspec

from vedette.instruments.hetzner.fake.calls import Refused, Reply, Shape, failed, invalid, taken
from vedette.instruments.hetzner.fake.kinds.zones import TABLE, require_primary
from vedette.instruments.hetzner.fake.labels import check
from vedette.instruments.hetzner.fake.recording import NewRecords, Record, check_ttl, new_records, values
from vedette.instruments.hetzner.fake.state import Action, Records, State, Zone
from vedette.instruments.hetzner.fake.table import Handler, Route, page_of
from vedette.instruments.hetzner.fake.visit import Visit


class _Listed(msgspec.Struct, kw_only=True):
    records: list[Record]
    ttl: int | None = None


class _Labelled(msgspec.Struct, kw_only=True):
    labels: dict[str, str] | None = None


class _Lived(msgspec.Struct, kw_only=True):
    ttl: int | None


class _Guarded(msgspec.Struct, kw_only=True):
    change: bool


def _show(zone: Zone, one: Records) -> Shape:
    return {
        "id": f"{one.name}/{one.type}",
        "name": one.name,
        "type": one.type,
        "ttl": one.ttl,
        "labels": one.labels,
        "protection": {"change": one.protected},
        "records": one.values,
        "zone": zone.id,
    }


def _many(visit: Visit) -> Reply:
    zone = TABLE.find(visit)
    shapes = [_show(zone, one) for one in zone.records.values()]
    return page_of(visit, "rrsets", shapes, {"type": lambda shape: shape["type"]}, ("id", "name", "created"))


def _key(visit: Visit) -> str:
    return "/".join(visit.args[1:3])


def _find(visit: Visit, zone: Zone) -> Records:
    if _key(visit) not in zone.records:
        raise Refused(404, "not_found", f"there are no records {_key(visit)} in {zone.name}")
    return zone.records[_key(visit)]


def _changing(visit: Visit) -> tuple[Zone, Records]:
    zone = TABLE.act(visit)
    require_primary(zone)
    one = _find(visit, zone)
    if one.protected:
        raise Refused(403, "protected", f"records {_key(visit)} are protected")
    return zone, one


def _one(visit: Visit) -> Reply:
    zone = TABLE.find(visit)
    return Reply(body={"rrset": _show(zone, _find(visit, zone))})


def _create(visit: Visit) -> Reply:
    zone, asked = TABLE.act(visit), visit.read(NewRecords)
    require_primary(zone)
    if f"{asked.name}/{asked.type}" in zone.records:
        raise taken("name", f"there are records {asked.name}/{asked.type}")
    new = new_records(zone, asked)
    return _replaced(visit, zone, "create_rrset", new, rrset=_show(zone, new))


def _replaced(visit: Visit, zone: Zone, command: str, new: Records, **more: object) -> Reply:
    """Begin to put a set of records in the place of what is there under its name and type."""
    resource = visit.free("zone", zone.id)
    return visit.acted(visit.start(command, resource, rrset=msgspec.to_builtins(new)), **more)


def _edit(visit: Visit) -> Reply:
    zone = TABLE.find(visit)
    one, asked = _find(visit, zone), visit.read(_Labelled)
    check(asked.labels or {})
    one.labels = one.labels if asked.labels is None else asked.labels
    return Reply(body={"rrset": _show(zone, one)})


def _remove(visit: Visit) -> Reply:
    zone, _ = _changing(visit)
    return visit.acted(visit.start("delete_rrset", visit.free("zone", zone.id), key=_key(visit)))


def _set(visit: Visit) -> Reply:
    zone, one = _changing(visit)
    new = msgspec.structs.replace(one, values=values(one.type, visit.read(_Listed).records))
    return _replaced(visit, zone, "set_rrset_records", new)


def _add(visit: Visit) -> Reply:
    asked = visit.read(_Listed)
    zone = TABLE.act(visit)
    if _key(visit) not in zone.records:
        return _added_first(visit, zone, asked)
    zone, one = _changing(visit)
    if asked.ttl is not None and asked.ttl != one.ttl:
        raise invalid("ttl", "differs from that of the records that are there")
    had = msgspec.convert(one.values, list[Record])
    new = msgspec.structs.replace(one, values=values(one.type, [*had, *asked.records]))
    return _replaced(visit, zone, "add_rrset_records", new)


def _added_first(visit: Visit, zone: Zone, asked: _Listed) -> Reply:
    require_primary(zone)
    name, kind = visit.args[1:3]
    body = {"name": name, "type": kind, "records": msgspec.to_builtins(asked.records), "ttl": asked.ttl}
    try:
        whole = msgspec.convert(body, NewRecords)
    except msgspec.ValidationError as error:
        raise invalid("type", str(error)) from error
    return _replaced(visit, zone, "add_rrset_records", new_records(zone, whole))


def _take(visit: Visit) -> Reply:
    zone, one = _changing(visit)
    gone = {record.value for record in visit.read(_Listed).records}
    if missing := gone - {record["value"] for record in one.values}:
        raise failed("not_found", f"there is no record {min(missing)}")
    left = [record for record in one.values if record["value"] not in gone]
    if left:
        return _replaced(visit, zone, "remove_rrset_records", msgspec.structs.replace(one, values=left))
    return visit.acted(visit.start("remove_rrset_records", visit.free("zone", zone.id), key=_key(visit)))


def _comment(visit: Visit) -> Reply:
    zone, one = _changing(visit)
    comments = {record.value: record.comment for record in visit.read(_Listed).records}
    had = msgspec.convert(one.values, list[Record])
    told = [Record(value=old.value, comment=comments.get(old.value, old.comment)) for old in had]
    new = msgspec.structs.replace(one, values=[msgspec.to_builtins(record) for record in told])
    return msgspec.structs.replace(_replaced(visit, zone, "update_rrset_records", new), status=200)


def _live(visit: Visit) -> Reply:
    zone, one = _changing(visit)
    ttl = visit.read(_Lived).ttl
    check_ttl(ttl)
    return _replaced(visit, zone, "change_rrset_ttl", msgspec.structs.replace(one, ttl=ttl))


def _guard(visit: Visit) -> Reply:
    zone = TABLE.act(visit)
    require_primary(zone)
    new = msgspec.structs.replace(_find(visit, zone), protected=visit.read(_Guarded).change)
    return _replaced(visit, zone, "change_rrset_protection", new)


def _kept(state: State, action: Action) -> None:
    records = state.zones[action.owner.id].records
    if "rrset" in action.args:
        new = msgspec.convert(action.args["rrset"], Records)
        records[f"{new.name}/{new.type}"] = new
    else:
        records.pop(str(action.args["key"]), None)


_LIST = "/zones/{id_or_name}/rrsets"
_PATH = f"{_LIST}/{{rr_name}}/{{rr_type}}"
_CHANGES: dict[str, tuple[str, Handler]] = {
    "add_records": ("add_rrset_records", _add),
    "set_records": ("set_rrset_records", _set),
    "remove_records": ("remove_rrset_records", _take),
    "update_records": ("update_rrset_records", _comment),
    "change_ttl": ("change_rrset_ttl", _live),
    "change_protection": ("change_rrset_protection", _guard),
}
ROUTES: list[Route] = [
    ("GET", _LIST, _many),
    ("POST", _LIST, _create),
    ("GET", _PATH, _one),
    ("PUT", _PATH, _edit),
    ("DELETE", _PATH, _remove),
    *(("POST", f"{_PATH}/actions/{name}", handler) for name, (_, handler) in _CHANGES.items()),
]
_COMMANDS = ("create_rrset", "delete_rrset", *(command for command, _ in _CHANGES.values()))
EFFECTS = {f"zone.{command}": _kept for command in _COMMANDS}
