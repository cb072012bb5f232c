"""Volumes."""

from vedette.deploy.planning.kind import Kind, gone, refs
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None:
        return ()
    size = jsons.number(before.fields, "size")
    if after is None or gone(before, after, "location"):
        return (Danger(kind=DangerKind.DATA_LOSS, text=f"All data on the volume is lost ({size} GB)."),)
    if jsons.number(after.fields, "size") < size:
        return (
            Danger(
                kind=DangerKind.DATA_LOSS,
                text=f"A volume never shrinks: made anew it loses all its data ({size} GB).",
            ),
        )
    if gone(before, after, "server") and jsons.text(before.fields, "server"):
        return (
            Danger(
                kind=DangerKind.DOWNTIME,
                text=f"It leaves {jsons.text(before.fields, 'server')}: unmount it there first.",
            ),
        )
    return ()


def _anew(before: Thing, after: Thing) -> str:
    shrinks = jsons.number(after.fields, "size") < jsons.number(before.fields, "size")
    return "a volume never shrinks" if shrinks else ""


def _needs(thing: Thing) -> tuple[Ref, ...]:
    return refs("server", jsons.text(thing.fields, "server"))


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    return (("volume", jsons.number(thing.fields, "size")),)


KIND = Kind(
    name="volume", label="volume", fields=("size", "location", "server", "format", "automount", "encrypt", "protect"),
    open=("location", "format"),
    fixed={"location": "a volume stays in its location", "format": "another file system means an empty volume"},
    anew=_anew, needs=_needs, dangers=_dangers, price=_price,
)  # fmt: skip
