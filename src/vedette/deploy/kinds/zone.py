"""DNS zones."""

from vedette.deploy.planning.kind import Fields, Kind
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import REF, Ref, Thing


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """The zone's own name servers are Hetzner's, unless a file says others; a TTL that is the zone's counts as none."""
    named = {(jsons.text(each, "name"), jsons.text(each, "type")) for each in jsons.records(after, "records")}
    ttl = jsons.number(after, "ttl") or jsons.number(before, "ttl")

    def side(fields: Fields) -> Fields:
        records = [
            {**each, "values": sorted(jsons.texts(each, "values")), "ttl": jsons.number(each, "ttl") if jsons.number(each, "ttl") != ttl else 0}
            for each in jsons.records(fields, "records")
            if (jsons.text(each, "name"), jsons.text(each, "type")) in named or (jsons.text(each, "name"), jsons.text(each, "type")) != ("@", "NS")
        ]  # fmt: skip
        return {**fields, "ttl": jsons.number(fields, "ttl") or ttl, "records": sorted(records, key=str)}

    return side(before), side(after)


def _record(value: object) -> str:
    ttl = jsons.number(value, "ttl")
    text = ", ".join(jsons.texts(value, "values"))
    return f"{jsons.text(value, 'name')} {jsons.text(value, 'type')} {text}{f' (TTL {ttl})' if ttl else ''}"


def _needs(thing: Thing) -> tuple[Ref, ...]:
    values = [
        value for each in jsons.records(thing.fields, "records") for value in jsons.texts(each, "values")
    ]
    said = [value.removeprefix(REF).partition("/") for value in values if value.startswith(REF)]
    return tuple(Ref(kind, name) for kind, _, name in said)


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None or after is not None:
        return ()
    count = len(jsons.records(before.fields, "records"))
    return (
        Danger(
            kind=DangerKind.DOWNTIME,
            text=f"Nothing below {before.name} is found any more ({count} record sets).",
        ),
    )


KIND = Kind(
    name="zone", label="DNS zone", fields=("ttl", "records", "protect"), keyed={"records": ("name", "type")},
    say={"records": _record}, once=True, settle=_settle, needs=_needs, dangers=_dangers,
)  # fmt: skip
