"""Incidents in the REST API."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Actor, Verb, may, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.incidents import service
from vedette.incidents.progress import Act
from vedette.incidents.types import (
    SECRET_KINDS,
    Entry,
    EntryKind,
    Impact,
    Incident,
    IncidentDraft,
    Sev,
    Task,
    Urgency,
)
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

router = Router(tags=["incidents"])
Number = Annotated[int, Path(ge=1, lt=2**53, description="number of an incident: 27 of INC-27")]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]


class IncidentOut(Schema):
    """An incident. Instants are ISO 8601, null while it has not come to that; `announced` names a status page."""

    id: int
    key: str
    title: str
    summary: str
    state: str
    severity: int
    impact: str
    urgency: str
    declared: str
    declared_by: str
    project: int | None
    started_at: str
    detected_at: str
    acknowledged_at: str | None
    mitigated_at: str | None
    resolved_at: str | None
    merged_into: int | None
    announced: str
    customers: str


class IncidentsOut(Schema):
    """Open incidents, the worst first, and a page of those that are over, newest first."""

    open: list[IncidentOut]
    items: list[IncidentOut]
    cursor: str | None


class IncidentIn(Schema):
    """An incident to declare. Without `severity` it is what impact and urgency make; `alerts` are fingerprints."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    summary: Annotated[str, Field(max_length=10_000)] = ""
    impact: Impact = Impact.SOME
    urgency: Urgency = Urgency.SOON
    severity: Annotated[int, Field(ge=1, le=4)] | None = None
    project: Annotated[str, Field(max_length=50, description="slug or id")] = ""
    started_at: Annotated[str, Field(max_length=40, description="ISO 8601")] = ""
    alerts: Annotated[list[str], Field(max_length=100)] = []


class ActIn(Schema):
    """What to do with an incident: acknowledge, mitigate, resolve, reopen."""

    act: Act


class SeverityIn(Schema):
    """How severe an incident is."""

    severity: Annotated[int, Field(ge=1, le=4)]


class NoteIn(Schema):
    """A note."""

    text: Text


class EntryOut(Schema):
    """A line of a timeline."""

    id: int
    at: str
    kind: str
    text: str
    detail: str
    link: str
    by: str
    annotation: str
    pinned: bool
    hidden: bool


class EntriesOut(Schema):
    """The newest lines of a timeline."""

    items: list[EntryOut]


