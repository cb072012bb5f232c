"""Issues and events in the REST API."""

from typing import Annotated, Literal

import msgspec
from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.errors import service, shortid
from vedette.errors.attached.api import router as attached_router
from vedette.errors.owners.api import router as owners
from vedette.errors.saved.api import router as searches
from vedette.errors.types import (
    Action,
    Assign,
    Done,
    Entry,
    Event,
    EventPlace,
    Fixed,
    Issue,
    Mute,
    Reopen,
    Resolve,
    Sort,
)
from vedette.plumbing.ports import ports

router = Router(tags=["issues"])
router.add_router("", attached_router)
router.add_router("", searches)
router.add_router("", owners)
Key = Annotated[str, Path(max_length=80, description="key of an issue, such as CHECKOUT-4F")]
EventId = Annotated[
    str, Path(max_length=40, description="id of an event, its first 6 digits or more, `latest` or `oldest`")
]
Size = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=512)]
Count = Annotated[int | None, Field(default=None, ge=1, le=1_000_000_000)]
_ENCODE = msgspec.json.Encoder().encode


class PartOut(Schema):
    """One thing that decides to which issue an event belongs."""

    name: str
    value: str


class IssueOut(Schema):
    """An issue. `mute_events` and `mute_users` are how many more may come before its mute ends; `mute_usual` is set while
    it is muted until it escalates: the most events an hour it is used to. A resolved one with `fixed_after` is fixed in
    releases after that one (empty: none was known), one with `fixed_in` from that one on.
    """

    id: str
    project: str
    status: str
    state: str
    level: str
    title: str
    kind: str
    message: str
    culprit: str
    platform: str
    logger: str
    handled: bool | None
    first_seen: str
    last_seen: str
    events: int
    users: int
    first_release: str
    last_release: str
    assignee: int | None
    changed_at: str
    muted_until: str | None
    mute_events: int | None
    mute_users: int | None
    mute_usual: int | None
    fixed_after: str | None
    fixed_in: str | None
    component: str
    parts: list[PartOut]


class MovedOut(Schema):
    """Where an issue is that was merged into another one."""

    id: str
    detail: str


class IssuePageOut(Schema):
    """A page of issues; `cursor` leads to the next one, null at the end."""

    items: list[IssueOut]
    cursor: str | None


class Change(Schema):
    """What becomes of issues; what is left out stays. The `mute_…` fields go with the status `muted`, `fixed…` with
    `resolved`: events of releases without the fix do not bring it back.
    """

    status: Literal["resolved", "open", "muted"] | None = None
    mute_until: Annotated[str | None, Field(default=None, max_length=40, description="ISO 8601")]
    mute_events: Count
    mute_users: Count
    mute_until_escalating: bool = False
    fixed: Fixed = Fixed.NOW
    fixed_release: Annotated[str, Field(default="", max_length=200, description="with `fixed`: `release`")]
    assignee: Annotated[
        int | None, Field(default=None, ge=1, le=2**31 - 1, description="id of a user; null = nobody")
    ]


class DoneOut(Schema):
    """Which issues changed, and the tokens that take it back; the `job` that does it, when there are very many."""

    changed: list[str]
    undo: list[str]
    job: str | None = None


class CommentIn(Schema):
    """A comment."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class EntryOut(Schema):
    """A line of an issue's history."""

    id: int
    at: str
    kind: str
    user: int | None
    who: str
    text: str


class NoteOut(Schema):
    """Where in the event something could not be kept, and what was done."""

    where: str
    what: str


class EventOut(Schema):
    """An event without its data, which stands at `…/json`."""

    id: str
    at: str
    received: str
    level: str
    platform: str
    title: str
    kind: str
    message: str
    culprit: str
    transaction: str
    logger: str
    release: str
    environment: str
    user: str
    handled: bool | None
    tags: list[tuple[str, str]]
    notes: list[NoteOut]


class PlacedEventOut(EventOut):
    """An event, the issue it belongs to, and its neighbours in time."""

    issue: str
    older: str | None
    newer: str | None


class EventPageOut(Schema):
    """A page of events, newest first; `cursor` leads to the next one, null at the end."""

    items: list[EventOut]
    cursor: str | None


