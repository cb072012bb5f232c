"""Certificates."""

from vedette.deploy.planning.kind import Fields, Kind
from vedette.wire import jsons

_WHY = "a certificate is never changed: another one takes its place"


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """One that is brought along says itself for which names it is."""
    new = {**after, "domains": sorted(jsons.texts(after, "domains"))}
    if jsons.text(after, "type") == "uploaded":
        new |= {"domains": before.get("domains"), "certificate": jsons.text(after, "certificate").strip()}
    return before, new


def _pem(value: object) -> str:
    return f"a certificate of {len(str(value)):,} characters" if value else ""


KIND = Kind(
    name="certificate", label="certificate", fields=("type", "domains", "certificate"),
    fixed={"type": _WHY, "domains": _WHY, "certificate": _WHY}, say={"certificate": _pem}, settle=_settle,
)  # fmt: skip
