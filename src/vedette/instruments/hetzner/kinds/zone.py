"""DNS zones with their records, one set for each name and type. Hetzner's own SOA is not told."""

import urllib.parse

import msgspec

from vedette.instruments.hetzner import rdns
from vedette.instruments.hetzner.plain import Json, Plain, Raw, differs, moved
from vedette.instruments.hetzner.types import Asks, CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import REF, Thing

_SETS = "rrsets"


class _Zone(Plain):
    kind, path, many, one = "zone", "/zones", "zones", "zone"

    def raws(self, cloud: Asks) -> list[Raw]:
        return [{**raw, _SETS: self._sets(cloud, jsons.number(raw, "id"))} for raw in super().raws(cloud)]

    def fetch(self, cloud: Asks, number: int) -> Raw:
        raw = super().fetch(cloud, number)
        return {**raw, _SETS: self._sets(cloud, number)} if raw else raw

    def _sets(self, cloud: Asks, number: int) -> list[Raw]:
        return cloud.pages(f"{self.path}/{number}/rrsets", _SETS)

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        sets = [_read(each) for each in jsons.records(raw, _SETS) if jsons.text(each, "type") != "SOA"]
        return {
            "ttl": jsons.number(raw, "ttl"), "records": sorted(sets, key=lambda one: (str(one["name"]), str(one["type"]))),
            "nameservers": list(jsons.texts(raw, "authoritative_nameservers", "assigned")),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        sets = [_written(each) for each in jsons.records(thing.fields, "records")]
        return {"mode": "primary", "ttl": jsons.number(thing.fields, "ttl") or None, _SETS: sets}

    def settled(self, cloud: Asks, thing: Thing, names: Names) -> Thing:
        """Put the addresses of what records stand for in their place."""
        records = [
            {**each, "values": sorted(_address(cloud, value, jsons.text(each, "type"), names) for value in jsons.texts(each, "values"))}
            for each in jsons.records(thing.fields, "records")
        ]  # fmt: skip
        return msgspec.structs.replace(thing, fields={**thing.fields, "records": records})

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:  # noqa: ARG002
        """A name whose type changes loses the old set first: a CNAME bears nothing beside it."""
        if differs(before, after, "ttl"):
            self.act(cloud, before.id, "change_ttl", {"ttl": jsons.number(after.fields, "ttl")})
        old, new = moved(before, after, "records")
        there, shall = {_key(each) for each in old}, {_key(each) for each in new}
        for each in old:
            if _key(each) not in shall:
                cloud.did("DELETE", self._place(before.id, each))
        for each in new:
            if _key(each) in there:
                self._reset(cloud, before, each)
            else:
                cloud.did("POST", f"{self.path}/{before.id}/rrsets", _written(each))

    def _reset(self, cloud: Asks, before: Thing, each: Raw) -> None:
        was = next(one for one in jsons.records(before.fields, "records") if _key(one) == _key(each))
        if jsons.texts(was, "values") != jsons.texts(each, "values"):
            body = {"records": _written(each)["records"]}
            cloud.did("POST", f"{self._place(before.id, each)}/actions/set_records", body)
        if jsons.number(was, "ttl") != jsons.number(each, "ttl"):
            ttl = {"ttl": jsons.number(each, "ttl") or None}
            cloud.did("POST", f"{self._place(before.id, each)}/actions/change_ttl", ttl)

    def _place(self, number: int, each: Raw) -> str:
        name, kind = urllib.parse.quote(jsons.text(each, "name"), safe=""), jsons.text(each, "type")
        return f"{self.path}/{number}/rrsets/{name}/{kind}"


def _read(raw: Raw) -> Json:
    values = sorted(jsons.text(each, "value") for each in jsons.records(raw, "records"))
    return {
        "name": jsons.text(raw, "name"), "type": jsons.text(raw, "type"), "ttl": jsons.number(raw, "ttl"), "values": values,
    }  # fmt: skip


def _written(each: Raw) -> Json:
    made: Json = {
        "name": jsons.text(each, "name"), "type": jsons.text(each, "type"),
        "records": [{"value": value} for value in jsons.texts(each, "values")],
    }  # fmt: skip
    if jsons.number(each, "ttl"):
        made["ttl"] = jsons.number(each, "ttl")
    return made


def _key(each: Raw) -> tuple[str, str]:
    return jsons.text(each, "name"), jsons.text(each, "type")


def _address(cloud: Asks, value: str, kind: str, names: Names) -> str:
    """Return the address of what a record stands for (`ref:load_balancer/front`)."""
    if not value.startswith(REF):
        return value
    what, _, name = value.removeprefix(REF).partition("/")
    raw = jsons.record(cloud.get(f"/{what}s/{names.id(what, name)}"), what)
    version = "ipv6" if kind == "AAAA" else "ipv4"
    found = jsons.text(raw, "ip") or jsons.text(raw, "public_net", version, "ip")
    if not found:
        raise CloudError(f"{what} {name} has no {version} address that a record of type {kind} could name.")
    return rdns.first(found)


ADAPTER = _Zone()
