"""What somebody agreed to, and whether what would be done now is still that. Pure."""

import hashlib
from collections.abc import Sequence

import msgspec

from vedette.core.errors import Conflict
from vedette.deploy.types import Act, Agreed, Change, Deed, KeptDrift, Planned, Way, Wish
from vedette.wire.infra import Ref

WRITES = frozenset({Deed.APPLY, Deed.REVERT, Deed.DESTROY})  # those that change something at Hetzner
TOLD = WRITES | {Deed.ADOPT}  # those of which people are told that they failed
_LOSES = frozenset({Act.DELETE, Act.REPLACE})
_OTHER = (
    "What is at Hetzner, or what the files say, is not as it was when this plan was shown; look at it again."
)


def wish(deed: Deed, targets: Sequence[str], *, unprotect: bool = False, loose: bool = False) -> Wish:
    """Return which part of a plan a deed is."""
    return Wish(targets=tuple(targets), destroy=deed is Deed.DESTROY, unprotect=unprotect, loose=loose)


def revertible(drifts: Sequence[KeptDrift], targets: Sequence[str]) -> tuple[str, ...]:
    """Return what of drifts (all, or these: `firewall/web`) can be put back as the files say.

    Raises `Conflict` where nothing can: what came and no file says is left alone.
    """
    if not drifts:
        raise Conflict("Nothing drifts, so there is nothing to put back.")
    named = {name(one.ref): one for one in drifts if not targets or name(one.ref) in targets}
    gone = [each for each in targets if each not in named]
    if gone:
        raise Conflict(f"{gone[0][:80]} does not drift any more.")
    found = tuple(each for each, one in named.items() if one.way is not Way.FOREIGN)
    if not found:
        raise Conflict(
            "Nothing of it can be put back: what came and no file says is left alone. Adopt it, or remove it at Hetzner."
        )
    return found


def agreed(planned: Planned) -> tuple[Agreed, ...]:
    """Return what somebody agrees to who says yes to a plan."""
    return tuple(
        Agreed(act=each.act.value, kind=each.ref.kind, name=each.ref.name, mark=_mark(each))
        for each in planned.changes
    )


def mark(changes: Sequence[Agreed]) -> str:
    """Return what tells one plan from another."""
    return hashlib.sha256(msgspec.json.encode(list(changes))).hexdigest()[:32]


def typed(planned: Planned) -> bool:
    """Tell whether the project's name must be typed: something is removed or made anew."""
    return any(each.act in _LOSES for each in planned.changes)


def doubt(known: Sequence[Agreed], planned: Planned, *, resumed: bool) -> str:
    """Return why a plan is not what somebody agreed to; nothing where it is.

    Of one that was stopped in the middle less may be left, and what was half made is changed now: only things that were agreed
    to, and none is removed or made anew of which that was not said.
    """
    if not resumed:
        return "" if agreed(planned) == tuple(known) else _OTHER
    acts: dict[Ref, str] = {one.ref: one.act for one in known}
    for each in planned.changes:
        said = acts.get(each.ref)
        if said is None or (each.act in _LOSES and said != each.act.value):
            return f"It was stopped in the middle, and now {name(each.ref)} would be {_DONE[each.act]} as well, which nobody agreed to; look at the plan again."
    return ""


def name(ref: Ref) -> str:
    """Return a thing as targets name it."""
    return f"{ref.kind}/{ref.name}"


_DONE = {
    Act.CREATE: "made",
    Act.UPDATE: "changed",
    Act.REPLACE: "made anew",
    Act.DELETE: "removed",
}


def _mark(change: Change) -> str:
    said = [change.act.value, change.ref.kind, change.ref.name, change.lines]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]
