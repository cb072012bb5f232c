"""Who takes part in an incident, and who does what."""

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid, NotFound
from vedette.incidents import drafting, telling
from vedette.incidents.store import people as store
from vedette.incidents.types import EntryKind, Responder, ResponderRole, Task, TaskKind
from vedette.plumbing.db.sql import transaction

_ROLES = {
    ResponderRole.LEAD: "leads",
    ResponderRole.COMMUNICATION: "tells customers",
    ResponderRole.RESPONDER: "responds",
    ResponderRole.OBSERVER: "looks on",
}


def join(
    actor: Actor, number: int, user: int, now: float, role: ResponderRole = ResponderRole.RESPONDER
) -> Responder:
    """Let somebody take part, or in another role; who led before responds then. Raises `NotFound`, `Invalid`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    ref = accounts.user_refs().get(user)
    if ref is None:
        raise Invalid("There is no such active user.", {"user": "Choose somebody of the list."})
    with transaction():
        incident = telling.living(number)
        there = {one.user: one for one in store.responders(number)}
        if role is ResponderRole.LEAD:
            _step_down([one for one in there.values() if one.user != user])
        before = there.get(user)
        made = Responder(
            incident=number, user=user, role=role, joined_at=before.joined_at if before else now,
            acked_at=before.acked_at if before else None,
        )  # fmt: skip
        store.save_responder(made)
        said = f"{_ROLES[role]} now" if user == actor.id else f"asked {ref.name} in, who {_ROLES[role]}"
        telling.acted(actor, incident, "join", said, now)
    return made


def leave(actor: Actor, number: int, user: int, now: float) -> None:
    """Let somebody take no part any more; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        incident = telling.living(number)
        one = next((one for one in store.responders(number) if one.user == user), None)
        if one is None:
            raise NotFound("They take no part in this incident.")
        store.save_responder(msgspec.structs.replace(one, left_at=now))
        name = accounts.user_refs([user])[user].name if user in accounts.user_refs([user]) else f"user {user}"
        telling.acted(
            actor, incident, "leave", "left" if user == actor.id else f"let {name} go", now, told=False
        )


def add_task(  # noqa: PLR0917 - what a task is made of
    actor: Actor, number: int, text: str, now: float, assignee: int | None = None, due_at: float | None = None,
    kind: TaskKind = TaskKind.TASK,
) -> Task:  # fmt: skip
    """Add something to do; raises `Invalid` by field, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    wrong = drafting.text_problems(text, drafting.LONGEST_TASK) | drafting.instant_problems(due_at)
    if assignee is not None and assignee not in accounts.user_refs():
        wrong["assignee"] = "There is no such active user."
    if wrong:
        raise Invalid("The task cannot be kept.", wrong)
    with transaction():
        incident = telling.living(number)
        made = store.add_task(
            Task(
                id=0,
                incident=number,
                kind=kind,
                text=text.strip(),
                assignee=assignee,
                due_at=due_at,
                created_at=now,
            )
        )
        telling.acted(
            actor, incident, "task", f"added a task: {made.text}", now, kind=EntryKind.TASK, told=False
        )
    return made


def finish_task(actor: Actor, number: int, task: int, now: float, *, done: bool = True) -> Task:
    """Say that something is done, or that it is not; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        incident = telling.living(number)
        before = store.task(number, task)
        if before is None:
            raise NotFound(f"{incident.key} has no task {task}.")
        if (before.done_at is not None) is done:
            return before
        after = msgspec.structs.replace(
            before, done_at=now if done else None, done_by=actor.name if done else ""
        )
        store.save_task(after)
        said = f"did: {after.text}" if done else f"took back as done: {after.text}"
        telling.acted(
            actor, incident, "task", said, now, kind=EntryKind.TASK, tone="ok" if done else "", told=False
        )
    return after


def _step_down(others: list[Responder]) -> None:
    for one in others:
        if one.role is ResponderRole.LEAD:
            store.save_responder(msgspec.structs.replace(one, role=ResponderRole.RESPONDER))