class TagValueOut(Schema):
    """A value of a tag, and its share (0 to 1) of the events that carry the tag."""

    value: str
    count: int
    share: float
    last_seen: str


class TagOut(Schema):
    """A tag of an issue; `other` counts the events whose value is not listed."""

    key: str
    total: int
    values: list[TagValueOut]
    other: int


@router.get("/issues", response=IssuePageOut, operation_id="list_issues")
@needs(Verb.ISSUE_READ)
def list_issues(
    request: Request,
    *,
    q: Annotated[str, Query(max_length=500, description="a search, as in the search box")] = "",
    project: Annotated[str, Query(max_length=50)] = "",
    sort: Sort = Sort.WORST,
    cursor: Cursor = "",
    n: Size = 50,
) -> IssuePageOut:
    """List issues that meet a search, worst first."""
    page = service.issues(q, project or None, sort, cursor or None, n, me=request.actor.id or None)
    return IssuePageOut(items=[_issue(issue) for issue in page.issues], cursor=page.cursor)


@router.get("/issues/{key}", response={200: IssueOut, 307: MovedOut}, operation_id="get_issue")
@needs(Verb.ISSUE_READ)
def get_issue(request: Request, key: Key, response: HttpResponse) -> Status[IssueOut | MovedOut]:
    """Return one issue; the key of one that was merged leads to where it went."""
    found = service.issue(key)
    if shortid.parse(key) == shortid.parse(found.short_id):
        return Status(200, _issue(found))
    response["Location"] = f"/api/v1/issues/{found.short_id}"
    return Status(307, MovedOut(id=found.short_id, detail=f"{key.upper()} was merged into {found.short_id}."))


@router.patch("/issues/{key}", response=IssueOut, operation_id="change_issue")
@needs(Verb.ISSUE_WRITE)
def change_issue(request: Request, key: Key, payload: Change) -> IssueOut:
    """Resolve, reopen, mute or assign an issue."""
    change(request, [key], payload)
    return _issue(service.issue(key))


@router.get("/issues/{key}/tags", response=list[TagOut], operation_id="list_tags")
@needs(Verb.ISSUE_READ)
def list_tags(request: Request, key: Key) -> list[TagOut]:
    """List an issue's tags with their most frequent values."""
    return [
        TagOut(
            key=tag.key, total=tag.total, other=tag.other,
            values=[TagValueOut(value=v.value, count=v.count, share=v.share, last_seen=iso(v.last_seen)) for v in tag.values],
        )
        for tag in service.tags(service.issue(key))
    ]  # fmt: skip


@router.get("/issues/{key}/history", response=list[EntryOut], operation_id="list_history")
@needs(Verb.ISSUE_READ)
def list_history(request: Request, key: Key) -> list[EntryOut]:
    """List what happened to an issue and what people said, newest first."""
    return [_entry(entry) for entry in service.history(service.issue(key))]


@router.post("/issues/{key}/comments", response={201: EntryOut}, operation_id="add_comment")
@needs(Verb.ISSUE_WRITE)
def add_comment(request: Request, key: Key, payload: CommentIn) -> Status[EntryOut]:
    """Comment on an issue."""
    return Status(201, _entry(service.comment(request.actor, key, payload.text, _now())))


@router.get("/issues/{key}/events", response=EventPageOut, operation_id="list_events", tags=["events"])
@needs(Verb.EVENT_READ)
def list_events(request: Request, key: Key, cursor: Cursor = "", n: Size = 50) -> EventPageOut:
    """List an issue's events, newest first."""
    page = service.events(service.issue(key), cursor or None, n)
    return EventPageOut(items=[_event(event) for event in page.events], cursor=page.cursor)


@router.get(
    "/issues/{key}/events/{event}", response=PlacedEventOut, operation_id="get_issue_event", tags=["events"]
)
@needs(Verb.EVENT_READ)
def get_issue_event(request: Request, key: Key, event: EventId) -> PlacedEventOut:
    """Return one event of an issue."""
    issue = service.issue(key)
    return _placed(issue, service.event(issue, event))


