"""On-call schedules in the REST API: who is on, shifts, covers. People are told by their e-mail addresses."""

from collections.abc import Mapping
from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.oncall import addressing, service
from vedette.oncall.standing import DAY
from vedette.oncall.types import Cover, CoverKind, Layer, RotationKind, Schedule, ScheduleDraft, Shift, Span
from vedette.plumbing.ports import ports

router = Router(tags=["on-call"])
Id = Annotated[int, Path(ge=1, le=2**53)]
Instant = Annotated[str, Field(max_length=40, description="ISO 8601, UTC without a zone")]
Email = Annotated[str, Field(max_length=254)]
Wall = Annotated[str, Field(max_length=5, description="hours and minutes, 08:30")]
Day = Annotated[str, Field(max_length=10, description="2026-11-30, or empty")]


class SpanBody(Schema):
    """A part of the week: the days on which it begins (0 is Monday), from and to by the clock of the schedule."""

    days: Annotated[list[int], Field(max_length=7)]
    start: Wall
    end: Wall


class LayerBody(Schema):
    """A layer: turns of people (those of one turn are on together), or a calendar by its name."""

    name: Annotated[str, Field(max_length=80)] = ""
    people: Annotated[list[list[Email]], Field(max_length=50)] = []
    rotation: RotationKind = RotationKind.WEEKLY
    every: Annotated[int, Field(ge=1, le=365)] = 1
    turns_on: Annotated[int, Field(ge=0, le=6)] = 0
    turns_at: Wall = "09:00"
    first: Day = ""
    until: Day = ""
    spans: Annotated[list[SpanBody], Field(max_length=14)] = []
    counts_spans: bool = False
    calendar: Annotated[str, Field(max_length=80)] = ""


class ScheduleIn(Schema):
    """A schedule as it is asked for; a later layer stands above an earlier one."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    layers: Annotated[list[LayerBody], Field(max_length=10)]


class ScheduleOut(Schema):
    """A schedule; `source` is the file it is written in, empty when it was written by hand."""

    id: int
    name: str
    zone: str
    layers: list[LayerBody]
    source: str


class SchedulesOut(Schema):
    """Every schedule, by name."""

    items: list[ScheduleOut]


class ShiftOut(Schema):
    """A stretch in which the same people are on; nobody in `people` is a gap."""

    starts_at: str
    ends_at: str
    people: list[str]
    shadows: list[str]
    layer: str


class ShiftsOut(Schema):
    """What a range is made of, in order, without a hole between two."""

    items: list[ShiftOut]


class TurnOut(Schema):
    """Who is on by a schedule now and who is after that (null: nothing changes for five weeks)."""

    schedule: int
    name: str
    now: ShiftOut
    next: ShiftOut | None


class OnCallOut(Schema):
    """Who is on call, by the names of schedules."""

    items: list[TurnOut]


class CoverIn(Schema):
    """Somebody takes over (from everybody, or `instead` of one), or listens along (`shadow`)."""

    user: Email
    starts_at: Instant
    ends_at: Instant
    kind: Annotated[str, Field(pattern="^(override|shadow)$")] = "override"
    instead: Email = ""
    reason: Annotated[str, Field(max_length=200)] = ""


class RangeIn(Schema):
    """A stretch of time."""

    starts_at: Instant
    ends_at: Instant


class SwapIn(Schema):
    """Somebody (`other`) is asked to take one's own time and to give theirs."""

    other: Email
    mine: RangeIn
    theirs: RangeIn
    reason: Annotated[str, Field(max_length=200)] = ""


class CoverOut(Schema):
    """A cover; `asked` is a half of a swap that was not accepted yet."""

    id: int
    schedule: int
    user: str
    instead: str
    kind: str
    starts_at: str
    ends_at: str
    reason: str
    made_by: str


class CoversOut(Schema):
    """The covers that touch a range, those made first ahead."""

    items: list[CoverOut]


