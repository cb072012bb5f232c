"""Certificates."""

from vedette.deploy.planning.kind import Fields, Kind, refs
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing

_WHY = "a certificate is never changed: another one takes its place"


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """One that is brought along says itself for which names it is."""
    new = {**after, "domains": sorted(jsons.texts(after, "domains"))}
    if jsons.text(after, "type") == "uploaded":
        new |= {"domains": before.get("domains"), "certificate": jsons.text(after, "certificate").strip()}
    return before, new


def _needs(thing: Thing) -> tuple[Ref, ...]:
    """Hetzner gets a certificate only for names below a zone of the project: any of those above the name."""
    if jsons.text(thing.fields, "type") == "uploaded":
        return ()
    labels = [domain.removeprefix("*.").split(".") for domain in jsons.texts(thing.fields, "domains")]
    return refs("zone", *{".".join(each[start:]) for each in labels for start in range(len(each))})


def _pem(value: object) -> str:
    return f"a certificate of {len(str(value)):,} characters" if value else ""


KIND = Kind(
    name="certificate", label="certificate", fields=("type", "domains", "certificate"),
    fixed={"type": _WHY, "domains": _WHY, "certificate": _WHY}, say={"certificate": _pem}, settle=_settle, needs=_needs,
)  # fmt: skip
