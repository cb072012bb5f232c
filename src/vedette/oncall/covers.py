"""The verbs of covers: take over, swap with the other's consent, listen along, and take it back."""

import math

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, ActorKind, Verb, may, require
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.oncall import asking, signal, standing
from vedette.oncall.standing import DAY, changed
from vedette.oncall.store import schedules as store
from vedette.oncall.types import Cover, CoverKind
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals

LONGEST, MOST_REASON, MOST_COVERS = 90 * DAY, 200, 500
MOST_ASKED = 20  # swaps that one person asks for in a schedule at a time
_TAKEN_BACK = "This swap was taken back meanwhile."
KEPT = 400 * DAY
Range = tuple[float, float]


def covers(start: float, end: float, schedule_id: int | None = None) -> tuple[Cover, ...]:
    """Return the covers that touch a range, those made first ahead; those that are only asked for as well."""
    return store.covers(start, end, schedule_id)


def cover(cover_id: int) -> Cover:
    """Return a cover; raises `NotFound`."""
    return store.cover(cover_id)


def take(actor: Actor, draft: Cover, now: float) -> Cover:
    """Make a cover (its id is given here): for oneself, or for anybody where the actor may change schedules.

    Raises `Invalid` by field, `Forbidden`, `NotFound`.
    """
    require(actor, Verb.ONCALL_COVER)
    if draft.kind not in {CoverKind.OVERRIDE, CoverKind.SHADOW}:
        raise Invalid("A swap is asked for, and holds once the other accepts.", {"kind": "not a cover"})
    if draft.user != actor.id and not may(actor, Verb.ONCALL_WRITE).allowed:
        raise Forbidden(
            "You may take over yourself. Ask the other for a swap, or somebody who may change schedules."
        )
    draft = msgspec.structs.replace(
        draft, reason=draft.reason.strip(), made_by=_name(actor), maker=actor.id or None, made_at=now
    )
    _check(draft, now)
    with transaction():
        made = _add(actor, draft, now)
        changed()
    return made


def ask(  # noqa: PLR0917 - who swaps what with whom
    actor: Actor, schedule_id: int, mine: Range, other: int, theirs: Range, reason: str, now: float
) -> Cover:
    """Ask somebody to take one's own time and to give theirs; nothing changes before they accept. Raises `Invalid`."""
    require(actor, Verb.ONCALL_COVER)
    given = Cover(
        id=0, schedule=schedule_id, user=other, instead=actor.id, starts=mine[0], ends=mine[1], kind=CoverKind.ASKED,
        reason=reason.strip(), made_by=_name(actor), maker=actor.id or None, made_at=now,
    )  # fmt: skip
    taken = msgspec.structs.replace(given, user=actor.id, instead=other, starts=theirs[0], ends=theirs[1])
    for field, half in (("mine", given), ("theirs", taken)):
        _check(half, now)
        _check_ahead(half, field, now)
        _check_on(half, field)
    with transaction():
        _check_asked(given, now)
        made = _add(actor, given, now)
        asking.tell(actor, store.find(schedule_id), made, _add(actor, taken, now), now)
        changed()
    return made


def accept(actor: Actor, cover_id: int, now: float) -> Cover:
    """Accept a swap that one was asked for: both halves hold from now on.

    Raises `Forbidden`, `NotFound`, and `Conflict` where a half has begun, or who gives it is not on then any more.
    """
    require(actor, Verb.ONCALL_COVER)
    with transaction():
        half = store.cover(cover_id)
        if half.kind is not CoverKind.ASKED:
            raise Conflict("This swap is accepted already.")
        other = store.other_half(half)
        asker = asker_of(half, other)
        if actor.id == asker or actor.id not in {half.user, half.instead}:
            raise Forbidden("Only who was asked accepts a swap.")
        if other is None:
            raise Conflict(_TAKEN_BACK)
        _check_fits((half, other), now)
        if store.accept((half, other)) != 2:
            raise Conflict(_TAKEN_BACK)
        accounts.audit(actor, "cover.accept", store.find(half.schedule).name, _detail(half), now)
        signals.record([signal.swapped(store.find(half.schedule), half, accounts.user_refs(), now)])
        changed()
    return msgspec.structs.replace(half, kind=CoverKind.SWAP)


