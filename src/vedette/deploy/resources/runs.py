"""REST of what the server does with projects: what it would do, asking for it, and how far it is."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.deploy import service
from vedette.deploy.resources.hosts import HostKey
from vedette.deploy.resources.infrastructure import Cursor, Key, LineOut, Size
from vedette.deploy.types import Change, Deed, DeployRun, Planned
from vedette.hosts import service as hosts
from vedette.plumbing.ports import ports

router = Router(tags=["infrastructure"])
RunId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="id of a run")]
Targets = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=200)]


class WantIn(Schema):
    """What is to be done: plan, apply, revert, adopt or destroy; to which things (`firewall/web`; none: all)."""

    act: Deed
    targets: Targets = []
    unprotect: bool = False


class AskIn(WantIn):
    """What is to be done. `mark` is that of the plan that was shown (apply, revert, destroy); nothing else than that is done.

    `confirmed` is the project's name where something is removed or made anew.
    """

    mark: Annotated[str, Field(max_length=64)] = ""
    confirmed: Annotated[str, Field(max_length=63)] = ""


class HostAskIn(Schema):
    """What a host is to do: revert or adopt; which of its drifts, by their keys (none: all)."""

    act: Deed
    targets: Targets = []


class DangerOut(Schema):
    """Why a change is to be looked at twice."""

    kind: str
    text: str


class InfraChangeOut(Schema):
    """What would be done to one thing: create, update, replace or delete, each difference, dangers, and what the month costs more."""

    act: str
    kind: str
    name: str
    reason: str
    monthly: str
    lines: list[LineOut]
    dangers: list[DangerOut]


class InfraPlanOut(Schema):
    """What would be done: changes in order; `typed` says that the project's name is asked for, `mark` goes back with the asking."""

    mark: str
    typed: bool
    changes: list[InfraChangeOut]
    notes: list[str]
    foreign: list[str]
    before: str
    after: str
    currency: str


class AdoptionOut(Schema):
    """Files as they would be if they said what is there; `left` are things that they cannot say, each with why."""

    files: dict[str, str]
    done: list[str]
    left: dict[str, str]


class RunStepOut(Schema):
    """One thing that a run did, in a line (`good` null: it only tells)."""

    at: str
    text: str
    good: bool | None


class InfraRunOut(Schema):
    """Something that is carried out: asked, running, done, failed or interrupted, in a sentence."""

    id: str
    project: int
    act: str
    by: str
    state: str
    sentence: str
    targets: list[str]
    asked_at: str
    began_at: str | None
    ended_at: str | None
    steps: list[RunStepOut]


class InfraRunsOut(Schema):
    """A page of runs, the last first."""

    items: list[InfraRunOut]
    cursor: str | None


@router.post("/infrastructure/projects/{key}/plan", response=InfraPlanOut, operation_id="plan_infrastructure")
@needs(Verb.INFRA_LOOK)
def plan(request: Request, key: Key, payload: WantIn) -> InfraPlanOut:
    """Return what would be done, by what was last read; nothing is changed."""
    found = service.planned(
        service.project(key).id, payload.act, payload.targets, _now(), unprotect=payload.unprotect
    )
    return _plan(found.planned, found.mark, typed=found.typed)


@router.post(
    "/infrastructure/projects/{key}/adoption",
    response=AdoptionOut,
    operation_id="preview_infrastructure_adoption",
)
@needs(Verb.INFRA_WRITE)
def adoption(request: Request, key: Key, payload: WantIn) -> AdoptionOut:
    """Return the files as they would be if they said what is there of drifts; nothing is written."""
    found = service.adoption(service.project(key).id, payload.targets)
    return AdoptionOut(
        files=dict(found.texts), done=[str(ref) for ref in found.done], left={str(ref): why for ref, why in found.left.items()}
    )  # fmt: skip


@router.post(
    "/infrastructure/projects/{key}/runs", response={202: InfraRunOut}, operation_id="ask_infrastructure_run"
)
@needs(Verb.INFRA_APPLY)
def ask(request: Request, key: Key, payload: AskIn) -> Status[InfraRunOut]:
    """Have something done in the background."""
    made = service.ask(
        request.actor, service.project(key).id, payload.act, payload.targets, _now(), mark=payload.mark, confirmed=payload.confirmed,
        unprotect=payload.unprotect,
    )  # fmt: skip
    return Status(202, _run(made))


@router.get(
    "/infrastructure/projects/{key}/runs", response=InfraRunsOut, operation_id="list_infrastructure_runs"
)
@needs(Verb.INFRA_READ)
def list_runs(request: Request, key: Key, cursor: Cursor = "", limit: Size = 25) -> InfraRunsOut:
    """List what was done with a project, the last first."""
    found = service.runs(service.project(key).id, cursor, limit)
    return InfraRunsOut(items=[_run(one) for one in found.items], cursor=found.cursor)


@router.post(
    "/infrastructure/hosts/{host}/runs", response={202: InfraRunOut}, operation_id="ask_hardened_host_run"
)
@needs(Verb.INFRA_APPLY)
def ask_host(request: Request, host: HostKey, payload: HostAskIn) -> Status[InfraRunOut]:
    """Have a host put back what hardening set there, or take what is there for what should be."""
    found = hosts.find(host)
    return Status(202, _run(service.ask_host(request.actor, found.id, payload.act, payload.targets, _now())))


@router.get("/infrastructure/runs", response=InfraRunsOut, operation_id="list_all_infrastructure_runs")
@needs(Verb.INFRA_READ)
def list_all(request: Request, cursor: Cursor = "", limit: Size = 25) -> InfraRunsOut:
    """List what was done with all projects and hosts, the last first."""
    found = service.runs(None, cursor, limit)
    return InfraRunsOut(items=[_run(one) for one in found.items], cursor=found.cursor)


@router.get("/infrastructure/runs/{run}", response=InfraRunOut, operation_id="get_infrastructure_run")
@needs(Verb.INFRA_READ)
def get_run(
    request: Request,
    run: RunId,
    after: Annotated[int, Query(ge=0, description="steps that are known already")] = 0,
) -> InfraRunOut:
    """Return how far a run is."""
    return _run(service.run(run), after)


def _plan(found: Planned, mark: str, *, typed: bool) -> InfraPlanOut:
    return InfraPlanOut(
        mark=mark, typed=typed, changes=[_change(each) for each in found.changes], notes=list(found.notes),
        foreign=[str(ref) for ref in found.foreign], before=found.before, after=found.after, currency=found.currency,
    )  # fmt: skip


def _change(each: Change) -> InfraChangeOut:
    return InfraChangeOut(
        act=each.act.value, kind=each.ref.kind, name=each.ref.name, reason=each.reason, monthly=each.monthly,
        lines=[LineOut(field=one.field, sign=one.sign, before=one.before, after=one.after) for one in each.lines],
        dangers=[DangerOut(kind=one.kind.value, text=one.text) for one in each.dangers],
    )  # fmt: skip


def _run(one: DeployRun, after: int = 0) -> InfraRunOut:
    return InfraRunOut(
        id=one.id, project=one.project, act=one.deed.value, by=one.by, state=one.state.value, sentence=one.sentence,
        targets=list(one.targets), asked_at=iso(one.asked_at), began_at=_when(one.began_at), ended_at=_when(one.ended_at),
        steps=[RunStepOut(at=iso(each.at), text=each.text, good=each.good) for each in one.steps[after:]],
    )  # fmt: skip


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _now() -> float:
    return ports().clock.now()
