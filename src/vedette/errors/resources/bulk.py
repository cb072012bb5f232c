"""Acts on many issues in the REST API, how to take them back, and how far those on very many are."""

from typing import Annotated

from ninja import Field, Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.errors import service
from vedette.errors.api import Change, DoneOut, change
from vedette.errors.types import Job
from vedette.plumbing.ports import ports

router = Router(tags=["issues"])


class BulkChange(Change):
    """A change of many issues."""

    ids: Annotated[list[Annotated[str, Field(max_length=80)]], Field(min_length=1, max_length=500)]


class UndoIn(Schema):
    """A token of an earlier change."""

    token: Annotated[str, Field(min_length=1, max_length=64)]


class JobOut(Schema):
    """An act on many issues: how many of `total` pieces are `done`; once over, `ended_at`, and `problem` if it failed.

    `undo` is the token that takes it back, empty as long as it goes on.
    """

    id: str
    kind: str
    text: str
    at: str
    ended_at: str | None
    done: int
    total: int
    problem: str
    undo: str


@router.post("/issues/bulk", response=DoneOut, operation_id="change_issues")
@needs(Verb.ISSUE_WRITE)
def change_issues(request: Request, payload: BulkChange) -> DoneOut:
    """Resolve, reopen, mute or assign many issues."""
    return change(request, payload.ids, payload)


@router.post("/issues/undo", response=DoneOut, operation_id="undo_change")
@needs(Verb.ISSUE_WRITE)
def undo_change(request: Request, payload: UndoIn) -> DoneOut:
    """Take a change back; issues that changed since stay as they are. What a job did, a job takes back."""
    done = service.undo(request.actor, payload.token, ports().clock.now())
    return DoneOut(changed=list(done.changed), undo=[], job=done.job or None)


@router.get("/jobs", response=list[JobOut], operation_id="list_jobs")
@needs(Verb.ISSUE_READ)
def list_jobs(request: Request) -> list[JobOut]:
    """List the acts on many issues that are under way, and those that ended in the last ten minutes."""
    return [_job(job) for job in service.jobs(ports().clock.now())]


@router.get("/jobs/{job}", response=JobOut, operation_id="get_job")
@needs(Verb.ISSUE_READ)
def get_job(request: Request, job: Annotated[str, Path(max_length=64)]) -> JobOut:
    """Return how far an act on many issues is."""
    return _job(service.job(job))


def _job(job: Job) -> JobOut:
    return JobOut(
        id=job.id, kind=job.kind, text=job.text, at=iso(job.at), ended_at=None if job.ended_at is None else iso(job.ended_at),
        done=job.done, total=job.total, problem=job.problem, undo=job.undo,
    )  # fmt: skip
