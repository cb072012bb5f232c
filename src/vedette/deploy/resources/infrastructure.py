"""REST of infrastructure: projects, how they stand, what files say of them, their things and drifts."""

from typing import Annotated, Any

import msgspec
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.deploy import service
from vedette.deploy.types import (
    CloudProject,
    KeptDrift,
    Line,
    ProjectStanding,
    ThingStanding,
)
from vedette.plumbing.ports import ports
from vedette.ui import pager

router = Router(tags=["infrastructure"])
Key = Annotated[str, Path(max_length=63, description="name or number of a project")]
Token = Annotated[
    str,
    Field(min_length=1, max_length=600, description="an API token of the project; it is never told again"),
]
Endpoint = Annotated[
    str, Field(max_length=200, description="another address of the API; empty: Hetzner's own")
]
Cursor = Annotated[str, Query(max_length=512, description="cursor of the page before")]
Size = Annotated[int, Query(ge=1, le=pager.MAX_PAGE)]


class ConnectIn(Schema):
    """A project that is to be watched: one that may read is enough."""

    name: Annotated[str, Field(min_length=1, max_length=63)]
    token: Token
    endpoint: Endpoint = ""


class KeyIn(Schema):
    """Another token in the place of the one before."""

    token: Token
    endpoint: Endpoint = ""


class FilesIn(Schema):
    """What should be there: texts by name (`infra/shop.toml`), with the files that they name beside them."""

    files: dict[str, str]


class FilesOut(Schema):
    """What should be there, as it was said; `source` is the file it came from (empty: the pages or this API)."""

    files: dict[str, str]
    source: str


class TextOut(Schema):
    """The text of a file; `left` are things that it cannot say, each with why."""

    text: str
    left: dict[str, str]


class IntentOut(Schema):
    """Something that must be true: whether it holds (holds, broken, unknown), why, and whether a connection showed it."""

    text: str
    verdict: str
    reason: str
    seen: bool


class LineOut(Schema):
    """A difference: of which field, `+`, `-` or `~`, and the two sides."""

    field: str
    sign: str
    before: str
    after: str


class ThingOut(Schema):
    """A thing and how it is; `fields` are its kind's own as they are at Hetzner, `monthly` what it costs (net)."""

    kind: str
    name: str
    state: str
    sentence: str
    monthly: str
    lines: list[LineOut]
    labels: dict[str, str]
    fields: dict[str, Any]  # Any: a kind's own


class ThingsOut(Schema):
    """All things of a project, the worst first."""

    items: list[ThingOut]


class InfraOut(Schema):
    """A project: how it stands, worst first, how many things are how, which intents hold, and what a month costs (net).

    `hint` are the last four characters of its token, `writes` whether Hetzner lets it change things (null: nobody tried).
    """

    id: int
    name: str
    endpoint: str
    hint: str
    writes: bool | None
    source: str
    condition: str
    sentence: str
    reasons: list[str]
    counts: dict[str, int]
    intents: list[IntentOut]
    faults: list[str]
    drifts: int
    monthly: str
    currency: str
    read_at: str | None
    problem: str
    running: str | None


class InfrasOut(Schema):
    """All projects, the worst first."""

    items: list[InfraOut]


class PictureOut(Schema):
    """Networks, and who reaches whom: as SVG and in words."""

    svg: str
    text: str


class DriftOut(Schema):
    """Something that is not as the files say: how, which side moved, since when, by whom as far as anybody knows, what became of it.

    `since` is Hetzner's own word where there is a `command`, else when it was last right; `until` when it was first seen otherwise.
    """

    id: int
    kind: str
    name: str
    way: str
    side: str
    lines: list[LineOut]
    since: str | None
    until: str
    by: str
    command: str
    state: str
    ended_at: str | None


class DriftsOut(Schema):
    """Drifts: those that are there, or a page of those that are over, the last first."""

    items: list[DriftOut]
    cursor: str | None = None


@router.get("/infrastructure/projects", response=InfrasOut, operation_id="list_infrastructure")
@needs(Verb.INFRA_READ)
def list_projects(request: Request) -> InfrasOut:
    """List projects that are watched, the worst first."""
    return InfrasOut(items=[_infra(one) for one in service.standings(_now())])


@router.post("/infrastructure/projects", response={201: InfraOut}, operation_id="connect_infrastructure")
@needs(Verb.INFRA_WRITE)
def connect(request: Request, payload: ConnectIn) -> Status[InfraOut]:
    """Have a project watched; its token is tried first, sealed, and never told again."""
    made = service.connect(request.actor, payload.name, payload.token, payload.endpoint, _now())
    return Status(201, _infra(service.standing(made.id, _now())))


@router.get("/infrastructure/projects/{key}", response=InfraOut, operation_id="get_infrastructure")
@needs(Verb.INFRA_READ)
def get_project(request: Request, key: Key) -> InfraOut:
    """Return how a project stands."""
    return _infra(service.standing(service.project(key).id, _now()))


@router.delete("/infrastructure/projects/{key}", response={204: None}, operation_id="forget_infrastructure")
@needs(Verb.INFRA_WRITE)
def forget(request: Request, key: Key, confirm: Annotated[str, Query(max_length=63)] = "") -> Status[None]:
    """Forget a project with its token and all that was seen of it; at Hetzner nothing changes. `confirm` is its name."""
    service.forget(request.actor, service.project(key).id, confirm, _now())
    return Status(204, None)


