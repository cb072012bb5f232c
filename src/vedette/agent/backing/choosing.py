"""What is to be done now? Pure: backups by their schedule, drills by theirs and after every change of a plan."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from vedette.wire import due
from vedette.wire.backup import BackupAct, Copy, Guest, Plan, Schedule

RETRY = 6 * 3_600.0  # seconds after which a drill that a change asked for, and that failed, is tried again


class Began(msgspec.Struct, frozen=True, kw_only=True):
    """When a copy of a plan was last begun to be saved, last saved well, last begun to be drilled; and what it was made of then.

    `good` is what was saved well, `tried` what was drilled, `drilled` what was drilled well, as `made_of` tells them.
    """

    saved_at: float | None = None
    good_at: float | None = None
    good: str = ""
    drilled_at: float | None = None
    tried: str = ""
    drilled: str = ""


class Turn(msgspec.Struct, frozen=True):
    """An act whose turn it is: of a plan and a copy, and why."""

    act: BackupAct
    plan: str
    copy: str
    reason: str


def made_of(plan: Plan, copy: Copy) -> str:
    """Return what changes when a plan saves something else, or elsewhere: then what was proven counts no more."""
    return sha256(msgspec.json.encode((plan.what, copy, plan.snapshot))).hexdigest()[:16]


def turns(
    plans: Sequence[Plan], began: Mapping[str, Began], since: Mapping[str, float], host: str, now: float
) -> Iterator[Turn]:
    """Yield what is to be done now, backups first; `began` is by `plan/copy`, `since` tells since when a plan is known."""
    on = [plan for plan in plans if plan.enabled]
    for plan in on:
        for copy in plan.copies:
            last = began.get(f"{plan.name}/{copy.name}", Began())
            found = due.due(
                plan.schedule, f"{host}/{plan.name}", last.saved_at, since.get(plan.name, now), now
            )
            if found.at is not None:
                yield Turn(BackupAct.RUN, plan.name, copy.name, found.reason)
    for plan in on:
        for copy in plan.copies:
            if plan.is_proven_elsewhere(copy):
                continue
            last = began.get(f"{plan.name}/{copy.name}", Began())
            reason = _drill(plan, copy, last, since.get(plan.name, now), f"{host}/{plan.name}", now)
            if reason:
                yield Turn(BackupAct.DRILL, plan.name, copy.name, reason)


def guests(
    found: Sequence[Guest], began: Mapping[str, Began], since: Mapping[str, float], host: str, now: float
) -> Iterator[Turn]:
    """Yield the drills whose turn it is of plans of other hosts; those say what was saved when."""
    for plan, saved in ((one.plan, one.saved) for one in found if one.plan.enabled):
        for copy in plan.copies:
            last = began.get(f"{plan.name}/{copy.name}", Began())
            good = made_of(plan, copy) if copy.name in saved else ""
            last = msgspec.structs.replace(last, good_at=saved.get(copy.name), good=good)
            reason = _drill(plan, copy, last, since.get(plan.name, now), f"{host}/{plan.name}", now)
            if reason:
                yield Turn(BackupAct.DRILL, plan.name, copy.name, reason)


def next_at(plans: Sequence[Plan], host: str, now: float) -> float | None:
    """Return when something is due next by its schedule."""
    found = [
        at
        for plan in plans
        if plan.enabled
        for schedule in (plan.schedule, _drills(plan))
        if (at := due.next_at(schedule, f"{host}/{plan.name}", now)) is not None
    ]
    return min(found, default=None)


def _drill(plan: Plan, copy: Copy, last: Began, since: float, key: str, now: float) -> str:  # noqa: PLR0917 - a copy and its times
    """Return why a copy is to be drilled now; empty where it is not. Nothing is drilled that was not saved as the plan is now."""
    made = made_of(plan, copy)
    if last.good_at is None or last.good != made:
        return ""
    if last.drilled != made and (last.tried != made or _is_over(last.drilled_at, now)):
        return "The plan is new, or was changed: it is proven anew."
    if not plan.drills.cron:
        return ""
    found = due.due(_drills(plan), key, last.drilled_at, since, now)
    return found.reason if found.at is not None else ""


def _is_over(drilled_at: float | None, now: float) -> bool:
    """Tell whether a drill that failed is tried again; one in the future was begun by a clock that was wrong."""
    return drilled_at is None or drilled_at > now or now - drilled_at >= RETRY


def _drills(plan: Plan) -> Schedule:
    return msgspec.structs.replace(plan.schedule, cron=plan.drills.cron or "0 0 30 2 *")
