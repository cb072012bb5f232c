"""Primary IPs."""

from vedette.deploy.planning.kind import Kind, gone
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Thing


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is not None and after is None:
        address = jsons.text(before.fields, "address")
        return (
            Danger(
                kind=DangerKind.DATA_LOSS,
                text=f"The address {address} goes back to Hetzner; it does not come again.",
            ),
        )
    if before is None or after is None or not gone(before, after, "server"):
        return ()
    hit = {jsons.text(before.fields, "server"), jsons.text(after.fields, "server")} - {""}
    return (Danger(kind=DangerKind.DOWNTIME, text=f"{' and '.join(sorted(hit))} is switched off for it."),)


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    return ((f"primary_ip/{jsons.text(thing.fields, 'type')}/{jsons.text(thing.fields, 'location')}", 1),)


KIND = Kind(
    name="primary_ip", label="primary IP", fields=("type", "location", "server", "auto_delete", "rdns", "protect"),
    open=("location",),
    fixed={"type": "an address keeps its family", "location": "an address stays in its location"},
    dangers=_dangers, price=_price,
)  # fmt: skip