@router.put(
    "/infrastructure/projects/{key}/token", response=InfraOut, operation_id="renew_infrastructure_token"
)
@needs(Verb.INFRA_WRITE)
def renew(request: Request, key: Key, payload: KeyIn) -> InfraOut:
    """Take another token in the place of the one before, after it was tried."""
    made = service.renew_token(
        request.actor, service.project(key).id, payload.token, _now(), endpoint=payload.endpoint
    )
    return _infra(service.standing(made.id, _now()))


@router.get(
    "/infrastructure/projects/{key}/files", response=FilesOut, operation_id="get_infrastructure_files"
)
@needs(Verb.INFRA_WRITE)
def get_files(request: Request, key: Key) -> FilesOut:
    """Return what should be there, as it was said."""
    known = service.project(key)
    return FilesOut(files=dict(known.files), source=known.source)


@router.put(
    "/infrastructure/projects/{key}/files", response=InfraOut, operation_id="set_infrastructure_files"
)
@needs(Verb.INFRA_WRITE)
def set_files(request: Request, key: Key, payload: FilesIn) -> InfraOut:
    """Say what should be there: all of it is taken, or nothing, and each fault is told with its line. At Hetzner nothing changes."""
    made = service.say(request.actor, service.project(key).id, payload.files, _now())
    return _infra(service.standing(made.id, _now()))


@router.get(
    "/infrastructure/projects/{key}/proposal", response=TextOut, operation_id="propose_infrastructure_files"
)
@needs(Verb.INFRA_WRITE)
def propose(request: Request, key: Key) -> TextOut:
    """Return what is there as the file that says it, to begin with."""
    found = service.proposed(service.project(key).id)
    return TextOut(text=found.text, left={str(ref): why for ref, why in found.left.items()})


@router.post(
    "/infrastructure/projects/{key}/look", response={202: InfraOut}, operation_id="look_at_infrastructure"
)
@needs(Verb.INFRA_LOOK)
def look(request: Request, key: Key) -> Status[InfraOut]:
    """Have a project read at once."""
    known = service.project(key)
    service.look_soon(request.actor, known.id, _now())
    return Status(202, _infra(service.standing(known.id, _now())))


@router.get(
    "/infrastructure/projects/{key}/things", response=ThingsOut, operation_id="list_infrastructure_things"
)
@needs(Verb.INFRA_READ)
def list_things(request: Request, key: Key) -> ThingsOut:
    """List the things of a project, the worst first."""
    found = service.standing(service.project(key).id, _now())
    return ThingsOut(items=[_thing(one) for one in found.things])


@router.get("/infrastructure/projects/{key}/picture", response=PictureOut, operation_id="draw_infrastructure")
@needs(Verb.INFRA_READ)
def picture(request: Request, key: Key) -> PictureOut:
    """Return networks, and who reaches whom, as they are."""
    found = service.standing(service.project(key).id, _now())
    return PictureOut(svg=found.picture, text=found.told)


@router.get(
    "/infrastructure/projects/{key}/drifts", response=DriftsOut, operation_id="list_infrastructure_drifts"
)
@needs(Verb.INFRA_READ)
def list_drifts(request: Request, key: Key) -> DriftsOut:
    """List what drifted and is there still."""
    return DriftsOut(items=[_drift(one) for one in service.drifts(service.project(key).id)])


@router.get(
    "/infrastructure/projects/{key}/drifts/past",
    response=DriftsOut,
    operation_id="list_past_infrastructure_drifts",
)
@needs(Verb.INFRA_READ)
def list_past_drifts(request: Request, key: Key, cursor: Cursor = "", limit: Size = 25) -> DriftsOut:
    """List drifts that are over, the last first."""
    found = service.past_drifts(service.project(key).id, cursor, limit)
    return DriftsOut(items=[_drift(one) for one in found.items], cursor=found.cursor)


def _infra(one: ProjectStanding) -> InfraOut:
    known: CloudProject = one.project
    return InfraOut(
        id=known.id, name=known.name, endpoint=known.endpoint, hint=known.hint, writes=known.writes, source=known.source,
        condition=one.condition.value, sentence=one.sentence, reasons=list(one.reasons),
        counts={state.value: count for state, count in one.counts.items()},
        intents=[IntentOut(text=each.intent.text, verdict=each.verdict.value, reason=each.reason, seen=each.seen) for each in one.intents],
        faults=list(one.faults), drifts=len(one.drifts), monthly=one.monthly, currency=one.currency, read_at=_when(known.read_at),
        problem=known.problem, running=one.running.id if one.running else None,
    )  # fmt: skip


def _thing(one: ThingStanding) -> ThingOut:
    there = one.thing
    return ThingOut(
        kind=one.ref.kind, name=one.ref.name, state=one.state.value, sentence=one.sentence, monthly=one.monthly,
        lines=_lines(one.lines), labels=dict(there.labels) if there else {},
        fields=msgspec.to_builtins(dict(there.fields)) if there else {},
    )  # fmt: skip


def _drift(one: KeptDrift) -> DriftOut:
    return DriftOut(
        id=one.id, kind=one.ref.kind, name=one.ref.name, way=one.way.value, side=one.side.value, lines=_lines(one.lines),
        since=_when(one.since or None), until=iso(one.until), by=one.by, command=one.command, state=one.state.value,
        ended_at=_when(one.ended_at),
    )  # fmt: skip


def _lines(lines: tuple[Line, ...]) -> list[LineOut]:
    return [LineOut(field=each.field, sign=each.sign, before=each.before, after=each.after) for each in lines]


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _now() -> float:
    return ports().clock.now()
