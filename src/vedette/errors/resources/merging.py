"""Merging issues, and splitting them off again, in the REST API."""

from typing import Annotated

from ninja import Field, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.errors import service
from vedette.errors.api import Cursor, DoneOut, Key, Size
from vedette.errors.resources.bulk import ProjectSlug, SearchText, asked_whole
from vedette.errors.types import Group
from vedette.plumbing.ports import ports

router = Router(tags=["issues"])
GivenKey = Annotated[str, Field(max_length=80)]


class MergeIn(Schema):
    """Issues of one project that are one problem; `into` remains, else the one that was first seen first.

    More than 100 are merged in a job, and so is every issue that matches `query` now (of a `project`), 10,000 at most.
    """

    ids: Annotated[list[GivenKey] | None, Field(default=None, min_length=1, max_length=10_000)]
    query: SearchText
    project: ProjectSlug
    into: Annotated[str, Field(default="", max_length=80)]


class SplitIn(Schema):
    """The keys of groups of an issue."""

    groups: Annotated[list[GivenKey], Field(min_length=1, max_length=100)]


class GroupOut(Schema):
    """A group of a merged issue, with the key it had; `own` is the one the issue began with."""

    key: str
    title: str
    level: str
    component: str
    hashes: list[str]
    events: int
    users: int
    first_seen: str
    last_seen: str
    joined_at: str
    own: bool


class GroupPageOut(Schema):
    """A page of groups, most events first; `total` is how many there are in all."""

    items: list[GroupOut]
    total: int
    cursor: str | None


@router.post("/issues/merge", response=DoneOut, operation_id="merge_issues")
@needs(Verb.ISSUE_WRITE)
def merge_issues(request: Request, payload: MergeIn) -> DoneOut:
    """Merge issues into one, which keeps its key; the keys of the others lead to it."""
    now, whole = ports().clock.now(), asked_whole(payload.ids, payload.query, payload.project)
    if whole is None:
        done = service.merge(request.actor, payload.ids or [], payload.into, now)
    elif payload.into:
        raise Invalid("What matches a search is merged into the oldest.", {"into": "goes with ids"})
    else:
        done = service.merge_all(request.actor, whole, now)
    return DoneOut(changed=list(done.changed), undo=[done.undo] if done.undo else [], job=done.job or None)


@router.get("/issues/{key}/groups", response=GroupPageOut, operation_id="list_groups")
@needs(Verb.ISSUE_READ)
def list_groups(request: Request, key: Key, cursor: Cursor = "", n: Size = 50) -> GroupPageOut:
    """List the groups a merged issue consists of; none when nothing was merged into it."""
    page = service.groups(service.issue(key), cursor or None, n)
    return GroupPageOut(items=[_group(one) for one in page.groups], total=page.total, cursor=page.cursor)


@router.post("/issues/{key}/split", response=DoneOut, operation_id="split_issue")
@needs(Verb.ISSUE_WRITE)
def split_issue(request: Request, key: Key, payload: SplitIn) -> DoneOut:
    """Make issues of groups again, with their own keys and all their events."""
    done = service.split(request.actor, key, payload.groups, ports().clock.now())
    return DoneOut(changed=list(done.changed), undo=[])


def _group(one: Group) -> GroupOut:
    return GroupOut(
        key=one.key, title=one.title, level=one.level, component=one.component, hashes=list(one.hashes),
        events=one.events, users=one.users, first_seen=iso(one.first_seen), last_seen=iso(one.last_seen),
        joined_at=iso(one.joined_at), own=one.own,
    )  # fmt: skip
