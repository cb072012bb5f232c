"""What the pages of on-call have in common."""

from collections.abc import Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.oncall import drawing, policies, reading_aloud, rotating, saying
from vedette.oncall.drawing import Range, Row
from vedette.oncall.gathering import Circle
from vedette.oncall.rotating import Rota
from vedette.oncall.types import Cover, CoverKind
from vedette.plumbing.ports import ports

PAGE = "/on-call/"


class Told(msgspec.Struct, frozen=True):
    """A cover as a list shows it: who, instead of whom, whether it was only asked for, and what this member may do."""

    cover: Cover
    who: str
    instead: str
    kind: str
    is_asked: bool
    may_drop: bool


def now() -> float:
    """Return the present instant."""
    return ports().clock.now()


def posted(request: Request) -> Mapping[str, object] | None:
    """Return what was sent, None where nothing was."""
    return request.POST if request.method == "POST" else None


def names() -> dict[int, str]:
    """Return the name of everybody in the team."""
    return {one.id: one.name for one in accounts.user_refs().values()}


def aloud() -> list[tuple[str, str]]:
    """Return each policy's name, and the policy read aloud."""
    called = Circle().called
    return [(each.name, reading_aloud.sentence(each, called)) for each in policies.policies()]


def rows(rota: Rota, of: Range, known: Mapping[int, str], me: int) -> tuple[Row, ...]:
    """Return the calendar of a schedule: what holds first, then each layer, the one that stands above ahead."""
    final = rotating.handovers(rotating.shifts(rota, of.start, of.end))
    made = [drawing.row("On call", "", final, of, known, me, is_final=True)]
    for place, layer in reversed(list(enumerate(rota.schedule.layers))):
        found = rotating.layer_shifts(rota, place, of.start, of.end)
        made.append(drawing.row(layer.name, saying.layer(layer), found, of, known, me))
    return tuple(made)


def told(cover: Cover, known: Mapping[int, str], me: int, *, writes: bool, covers: bool) -> Told:
    """Return a cover as a list shows it; halves of a swap that was asked for are accepted by who did not ask."""
    asked = cover.kind is CoverKind.ASKED
    named = me in {cover.user, cover.instead}
    instead = "" if cover.instead is None else known.get(cover.instead, saying.GONE)
    kinds = {CoverKind.OVERRIDE: "takes over", CoverKind.SWAP: "swapped", CoverKind.SHADOW: "listens along"}
    return Told(
        cover, known.get(cover.user, saying.GONE), instead, kinds.get(cover.kind, "is asked to swap"), asked,
        (named and covers) or writes,
    )  # fmt: skip