class TaskIn(Schema):
    """Something to do; `assignee` is a user's id."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    assignee: int | None = None
    due_at: Annotated[str, Field(max_length=40, description="ISO 8601")] = ""


class TaskChange(Schema):
    """Whether a task is done."""

    done: bool


class TaskOut(Schema):
    """Something to do."""

    id: int
    text: str
    kind: str
    assignee: int | None
    due_at: str | None
    done_at: str | None
    done_by: str


class TasksOut(Schema):
    """What is to be done, what is open first."""

    items: list[TaskOut]


class MergeIn(Schema):
    """The number of the incident another one lives on in."""

    into: Annotated[int, Field(ge=1, lt=2**53)]


@router.get("/incidents", response=IncidentsOut, operation_id="list_incidents")
@needs(Verb.INCIDENT_READ)
def list_incidents(
    request: Request, cursor: str = "", n: Annotated[int, Query(ge=1, le=100)] = 50
) -> IncidentsOut:
    """List incidents: all that are open, and a page of the past."""
    past, rest = service.incidents(cursor or None, n)
    return IncidentsOut(
        open=[_out(one) for one in service.open_incidents(_now())],
        items=[_out(one) for one in past],
        cursor=rest,
    )


@router.post("/incidents", response={201: IncidentOut}, operation_id="declare_incident")
@needs(Verb.INCIDENT_WRITE)
def declare_incident(request: Request, payload: IncidentIn) -> Status[IncidentOut]:
    """Declare an incident."""
    draft = IncidentDraft(
        title=payload.title, summary=payload.summary, impact=payload.impact, urgency=payload.urgency,
        severity=None if payload.severity is None else Sev(payload.severity),
        project=projects.project(payload.project).id if payload.project else None, started_at=_instant(payload.started_at, "started_at"),
    )  # fmt: skip
    return Status(201, _out(service.declare(request.actor, draft, _now(), fingerprints=payload.alerts)))


@router.get("/incidents/{incident}", response=IncidentOut, operation_id="get_incident")
@needs(Verb.INCIDENT_READ)
def get_incident(request: Request, incident: Number) -> IncidentOut:
    """Return one incident."""
    return _out(service.incident(incident))


@router.post("/incidents/{incident}/acts", response=IncidentOut, operation_id="act_on_incident")
@needs(Verb.INCIDENT_WRITE)
def act_on_incident(request: Request, incident: Number, payload: ActIn) -> IncidentOut:
    """Acknowledge, mitigate, resolve or reopen an incident; what changes nothing is no error."""
    return _out(service.act(request.actor, incident, payload.act, _now()))


@router.put("/incidents/{incident}/severity", response=IncidentOut, operation_id="set_incident_severity")
@needs(Verb.INCIDENT_WRITE)
def set_incident_severity(request: Request, incident: Number, payload: SeverityIn) -> IncidentOut:
    """Set how severe an incident is."""
    return _out(service.set_severity(request.actor, incident, Sev(payload.severity), _now()))


@router.post("/incidents/{incident}/merge", response=IncidentOut, operation_id="merge_incident")
@needs(Verb.INCIDENT_WRITE)
def merge_incident(request: Request, incident: Number, payload: MergeIn) -> IncidentOut:
    """Let an incident live on in another one, which is returned."""
    return _out(service.merge(request.actor, incident, payload.into, _now()))


@router.get("/incidents/{incident}/entries", response=EntriesOut, operation_id="list_incident_entries")
@needs(Verb.INCIDENT_READ)
def list_incident_entries(
    request: Request, incident: Number, n: Annotated[int, Query(ge=1, le=5_000)] = 500
) -> EntriesOut:
    """List the newest lines of a timeline, those left out that the caller may not read."""
    found = service.entries(service.incident(incident).id, n)
    return EntriesOut(items=[_entry(one) for one in found if _may_read(request.actor, one)])


@router.post("/incidents/{incident}/notes", response={201: EntriesOut}, operation_id="note_on_incident")
@needs(Verb.INCIDENT_WRITE)
def note_on_incident(request: Request, incident: Number, payload: NoteIn) -> Status[EntriesOut]:
    """Write a note on a timeline; returns its newest line."""
    service.note(request.actor, incident, payload.text, _now())
    found = [one for one in service.entries(incident, 20) if one.kind is EntryKind.NOTE]
    return Status(201, EntriesOut(items=[_entry(one) for one in found[:1]]))


@router.get("/incidents/{incident}/tasks", response=TasksOut, operation_id="list_incident_tasks")
@needs(Verb.INCIDENT_READ)
def list_incident_tasks(request: Request, incident: Number) -> TasksOut:
    """List what is to be done."""
    return TasksOut(items=[_task(one) for one in service.tasks(service.incident(incident).id)])


@router.post("/incidents/{incident}/tasks", response={201: TaskOut}, operation_id="add_incident_task")
@needs(Verb.INCIDENT_WRITE)
def add_incident_task(request: Request, incident: Number, payload: TaskIn) -> Status[TaskOut]:
    """Add something to do."""
    due = _instant(payload.due_at, "due_at")
    return Status(
        201, _task(service.add_task(request.actor, incident, payload.text, _now(), payload.assignee, due))
    )


@router.patch("/incidents/{incident}/tasks/{task}", response=TaskOut, operation_id="change_incident_task")
@needs(Verb.INCIDENT_WRITE)
def change_incident_task(
    request: Request, incident: Number, task: Annotated[int, Path(ge=1, lt=2**53)], payload: TaskChange
) -> TaskOut:
    """Say that something is done, or that it is not."""
    return _task(service.finish_task(request.actor, incident, task, _now(), done=payload.done))


def _may_read(actor: Actor, one: Entry) -> bool:
    return may(actor, SECRET_KINDS.get(one.kind, Verb.INCIDENT_READ)).allowed


def _instant(text: str, field: str) -> float | None:
    try:
        return parse_iso(text) if text else None
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"}
        ) from None


def _out(one: Incident) -> IncidentOut:
    return IncidentOut(
        id=one.id, key=one.key, title=one.title, summary=one.summary, state=one.state.value, severity=int(one.severity),
        impact=one.impact.value, urgency=one.urgency.value, declared=one.declared.value, declared_by=one.declared_by,
        project=one.project, started_at=iso(one.started_at), detected_at=iso(one.detected_at), acknowledged_at=_iso(one.acked_at),
        mitigated_at=_iso(one.mitigated_at), resolved_at=_iso(one.resolved_at), merged_into=one.merged_into,
        announced=one.announced[0] if one.announced else "", customers=service.customers_text(one),
    )  # fmt: skip


def _entry(one: Entry) -> EntryOut:
    return EntryOut(
        id=one.id, at=iso(one.at), kind=one.kind.value, text=one.text, detail=one.detail, link=one.link, by=one.by,
        annotation=one.annotation, pinned=one.pinned, hidden=one.hidden,
    )  # fmt: skip


def _task(one: Task) -> TaskOut:
    return TaskOut(
        id=one.id, text=one.text, kind=one.kind.value, assignee=one.assignee, due_at=_iso(one.due_at), done_at=_iso(one.done_at),
        done_by=one.done_by,
    )  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _now() -> float:
    return ports().clock.now()
