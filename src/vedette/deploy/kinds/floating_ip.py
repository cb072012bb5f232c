"""Floating IPs."""

from vedette.deploy.planning.kind import Kind, gone, refs
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None:
        return ()
    address, holder = jsons.text(before.fields, "address"), jsons.text(before.fields, "server")
    if after is None or gone(before, after, "type") or gone(before, after, "location"):
        text = f"The address {address} goes back to Hetzner; it does not come again."
        return (Danger(kind=DangerKind.DATA_LOSS, text=text),)
    if holder and gone(before, after, "server"):
        return (Danger(kind=DangerKind.DOWNTIME, text=f"{address} no longer leads to {holder}."),)
    return ()


def _needs(thing: Thing) -> tuple[Ref, ...]:
    return refs("server", jsons.text(thing.fields, "server"))


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    return ((f"floating_ip/{jsons.text(thing.fields, 'type')}/{jsons.text(thing.fields, 'location')}", 1),)


KIND = Kind(
    name="floating_ip", label="floating IP", fields=("type", "location", "server", "rdns", "protect"), open=("location",),
    fixed={"type": "an address keeps its family", "location": "an address stays in its location"},
    needs=_needs, dangers=_dangers, price=_price,
)  # fmt: skip
