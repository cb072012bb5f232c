"""Status pages in the REST API. Passwords go in and never come out."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid, NotFound
from vedette.monitors import service as monitors
from vedette.plumbing.ports import ports
from vedette.status import service, showing
from vedette.status.gathering import History
from vedette.status.showing import Sentence
from vedette.status.types import (
    Component,
    Impact,
    IncidentDraft,
    NoticeKind,
    PageIncident,
    Progress,
    StatusPage,
    StatusPageDraft,
)

router = Router(tags=["status pages"])
Slug = Annotated[str, Path(max_length=50)]
Number = Annotated[int, Path(ge=1, le=2**53)]
Instant = Annotated[
    str | None, Field(default=None, max_length=40, description="ISO 8601, UTC without a zone")
]
_HISTORY = History()


class ComponentIn(Schema):
    """A monitor (slug or id) under its public name; `section` is the heading it stands under."""

    monitor: Annotated[str, Field(min_length=1, max_length=50)]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    section: Annotated[str, Field(max_length=100)] = ""


class ComponentOut(Schema):
    """A component as visitors see it now; `uptime` is the share of 90 days, null when nothing is known."""

    id: int
    monitor: int
    name: str
    section: str
    state: str
    uptime: float | None


class StatusPageIn(Schema):
    """A whole status page. A `password` of null leaves the one there is, an empty one makes the page public."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(max_length=4_000)] = ""
    domain: Annotated[str, Field(max_length=253)] = ""
    frames: Annotated[str, Field(max_length=1_000)] = ""
    windows: bool = False
    enabled: bool = True
    password: Annotated[str | None, Field(max_length=200)] = None
    components: Annotated[list[ComponentIn], Field(default_factory=list, max_length=200)]


class StatusPageLineOut(Schema):
    """A status page, and in one sentence what its visitors read now."""

    slug: str
    title: str
    url: str
    domain: str
    frames: str
    windows: bool
    enabled: bool
    has_password: bool
    state: str
    sentence: str
    subscribers: int


class StatusPageOut(StatusPageLineOut):
    """A status page with its words and components."""

    text: str
    components: list[ComponentOut]


class StatusPagesOut(Schema):
    """Every status page, by title."""

    items: list[StatusPageLineOut]


class IncidentIn(Schema):
    """What is announced, or what is new of it. `components` are ids of the page; a maintenance has both instants."""

    kind: NoticeKind = NoticeKind.INCIDENT
    title: Annotated[str, Field(min_length=1, max_length=150)]
    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    impact: Impact = Impact.NONE
    progress: Progress = Progress.INVESTIGATING
    starts_at: Instant
    ends_at: Instant
    components: Annotated[list[int], Field(default_factory=list, max_length=200)]
    tell: bool = True


class UpdateOut(Schema):
    """What was said of an incident."""

    at: str
    progress: str
    text: str


class IncidentOut(Schema):
    """An incident or a maintenance, newest update first; `ends_at` is null while an incident goes on."""

    id: int
    kind: str
    title: str
    impact: str
    starts_at: str
    ends_at: str | None
    components: list[int]
    updates: list[UpdateOut]


class IncidentsOut(Schema):
    """A page of incidents, newest first; `cursor` leads to the next one, null at the end."""

    items: list[IncidentOut]
    cursor: str | None


@router.get("/status-pages", response=StatusPagesOut, operation_id="list_status_pages")
@needs(Verb.STATUS_READ)
def list_status_pages(request: Request) -> StatusPagesOut:
    """List every status page and what its visitors read now."""
    pages, now = service.pages(), _now()
    standings, counts = service.standings(pages, now), service.subscriber_counts(pages)
    return StatusPagesOut(
        items=[_line(one, showing.sentence(standings[one.id], now), counts.get(one.id, 0)) for one in pages]
    )


@router.get("/status-pages/{page}", response=StatusPageOut, operation_id="get_status_page")
@needs(Verb.STATUS_READ)
def get_status_page(request: Request, page: Slug) -> StatusPageOut:
    """Return a status page and what its visitors read now."""
    return _page(service.page(page))


@router.put(
    "/status-pages/{page}", response={200: StatusPageOut, 201: StatusPageOut}, operation_id="put_status_page"
)
@needs(Verb.STATUS_WRITE)
def put_status_page(request: Request, page: Slug, payload: StatusPageIn) -> Status[StatusPageOut]:
    """Make a status page (201) or overwrite it (200); components that stay keep their ids."""
    draft = StatusPageDraft(
        slug=page, title=payload.title, text=payload.text, domain=payload.domain, frames=payload.frames,
        windows=payload.windows, enabled=payload.enabled, password=payload.password,
        components=tuple(_component(one) for one in payload.components),
    )  # fmt: skip
    try:
        before = service.page(page)
    except NotFound:
        return Status(201, _page(service.create(request.actor, draft, _now())))
    return Status(200, _page(service.update(request.actor, before, draft, _now())))