@router.get("/on-call", response=OnCallOut, operation_id="who_is_on_call")
@needs(Verb.ONCALL_READ)
def who_is_on_call(request: Request) -> OnCallOut:
    """Tell who is on call by each schedule now, until when at the least, and who is after that."""
    known = addressing.emails()
    return OnCallOut(
        items=[
            TurnOut(
                schedule=turn.schedule.id, name=turn.schedule.name, now=_shift(turn.now, known),
                next=None if turn.then is None else _shift(turn.then, known),
            )
            for turn in service.turns(_now())
        ]
    )  # fmt: skip


@router.get("/schedules", response=SchedulesOut, operation_id="list_schedules")
@needs(Verb.ONCALL_READ)
def list_schedules(request: Request) -> SchedulesOut:
    """List the on-call schedules."""
    return SchedulesOut(items=[_schedule(one) for one in service.schedules()])


@router.post("/schedules", response={201: ScheduleOut}, operation_id="create_schedule")
@needs(Verb.ONCALL_WRITE)
def create_schedule(request: Request, payload: ScheduleIn) -> Status[ScheduleOut]:
    """Make a schedule; one that names nobody is refused."""
    return Status(201, _schedule(service.create_schedule(request.actor, _draft(payload), _now())))


@router.get("/schedules/{schedule_id}", response=ScheduleOut, operation_id="get_schedule")
@needs(Verb.ONCALL_READ)
def get_schedule(request: Request, schedule_id: Id) -> ScheduleOut:
    """Return a schedule."""
    return _schedule(service.schedule(schedule_id))


@router.put("/schedules/{schedule_id}", response=ScheduleOut, operation_id="update_schedule")
@needs(Verb.ONCALL_WRITE)
def update_schedule(request: Request, schedule_id: Id, payload: ScheduleIn) -> ScheduleOut:
    """Write a schedule anew; one that a file says is refused."""
    return _schedule(service.update_schedule(request.actor, schedule_id, _draft(payload), _now()))


@router.delete("/schedules/{schedule_id}", response={204: None}, operation_id="delete_schedule")
@needs(Verb.ONCALL_WRITE)
def delete_schedule(request: Request, schedule_id: Id) -> Status[None]:
    """Delete a schedule with its covers and addresses; one that a policy pages by is refused."""
    service.remove_schedule(request.actor, schedule_id, _now())
    return Status(204, None)


@router.get("/schedules/{schedule_id}/shifts", response=ShiftsOut, operation_id="list_shifts")
@needs(Verb.ONCALL_READ)
def list_shifts(
    request: Request,
    schedule_id: Id,
    start: Annotated[str, Query(max_length=40)] = "",
    end: Annotated[str, Query(max_length=40)] = "",
) -> ShiftsOut:
    """List the shifts of a range (two weeks from now on, unless it says otherwise), gaps included; at most 400 days."""
    begin, last = _range(start, end)
    known = addressing.emails()
    return ShiftsOut(items=[_shift(one, known) for one in service.shifts(schedule_id, begin, last)])


@router.get("/schedules/{schedule_id}/covers", response=CoversOut, operation_id="list_covers")
@needs(Verb.ONCALL_READ)
def list_covers(
    request: Request,
    schedule_id: Id,
    start: Annotated[str, Query(max_length=40)] = "",
    end: Annotated[str, Query(max_length=40)] = "",
) -> CoversOut:
    """List the covers that touch a range (two weeks from now on, unless it says otherwise)."""
    begin, last = _range(start, end)
    found = service.covers(begin, last, service.schedule(schedule_id).id)
    known = addressing.emails()
    return CoversOut(items=[_cover(one, known) for one in found])


@router.post("/schedules/{schedule_id}/covers", response={201: CoverOut}, operation_id="create_cover")
@needs(Verb.ONCALL_COVER)
def create_cover(request: Request, schedule_id: Id, payload: CoverIn) -> Status[CoverOut]:
    """Take over, or listen along: oneself; anybody where one may change schedules."""
    draft = Cover(
        id=0, schedule=service.schedule(schedule_id).id, user=addressing.person(payload.user),
        instead=addressing.person(payload.instead) if payload.instead else None, kind=CoverKind(payload.kind),
        starts=_instant(payload.starts_at, "starts_at"), ends=_instant(payload.ends_at, "ends_at"), reason=payload.reason,
    )  # fmt: skip
    made = service.take_over(request.actor, draft, _now())
    return Status(201, _cover(made, addressing.emails()))


