"""REST of runbooks, and of their steps in incidents."""

from typing import Annotated

from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import service as alerts
from vedette.core.clock import iso
from vedette.incidents import service as incidents
from vedette.incidents.runbooks import acting, keeping, reading
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import Runbook, RunbookStep, StepRun
from vedette.plumbing.ports import ports

router = Router(tags=["incidents"])
Slug = Annotated[str, Path(max_length=60)]
Number = Annotated[int, Path(ge=1, lt=2**53)]


class RunbookIn(Schema):
    """A runbook as it is written: Markdown whose boxes are steps; `matchers` in Alertmanager's syntax; without `secret` the one there is stays."""

    slug: Annotated[str, Field(max_length=60)]
    name: Annotated[str, Field(max_length=120)]
    text: Annotated[str, Field(max_length=reading.LONGEST_TEXT)]
    owner: int | None = None
    matchers: Annotated[str, Field(max_length=2_000)] = ""
    secret: Annotated[str, Field(max_length=200)] | None = None


class StepOut(Schema):
    """A step: `kind` is manual or webhook; a destructive one asks before it runs."""

    text: str
    detail: str
    command: str
    kind: str
    target: str
    destructive: bool


class RunbookOut(Schema):
    """A runbook; `source` is the file it is written in, `signed` says whether its webhooks are."""

    slug: str
    name: str
    text: str
    owner: int | None
    matchers: str
    steps: list[StepOut]
    signed: bool
    updated_at: str
    source: str


class RunbooksOut(Schema):
    """Runbooks by name; `cursor` is always null, for there is one page."""

    items: list[RunbookOut]
    cursor: str | None = None


class StepRunOut(Schema):
    """A step in an incident: `state` is todo, running, done or failed; `result` is what its webhook answered."""

    id: int
    runbook: str
    number: int
    step: StepOut
    state: str
    at: str | None
    by: str
    result: str


class StepRunsOut(Schema):
    """The steps of an incident, in the order in which its runbooks were attached; `cursor` is always null."""

    items: list[StepRunOut]
    cursor: str | None = None


class RunIn(Schema):
    """`sure` confirms a step that is destructive."""

    sure: bool = False


@router.get("/runbooks", response=RunbooksOut, operation_id="list_runbooks")
@needs(Verb.INCIDENT_READ)
def list_runbooks(request: Request) -> RunbooksOut:
    """Return every runbook by name."""
    return RunbooksOut(items=[_out(each) for each in keeping.every()])


@router.post("/runbooks", response={201: RunbookOut}, operation_id="create_runbook")
@needs(Verb.RUNBOOK_WRITE)
def create_runbook(request: Request, payload: RunbookIn) -> Status[RunbookOut]:
    """Write a runbook."""
    return Status(201, _out(keeping.create(request.actor, _draft(payload), ports().clock.now())))


@router.get("/runbooks/{runbook}", response=RunbookOut, operation_id="get_runbook")
@needs(Verb.INCIDENT_READ)
def get_runbook(request: Request, runbook: Slug) -> RunbookOut:
    """Return one runbook."""
    return _out(keeping.find(runbook))


@router.put("/runbooks/{runbook}", response=RunbookOut, operation_id="change_runbook")
@needs(Verb.RUNBOOK_WRITE)
def change_runbook(request: Request, runbook: Slug, payload: RunbookIn) -> RunbookOut:
    """Change a runbook; incidents that have its steps keep them as they were."""
    return _out(keeping.update(request.actor, runbook, _draft(payload), ports().clock.now()))


@router.delete("/runbooks/{runbook}", response={204: None}, operation_id="delete_runbook")
@needs(Verb.RUNBOOK_WRITE)
def delete_runbook(request: Request, runbook: Slug) -> Status[None]:
    """Delete a runbook; one that a rule of incidents names is refused."""
    keeping.remove(request.actor, runbook, ports().clock.now())
    return Status(204, None)


@router.get("/incidents/{incident}/steps", response=StepRunsOut, operation_id="list_steps")
@needs(Verb.INCIDENT_READ)
def list_steps(request: Request, incident: Number) -> StepRunsOut:
    """Return the steps of an incident's runbooks."""
    incidents.incident(incident)
    found = [run for book in acting.attached(incident) for run in book.steps]
    return StepRunsOut(items=[_run(each) for each in found])


@router.put("/incidents/{incident}/runbooks/{runbook}", response=StepRunsOut, operation_id="attach_runbook")
@needs(Verb.INCIDENT_WRITE)
def attach_runbook(request: Request, incident: Number, runbook: Slug) -> StepRunsOut:
    """Attach a runbook to an incident."""
    acting.attach(request.actor, incident, runbook, ports().clock.now())
    return list_steps(request, incident)


@router.delete(
    "/incidents/{incident}/runbooks/{runbook}", response={204: None}, operation_id="detach_runbook"
)
@needs(Verb.INCIDENT_WRITE)
def detach_runbook(request: Request, incident: Number, runbook: Slug) -> Status[None]:
    """Take a runbook away from an incident, with what was ticked."""
    acting.detach(request.actor, incident, runbook, ports().clock.now())
    return Status(204, None)


@router.put("/incidents/{incident}/steps/{step}/tick", response=StepRunOut, operation_id="tick_step")
@needs(Verb.INCIDENT_WRITE)
def tick_step(request: Request, incident: Number, step: Number) -> StepRunOut:
    """Say that a step is done."""
    return _run(acting.tick(request.actor, incident, step, ports().clock.now()))


@router.delete("/incidents/{incident}/steps/{step}/tick", response=StepRunOut, operation_id="untick_step")
@needs(Verb.INCIDENT_WRITE)
def untick_step(request: Request, incident: Number, step: Number) -> StepRunOut:
    """Take back that a step is done."""
    return _run(acting.untick(request.actor, incident, step, ports().clock.now()))


@router.post("/incidents/{incident}/steps/{step}/run", response=StepRunOut, operation_id="run_step")
@needs(Verb.INCIDENT_WRITE)
def run_step(request: Request, incident: Number, step: Number, payload: RunIn) -> StepRunOut:
    """Let the webhook of a step do it, and wait for its answer; or order its action on a host, and return it as it runs."""
    return _run(acting.run(request.actor, incident, step, ports().clock.now(), sure=payload.sure))


def _draft(given: RunbookIn) -> RunbookDraft:
    matchers = alerts.matchers_of(given.matchers) if given.matchers.strip() else ()
    return RunbookDraft(
        slug=given.slug, name=given.name, text=given.text, owner=given.owner, matchers=matchers, secret=given.secret
    )  # fmt: skip


def _out(found: Runbook) -> RunbookOut:
    return RunbookOut(
        slug=found.slug, name=found.name, text=found.text, owner=found.owner, signed=keeping.has_secret(found.slug),
        matchers=alerts.matchers_written(found.matchers), steps=[_step(step) for step in found.steps],
        updated_at=iso(found.updated_at), source=found.source,
    )  # fmt: skip


def _run(found: StepRun) -> StepRunOut:
    return StepRunOut(
        id=found.id, runbook=found.runbook, number=found.number, step=_step(found.step), state=found.state.value,
        at=None if found.at is None else iso(found.at), by=found.by, result=found.result,
    )  # fmt: skip


def _step(found: RunbookStep) -> StepOut:
    return StepOut(
        text=found.text, detail=found.detail, command=found.command, kind=found.kind.value, target=found.target,
        destructive=found.destructive,
    )  # fmt: skip
