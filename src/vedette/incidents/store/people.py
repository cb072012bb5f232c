"""SQL of who takes part, of what is to be done, and of incidents that belong together."""

from collections.abc import Collection

from vedette.incidents.models import IncidentRow, LinkRow, ResponderRow, TaskRow
from vedette.incidents.types import IncidentLink, LinkKind, Responder, ResponderRole, Task, TaskKind


def responders(incident: int) -> tuple[Responder, ...]:
    """Return who takes part or did, in the order in which they came."""
    return tuple(
        _responder(row) for row in ResponderRow.objects.filter(incident=incident).order_by("joined_at", "id")
    )


def leads(incidents: Collection[int]) -> dict[int, int]:
    """Return who leads incidents now (a user's id), by their numbers."""
    rows = ResponderRow.objects.filter(
        incident__in=list(incidents)[:900], role=ResponderRole.LEAD.value, left_at=None
    )
    return {row.incident_id: row.user for row in rows}


def save_responder(one: Responder) -> None:
    """Insert or overwrite somebody's part in an incident."""
    columns = {
        "role": one.role.value,
        "joined_at": one.joined_at,
        "acked_at": one.acked_at,
        "left_at": one.left_at,
    }
    ResponderRow.objects.update_or_create(incident_id=one.incident, user=one.user, defaults=columns)


def tasks(incident: int) -> tuple[Task, ...]:
    """Return what is or was to be done, what is open first."""
    rows = TaskRow.objects.filter(incident=incident).order_by("id")
    return tuple(sorted((_task(row) for row in rows), key=lambda task: (task.done_at is not None, task.id)))


def task(incident: int, number: int) -> Task | None:
    """Return one task of an incident, or None."""
    row = TaskRow.objects.filter(incident=incident, pk=number).first()
    return None if row is None else _task(row)


def open_tasks(kind: TaskKind, n: int) -> tuple[Task, ...]:
    """Return up to `n` tasks of a kind that are not done, the one due first first."""
    rows = TaskRow.objects.filter(kind=kind.value, done_at=None).order_by("due_at", "id")[:n]
    return tuple(_task(row) for row in rows)


def add_task(one: Task) -> Task:
    """Insert a task (its `id` is ignored) and return it."""
    return _task(TaskRow.objects.create(incident_id=one.incident, **_columns(one)))


def save_task(one: Task) -> None:
    """Overwrite a task."""
    TaskRow.objects.filter(pk=one.id).update(**_columns(one))


def links(incident: int) -> tuple[IncidentLink, ...]:
    """Return the links of an incident, from it and to it; `incident` is this one in each."""
    ours = [
        IncidentLink(incident=incident, other=row.other, kind=LinkKind(row.kind))
        for row in LinkRow.objects.filter(incident=incident)
    ]
    theirs = [
        IncidentLink(incident=incident, other=row.incident_id, kind=LinkKind(row.kind))
        for row in LinkRow.objects.filter(other=incident)
    ]
    return tuple(ours + [each for each in theirs if each not in ours])


def add_link(one: IncidentLink) -> None:
    """Link two incidents; a link that is there stays."""
    if IncidentRow.objects.filter(pk=one.other).exists():
        LinkRow.objects.get_or_create(incident_id=one.incident, other=one.other, kind=one.kind.value)


def remove_links(incident: int, other: int) -> None:
    """Part two incidents."""
    LinkRow.objects.filter(incident=incident, other=other).delete()
    LinkRow.objects.filter(incident=other, other=incident).delete()


def move(source: int, incident: int) -> None:
    """Give the tasks of one incident to another, and let its people take part there."""
    TaskRow.objects.filter(incident=source).update(incident=incident)
    there = ResponderRow.objects.filter(incident=incident).values_list("user", flat=True)
    for row in ResponderRow.objects.filter(incident=source).exclude(user__in=list(there)):
        role = ResponderRole.RESPONDER.value if row.role == ResponderRole.LEAD.value else row.role
        ResponderRow.objects.create(
            incident_id=incident,
            user=row.user,
            role=role,
            joined_at=row.joined_at,
            acked_at=row.acked_at,
            left_at=row.left_at,
        )


def _columns(one: Task) -> dict[str, object]:
    return {
        "kind": one.kind.value, "text": one.text, "assignee": one.assignee, "due_at": one.due_at, "done_at": one.done_at,
        "done_by": one.done_by[:200], "created_at": one.created_at, "reminded_at": one.reminded_at,
    }  # fmt: skip


def _responder(row: ResponderRow) -> Responder:
    return Responder(
        incident=row.incident_id, user=row.user, role=ResponderRole(row.role), joined_at=row.joined_at, acked_at=row.acked_at,
        left_at=row.left_at,
    )  # fmt: skip


def _task(row: TaskRow) -> Task:
    return Task(
        id=row.pk, incident=row.incident_id, kind=TaskKind(row.kind), text=row.text, assignee=row.assignee, due_at=row.due_at,
        done_at=row.done_at, done_by=row.done_by, created_at=row.created_at, reminded_at=row.reminded_at,
    )  # fmt: skip