def drop(actor: Actor, cover_id: int, now: float) -> Cover:
    """Take a cover back, or decline a swap (both halves go): whom it names, who made it, or who may change schedules."""
    require(actor, Verb.ONCALL_COVER)
    with transaction():
        found = store.cover(cover_id)
        own = actor.id in {found.user, found.instead, found.maker} and actor.kind is not ActorKind.SYSTEM
        if not own and not may(actor, Verb.ONCALL_WRITE).allowed:
            raise Forbidden("This cover is somebody else's.")
        other = store.other_half(found) if found.kind in {CoverKind.SWAP, CoverKind.ASKED} else None
        store.drop_covers([one.id for one in (found, other) if one is not None])
        accounts.audit(actor, "cover.delete", store.find(found.schedule).name, _detail(found), now)
        changed()
    return found


def drop_old(now: float) -> int:
    """Forget covers that ended more than a year ago; return how many."""
    return store.drop_covers_before(now - KEPT)


def asker_of(half: Cover, other: Cover | None) -> int | None:
    """Return who asked for a swap: whose time the half that was written first gives away."""
    first = min((one for one in (half, other) if one is not None), key=lambda one: one.id)
    return first.instead


def _add(actor: Actor, draft: Cover, now: float) -> Cover:
    schedule = store.find(draft.schedule)
    if store.count_covers(draft.schedule, now) >= MOST_COVERS:
        raise Invalid(f"A schedule has at most {MOST_COVERS} covers ahead.", {"starts": "too many covers"})
    made = store.add_cover(draft)
    accounts.audit(actor, "cover.create", schedule.name, _detail(made), now)
    if made.kind is not CoverKind.ASKED:
        signals.record([signal.covered(schedule, made, accounts.user_refs(), now)])
    return made


def _check(draft: Cover, now: float) -> None:
    there = accounts.user_refs()
    finite = math.isfinite(draft.starts) and math.isfinite(draft.ends)
    wrong = {
        "ends": "" if finite and now < draft.ends and 60 <= draft.ends - draft.starts <= LONGEST
        else "It ends after it starts and after now, and takes a minute to 90 days.",
        "user": "" if draft.user in there else "This person is not in the team (any more).",
        "instead": "Nobody stands for oneself." if draft.instead == draft.user else "",
        "reason": "" if len(draft.reason) <= MOST_REASON and draft.reason.isprintable()
        else f"A reason is one line of at most {MOST_REASON} characters.",
    }  # fmt: skip
    found = {field: text for field, text in wrong.items() if text}
    if found:
        raise Invalid(" ".join(found.values()), found)


def _check_asked(given: Cover, now: float) -> None:
    if store.count_asked(given.schedule, given.maker, now) >= 2 * MOST_ASKED:
        text = f"You ask for {MOST_ASKED} swaps in this schedule already; take one back first."
        raise Invalid(text, {"starts": text})


def _check_ahead(half: Cover, field: str, now: float) -> None:
    if half.starts < now:
        text = "This time has begun: swap one that is ahead, or let somebody take over."
        raise Invalid(text, {field: text})


def _check_fits(halves: tuple[Cover, Cover], now: float) -> None:
    """Raise `Conflict` where a swap is not any more what was asked for."""
    if any(half.starts < now for half in halves):
        raise Conflict("One of the two times has begun meanwhile; ask for another swap.")
    if not all(_is_on(half) for half in halves):
        raise Conflict("One of you is not on call any more in the time you give; ask for another swap.")


def _is_on(half: Cover) -> bool:
    found = standing.shifts(half.schedule, half.starts, half.ends)
    return any(half.instead in one.people for one in found)


def _check_on(half: Cover, field: str) -> None:
    if not _is_on(half):
        text = "You are not on call then." if field == "mine" else "They are not on call then."
        raise Invalid(text, {field: text})


def _name(actor: Actor) -> str:
    return actor.name or actor.kind.value


def _detail(one: Cover) -> dict[str, str]:
    return {
        "who": str(one.user), "instead": "" if one.instead is None else str(one.instead), "kind": one.kind.value,
        "from": f"{one.starts:.0f}", "until": f"{one.ends:.0f}", "reason": one.reason,
    }  # fmt: skip
