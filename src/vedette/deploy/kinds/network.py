"""Networks."""

from vedette.deploy.planning.kind import Kind, gone
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Thing


def _subnet(value: object) -> str:
    return (
        f"{jsons.text(value, 'range')} ({jsons.text(value, 'type') or 'cloud'}, {jsons.text(value, 'zone')})"
    )


def _route(value: object) -> str:
    return f"{jsons.text(value, 'to')} via {jsons.text(value, 'via')}"


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None or after is None or not gone(before, after, "subnets"):
        return ()
    lost = [
        each
        for each in jsons.records(before.fields, "subnets")
        if each not in jsons.records(after.fields, "subnets")
    ]
    text = f"Who has an address in {', '.join(jsons.text(each, 'range') for each in lost)} loses it."
    return (Danger(kind=DangerKind.DOWNTIME, text=text),) if lost else ()


KIND = Kind(
    name="network", label="network", fields=("range", "subnets", "routes", "to_vswitch", "protect"),
    keyed={"subnets": ("range",), "routes": ("to", "via")}, say={"subnets": _subnet, "routes": _route}, dangers=_dangers,
)  # fmt: skip
