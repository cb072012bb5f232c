"""Acts on many issues in the REST API, how to take them back, and how far those on very many are."""

from typing import Annotated

from ninja import Field, Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.errors import service
from vedette.errors.api import Change, DoneOut, actions_of, change
from vedette.errors.sweep.types import Whole
from vedette.errors.types import Job
from vedette.plumbing.ports import ports

router = Router(tags=["issues"])
SearchText = Annotated[
    str | None, Field(default=None, max_length=500, description="a search, as in the search box")
]
ProjectSlug = Annotated[str, Field(default="", max_length=50)]


class BulkChange(Change):
    """A change of many issues: those named by `ids`, or every one that matches `query` now (of a `project`, by slug).

    A search, and be it the empty one, is acted on in a job, one change at a time; 100,000 issues at most.
    """

    ids: Annotated[
        list[Annotated[str, Field(max_length=80)]] | None, Field(default=None, min_length=1, max_length=500)
    ]
    query: SearchText
    project: ProjectSlug


class UndoIn(Schema):
    """A token of an earlier change."""

    token: Annotated[str, Field(min_length=1, max_length=64)]


class JobOut(Schema):
    """An act on many issues: how many of `total` pieces are `done`; once over, `ended_at`, and `problem` if it failed.

    `undo` is the token that takes it back, empty as long as it goes on. `changed` counts the issues of a search it
    changed; null for a merge.
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
    changed: int | None


def asked_whole(ids: list[str] | None, query: str | None, project: str) -> Whole | None:
    """Return the search somebody means, None when issues are named; raises `Invalid` for both and for neither."""
    if (ids is None) == (query is None):
        raise Invalid(
            "Name issues by `ids`, or by a `query`: one of the two.",
            {"ids": "one of the two", "query": "one of the two"},
        )
    return None if query is None else Whole(query, project)


@router.post("/issues/bulk", response=DoneOut, operation_id="change_issues")
@needs(Verb.ISSUE_WRITE)
def change_issues(request: Request, payload: BulkChange) -> DoneOut:
    """Resolve, reopen, mute or assign many issues, by their keys or by a search."""
    whole = asked_whole(payload.ids, payload.query, payload.project)
    if whole is None:
        return change(request, payload.ids or [], payload)
    actions = actions_of(payload)
    if len(actions) != 1:
        told = {"status": "one of the two", "assignee": "one of the two"}
        raise Invalid("With a search, give a status or an assignee: one change at a time.", told)
    done = service.act_on_all(request.actor, whole, actions[0], ports().clock.now())
    return DoneOut(changed=[], undo=[], job=done.job)


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
        done=job.done, total=job.total, problem=job.problem, undo=job.undo, changed=job.changed,
    )  # fmt: skip
