"""Snapshots: no plan makes one, for nobody can desire a moment afterwards."""

from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Thing


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None or after is not None:
        return ()
    return (Danger(kind=DangerKind.DATA_LOSS, text="The snapshot is lost."),)


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    return (("image", jsons.number(thing.fields, "size")),)


KIND = Kind(
    name="snapshot", label="snapshot", fields=("text", "protect"), dangers=_dangers, price=_price, makes=False
)
