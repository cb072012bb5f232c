"""The verbs of schedules: make, change, delete."""

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid
from vedette.oncall import drafting, gaps
from vedette.oncall.standing import changed
from vedette.oncall.store import calendars as calendar_store
from vedette.oncall.store import policies as policy_store
from vedette.oncall.store import schedules as store
from vedette.oncall.types import Schedule, ScheduleDraft
from vedette.plumbing.db.sql import transaction
from vedette.wire.ascode import filed

MOST_SCHEDULES = 1_000


def schedules() -> tuple[Schedule, ...]:
    """Return every schedule, by name."""
    return store.every()


def schedule(schedule_id: int) -> Schedule:
    """Return a schedule; raises `NotFound`."""
    return store.find(schedule_id)


def create(actor: Actor, draft: ScheduleDraft, now: float, source: str = "") -> Schedule:
    """Make a schedule; raises `Invalid` by field, `Conflict` for a name that is taken."""
    require(actor, Verb.ONCALL_WRITE)
    draft = checked(draft)
    if len(store.every()) >= MOST_SCHEDULES:
        raise Invalid(f"There are {MOST_SCHEDULES} schedules, which is the most.", {"name": "too many"})
    with transaction():
        made = store.add(draft, source, now)
        accounts.audit(actor, "schedule.create", made.name, _detail(draft), now)
        changed()
    return made


def update(actor: Actor, schedule_id: int, draft: ScheduleDraft, now: float) -> Schedule:
    """Change a schedule; raises `Invalid` by field, `Conflict` for a name that is taken or one that a file says."""
    known = store.find(schedule_id)
    filed.refuse(f"The schedule {known.name} is", known.source)
    return rewrite(actor, schedule_id, draft, now)


def rewrite(actor: Actor, schedule_id: int, draft: ScheduleDraft, now: float, source: str = "") -> Schedule:
    """Change a schedule, also one that a file says; `source` is the file that says it from now on."""
    require(actor, Verb.ONCALL_WRITE)
    draft = checked(draft)
    with transaction():
        known = store.find(schedule_id)
        if known.name != draft.name:
            gaps.forget(known, now)
        made = store.change(schedule_id, draft, source, now)
        accounts.audit(actor, "schedule.update", made.name, _detail(draft), now)
        changed()
    return made


def remove(actor: Actor, schedule_id: int, now: float, *, filed_too: bool = False) -> None:
    """Delete a schedule with its covers and feeds; raises `Conflict` for one that a file says, or that a policy pages by."""
    require(actor, Verb.ONCALL_WRITE)
    with transaction():
        known = store.find(schedule_id)
        if not filed_too:
            filed.refuse(f"The schedule {known.name} is", known.source)
            _check_unused(known)
        gaps.forget(known, now)
        store.remove(schedule_id)
        accounts.audit(actor, "schedule.delete", known.name, {}, now)
        changed()


def checked(draft: ScheduleDraft) -> ScheduleDraft:
    """Return a draft as it is kept; raises `Invalid` by field."""
    draft = drafting.tidied(draft)
    people = accounts.user_refs()
    wrong = drafting.problems(draft, people, [one.id for one in calendar_store.every()])
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return draft


def _check_unused(known: Schedule) -> None:
    for policy in policy_store.all_policies():
        if any(step.schedule == known.id for step in policy.steps):
            raise Conflict(f"The policy {policy.name} pages who is on call in {known.name}; change it first.")


def _detail(draft: ScheduleDraft) -> dict[str, str]:
    return {"zone": draft.zone, "layers": ", ".join(layer.name for layer in draft.layers)}