@router.get(
    "/issues/{key}/events/{event}/json",
    response=dict[str, object],
    operation_id="get_event_json",
    tags=["events"],
)
@needs(Verb.EVENT_READ)
def get_event_json(request: Request, key: Key, event: EventId) -> HttpResponse:
    """Return an event's data in the protocol's shape, as it is stored: scrubbed."""
    return _json(service.event(service.issue(key), event).event)


@router.get("/events/{event}", response=PlacedEventOut, operation_id="get_event", tags=["events"])
@needs(Verb.EVENT_READ)
def get_event(request: Request, event: EventId) -> PlacedEventOut:
    """Return an event by its whole id."""
    return _placed(*service.find_event(event))


@router.get("/events/{event}/json", response=dict[str, object], operation_id="get_raw_event", tags=["events"])
@needs(Verb.EVENT_READ)
def get_raw_event(request: Request, event: EventId) -> HttpResponse:
    """Return an event's data by its whole id."""
    return _json(service.find_event(event)[1].event)


def change(request: Request, keys: list[str], payload: Change) -> DoneOut:
    """Do what a change asks for; status and assignee are two acts."""
    actions = actions_of(payload)
    if not actions:
        raise Invalid("Nothing to change: give a status or an assignee.", {"status": "missing"})
    done: list[Done] = [service.act(request.actor, keys, action, _now()) for action in actions]
    changed = dict.fromkeys(key for one in done for key in one.changed)
    return DoneOut(changed=list(changed), undo=[one.undo for one in done if one.undo])


def actions_of(payload: Change) -> list[Action]:
    """Return the acts a change asks for."""
    actions: list[Action] = []
    match payload.status:
        case "resolved":
            actions.append(Resolve(fixed=payload.fixed, release=payload.fixed_release))
        case "open":
            actions.append(Reopen())
        case "muted":
            until, escalating = _instant(payload.mute_until), payload.mute_until_escalating
            actions.append(Mute(until, payload.mute_events, payload.mute_users, escalating))
    if "assignee" in payload.model_fields_set:
        actions.append(Assign(user=payload.assignee))
    return actions


def _instant(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid("mute_until is an instant in ISO 8601.", {"mute_until": "not ISO 8601"}) from None


def _issue(issue: Issue) -> IssueOut:
    told = {name: getattr(issue, name) for name in _PLAIN}
    return IssueOut(
        id=issue.short_id, project=issue.project_slug, status=issue.status.value, state=issue.state.value,
        level=issue.level.value, first_seen=iso(issue.first_seen), last_seen=iso(issue.last_seen),
        changed_at=iso(issue.changed_at), muted_until=None if issue.muted_until is None else iso(issue.muted_until),
        parts=[PartOut(name=part.name, value=part.value) for part in issue.parts], **told,
    )  # fmt: skip


_PLAIN = (
    "title", "kind", "message", "culprit", "platform", "logger", "handled", "events", "users", "first_release",
    "last_release", "assignee", "mute_events", "mute_users", "mute_usual", "fixed_after", "fixed_in", "component",
)  # fmt: skip
_EVENT_PLAIN = (
    "id", "platform", "title", "kind", "message", "culprit", "transaction", "logger", "release", "environment", "user",
    "handled",
)  # fmt: skip


def _event(event: Event) -> EventOut:
    told = {name: getattr(event, name) for name in _EVENT_PLAIN}
    return EventOut(
        level=event.level.value, at=iso(event.at), received=iso(event.received), tags=list(event.tags),
        notes=[NoteOut(where=note.where, what=note.what) for note in event.notes], **told,
    )  # fmt: skip


def _placed(issue: Issue, place: EventPlace) -> PlacedEventOut:
    told = _event(place.event).model_dump()
    return PlacedEventOut(**told, issue=issue.short_id, older=place.older, newer=place.newer)


def _json(event: Event) -> HttpResponse:
    return HttpResponse(_ENCODE(event.data), content_type="application/json")


def _entry(entry: Entry) -> EntryOut:
    return EntryOut(
        id=entry.id, at=iso(entry.at), kind=entry.kind, user=entry.user, who=entry.who, text=entry.text
    )  # fmt: skip


def _now() -> float:
    return ports().clock.now()