@router.post("/schedules/{schedule_id}/swaps", response={201: CoverOut}, operation_id="ask_for_swap")
@needs(Verb.ONCALL_COVER)
def ask_for_swap(request: Request, schedule_id: Id, payload: SwapIn) -> Status[CoverOut]:
    """Ask somebody for a swap; nothing changes before they accept the cover that is returned."""
    made = service.ask_swap(
        request.actor, service.schedule(schedule_id).id, _stretch(payload.mine, "mine"), addressing.person(payload.other),
        _stretch(payload.theirs, "theirs"), payload.reason, _now(),
    )  # fmt: skip
    return Status(201, _cover(made, addressing.emails()))


@router.post("/covers/{cover_id}/accept", response=CoverOut, operation_id="accept_swap")
@needs(Verb.ONCALL_COVER)
def accept_swap(request: Request, cover_id: Id) -> CoverOut:
    """Accept a swap that one was asked for: both halves hold from now on."""
    return _cover(service.accept_swap(request.actor, cover_id, _now()), addressing.emails())


@router.delete("/covers/{cover_id}", response={204: None}, operation_id="delete_cover")
@needs(Verb.ONCALL_COVER)
def delete_cover(request: Request, cover_id: Id) -> Status[None]:
    """Take a cover back; of a swap both halves."""
    service.drop_cover(request.actor, cover_id, _now())
    return Status(204, None)


def _draft(payload: ScheduleIn) -> ScheduleDraft:
    return ScheduleDraft(
        name=payload.name, zone=payload.zone, layers=tuple(_layer(one) for one in payload.layers)
    )


def _layer(one: LayerBody) -> Layer:
    return Layer(
        name=one.name, people=addressing.turns(one.people), rotation=one.rotation, every=one.every, turns_on=one.turns_on,
        turns_at=one.turns_at, first=one.first, until=one.until, counts_spans=one.counts_spans,
        spans=tuple(Span(days=tuple(span.days), start=span.start, end=span.end) for span in one.spans),
        calendar=addressing.calendar(one.calendar),
    )  # fmt: skip


def _schedule(one: Schedule) -> ScheduleOut:
    known, calendars = addressing.emails(), addressing.calendar_names()
    layers = [
        LayerBody(
            name=layer.name, people=[[known.get(user, "") for user in turn] for turn in layer.people],
            rotation=layer.rotation, every=layer.every, turns_on=layer.turns_on, turns_at=layer.turns_at,
            first=layer.first, until=layer.until, counts_spans=layer.counts_spans,
            spans=[SpanBody(days=list(span.days), start=span.start, end=span.end) for span in layer.spans],
            calendar=calendars.get(layer.calendar, "") if layer.calendar is not None else "",
        )
        for layer in one.layers
    ]  # fmt: skip
    return ScheduleOut(id=one.id, name=one.name, zone=one.zone, layers=layers, source=one.source)


def _shift(one: Shift, known: Mapping[int, str]) -> ShiftOut:
    return ShiftOut(
        starts_at=iso(one.starts), ends_at=iso(one.ends), people=[known.get(user, "") for user in one.people],
        shadows=[known.get(user, "") for user in one.shadows], layer=one.layer,
    )  # fmt: skip


def _cover(one: Cover, known: Mapping[int, str]) -> CoverOut:
    return CoverOut(
        id=one.id, schedule=one.schedule, user=known.get(one.user, ""), kind=one.kind.value,
        instead="" if one.instead is None else known.get(one.instead, ""), starts_at=iso(one.starts),
        ends_at=iso(one.ends), reason=one.reason, made_by=one.made_by,
    )  # fmt: skip


def _range(start: str, end: str) -> tuple[float, float]:
    begin = _instant(start, "start") if start else _now()
    return begin, _instant(end, "end") if end else begin + 14 * DAY


def _stretch(given: RangeIn, field: str) -> tuple[float, float]:
    return _instant(given.starts_at, f"{field}.starts_at"), _instant(given.ends_at, f"{field}.ends_at")


def _instant(text: str, field: str) -> float:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"}
        ) from None


def _now() -> float:
    return ports().clock.now()