@router.delete("/status-pages/{page}", response={204: None}, operation_id="remove_status_page")
@needs(Verb.STATUS_WRITE)
def remove_status_page(request: Request, page: Slug) -> Status[None]:
    """Remove a status page with its incidents and subscribers."""
    service.remove(request.actor, service.page(page), _now())
    return Status(204, None)


@router.get("/status-pages/{page}/incidents", response=IncidentsOut, operation_id="list_status_incidents")
@needs(Verb.STATUS_READ)
def list_status_incidents(
    request: Request, page: Slug, cursor: str = "", n: Annotated[int, Query(ge=1, le=100)] = 50
) -> IncidentsOut:
    """List what was announced on a page, newest first."""
    found, after = service.incidents(service.page(page), cursor or None, n)
    return IncidentsOut(items=[_incident(one) for one in found], cursor=after)


@router.post(
    "/status-pages/{page}/incidents", response={201: IncidentOut}, operation_id="announce_status_incident"
)
@needs(Verb.STATUS_WRITE)
def announce_status_incident(request: Request, page: Slug, payload: IncidentIn) -> Status[IncidentOut]:
    """Announce an incident or a maintenance; subscribers hear of it unless `tell` is false."""
    return Status(
        201, _incident(service.announce(request.actor, service.page(page), _draft(payload), _now()))
    )


@router.post(
    "/status-pages/{page}/incidents/{incident_id}/updates",
    response={201: IncidentOut},
    operation_id="update_status_incident",
)
@needs(Verb.STATUS_WRITE)
def update_status_incident(
    request: Request, page: Slug, incident_id: Number, payload: IncidentIn
) -> Status[IncidentOut]:
    """Say what is new of an incident, with its title, impact, components and times as they are now; `resolved` ends it."""
    found = service.page(page)
    before = service.incident(found, incident_id)
    return Status(201, _incident(service.say(request.actor, found, before, _draft(payload), _now())))


def _component(one: ComponentIn) -> Component:
    try:
        return Component(monitor=monitors.find(one.monitor).id, name=one.name, section=one.section)
    except NotFound as error:
        raise Invalid("The page cannot be kept.", {"components": str(error)}) from error


def _draft(payload: IncidentIn) -> IncidentDraft:
    return IncidentDraft(
        kind=payload.kind, title=payload.title, text=payload.text, impact=payload.impact, progress=payload.progress,
        starts=_instant(payload.starts_at, "starts_at"), ends=_instant(payload.ends_at, "ends_at"),
        components=tuple(payload.components), tell=payload.tell,
    )  # fmt: skip


def _instant(text: str | None, field: str) -> float | None:
    try:
        return parse_iso(text) if text else None
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"}
        ) from None


def _page(one: StatusPage) -> StatusPageOut:
    shown = service.shown(one, _HISTORY, _now())
    own = {each.id: each.monitor for each in one.components}
    said, n = showing.sentence(shown.components, shown.at), service.subscriber_counts([one]).get(one.id, 0)
    return StatusPageOut(
        **_line(one, said, n).model_dump(), text=one.text,
        components=[
            ComponentOut(
                id=each.id, monitor=own[each.id], name=each.name, section=each.section, state=str(each.state),
                uptime=each.uptime,
            )
            for each in shown.components
        ],
    )  # fmt: skip


def _line(one: StatusPage, said: Sentence, subscribers: int) -> StatusPageLineOut:
    return StatusPageLineOut(
        slug=one.slug, title=one.title, url=service.url(one), domain=one.domain, frames=one.frames, windows=one.windows,
        enabled=one.enabled, has_password=bool(one.stamp), state=str(said.state), sentence=said.text,
        subscribers=subscribers,
    )  # fmt: skip


def _incident(one: PageIncident) -> IncidentOut:
    return IncidentOut(
        id=one.id, kind=str(one.kind), title=one.title, impact=str(one.impact), starts_at=iso(one.starts),
        ends_at=None if one.ends is None else iso(one.ends), components=list(one.components),
        updates=[UpdateOut(at=iso(u.at), progress=str(u.progress), text=u.text) for u in one.updates],
    )  # fmt: skip


def _now() -> float:
    return ports().clock.now()
