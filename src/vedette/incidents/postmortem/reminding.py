"""Reminds people of the action items they have: when one is due, and each week after, by their own channels."""

from vedette.incidents import service as incidents
from vedette.incidents.postmortem import reviewing, store
from vedette.incidents.types import Incident, Task
from vedette.notify import service as notify
from vedette.notify.types import Concern, Notice, Person
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.ui import words

_AT_ONCE = 500


def remind(now: float) -> int:
    """Remind whoever is due; return how many action items were dealt with. Who wants quiet now is asked again later."""
    tasks = [task for task in store.due(now, _AT_ONCE) if reviewing.reminds(task, now)]
    people = {person.user: person for person in notify.people()} if tasks else {}
    known = incidents.some({task.incident for task in tasks})
    return sum(
        _remind(task, known[task.incident], people.get(task.assignee or 0), now)
        for task in tasks
        if task.incident in known
    )


def _remind(task: Task, incident: Incident, person: Person | None, now: float) -> int:
    concern = Concern(severity="info", project=incident.project, assigned=True, personal=True)
    heard = notify.hears(person.preferences, concern, now) if person is not None else None
    if heard is not None and heard.quieted:
        return 0
    with transaction():
        if person is not None and heard is not None and heard.tell:
            _queue(task, person, _notice(task, incident, now), now)
        store.reminded(task.id, now)
    return 1


def _queue(task: Task, person: Person, notice: Notice, now: float) -> None:
    planned = notify.plan(person.preferences, person.channels, "info")
    for step in planned:
        if step.number == 1:
            notify.queue(step.channel.id, notice, f"action.{task.id}.{now:.0f}.{step.channel.id}", now)


def _notice(task: Task, incident: Incident, now: float) -> Notice:
    late = now - (task.due_at or now)
    when = f"It was due {words.duration(late)} ago." if late >= words.DAY else "It is due."
    return Notice(
        title=f"To do: {task.text}", text=f"{when} It follows from {incident.key}, {incident.title}.", severity="info",
        link=f"{ports().settings.public_url}{incident.link}post-mortem/", at=now, state="info",
        reason="It is assigned to you.",
    )  # fmt: skip
