"""REST of silences. What speaks Alertmanager's API finds them at `/api/v2/silences` as well."""

from typing import Annotated

from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import governing, matching, silencing
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.quieting import spans
from vedette.alerts.silencing import Recurrence, Silence
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports

router = Router(tags=["alerts"])
SilenceId = Annotated[str, Path(max_length=36)]
When = Annotated[str, Field(max_length=40)]


class RecurrenceBody(Schema):
    """Every week on `days` (0 is Monday) from `start` (`HH:MM`) for `minutes`, by the wall clock of `zone`."""

    days: Annotated[list[int], Field(max_length=7)]
    start: Annotated[str, Field(max_length=5)]
    minutes: int
    zone: Annotated[str, Field(max_length=64)] = "UTC"


class SilenceIn(Schema):
    """A silence as it is written: matchers in Alertmanager's syntax, instants in ISO 8601; it starts now without `starts`."""

    matchers: Annotated[str, Field(min_length=1, max_length=10_000)]
    ends: When
    starts: When | None = None
    comment: Annotated[str, Field(max_length=2_000)] = ""
    recurrence: RecurrenceBody | None = None


class SilenceOut(Schema):
    """A silence: `state` is pending, active or expired."""

    id: str
    state: str
    matchers: str
    starts: str
    ends: str
    author: str
    comment: str
    updated_at: str
    recurrence: RecurrenceBody | None


class SilencesOut(Schema):
    """Silences that hold or will, then those that ended; `cursor` is always null, for there is one page."""

    items: list[SilenceOut]
    cursor: str | None = None


@router.get("/silences", response=SilencesOut, operation_id="list_silences")
@needs(Verb.RULE_READ)
def list_silences(request: Request) -> SilencesOut:
    """Return the silences that hold or will, then those that ended in the last 35 days."""
    now = ports().clock.now()
    return SilencesOut(items=[_out(each, now) for each in governing.silences(now)])


@router.post("/silences", response={201: SilenceOut}, operation_id="create_silence")
@needs(Verb.ALERT_WRITE)
def create_silence(request: Request, payload: SilenceIn) -> Status[SilenceOut]:
    """Put a silence in force."""
    now = ports().clock.now()
    return Status(201, _out(governing.add_silence(request.actor, _draft(payload, now), now), now))


@router.get("/silences/{silence_id}", response=SilenceOut, operation_id="get_silence")
@needs(Verb.RULE_READ)
def get_silence(request: Request, silence_id: SilenceId) -> SilenceOut:
    """Return one silence."""
    return _out(governing.silence(silence_id), ports().clock.now())


@router.put("/silences/{silence_id}", response=SilenceOut, operation_id="change_silence")
@needs(Verb.ALERT_WRITE)
def change_silence(request: Request, silence_id: SilenceId, payload: SilenceIn) -> SilenceOut:
    """Change a silence; one that ended, or with other matchers, is replaced by a new one with another id."""
    now = ports().clock.now()
    return _out(governing.change_silence(request.actor, silence_id, _draft(payload, now), now), now)


@router.delete("/silences/{silence_id}", response={204: None}, operation_id="end_silence")
@needs(Verb.ALERT_WRITE)
def end_silence(request: Request, silence_id: SilenceId) -> Status[None]:
    """Let a silence be over now; what still fires is told."""
    governing.end_silence(request.actor, silence_id, ports().clock.now())
    return Status(204, None)


def _draft(given: SilenceIn, now: float) -> SilenceDraft:
    recurrence = None if given.recurrence is None else _recurrence(given.recurrence)
    wrong = spans.of_recurrence(recurrence) if recurrence else {}
    if wrong:
        raise Invalid(
            "The silence cannot be kept.", {f"recurrence.{name}": text for name, text in wrong.items()}
        )
    return SilenceDraft(
        matchers=matching.parse(given.matchers),
        starts=now if given.starts is None else _instant("starts", given.starts),
        ends=_instant("ends", given.ends),
        comment=given.comment.strip(),
        recurrence=recurrence,
    )


def _instant(name: str, text: str) -> float:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid(
            "The silence cannot be kept.", {name: "Write a time like 2026-11-25T08:00:00Z."}
        ) from None


def _out(silence: Silence, now: float) -> SilenceOut:
    return SilenceOut(
        id=silence.id,
        state=silencing.state(silence, now).value,
        matchers=matching.written(silence.matchers),
        starts=iso(silence.starts),
        ends=iso(silence.ends),
        author=silence.author,
        comment=silence.comment,
        updated_at=iso(silence.updated_at),
        recurrence=None if silence.recurrence is None else _body(silence.recurrence),
    )


def _recurrence(given: RecurrenceBody) -> Recurrence:
    return Recurrence(days=tuple(given.days), start=given.start, minutes=given.minutes, zone=given.zone)


def _body(rule: Recurrence) -> RecurrenceBody:
    return RecurrenceBody(days=list(rule.days), start=rule.start, minutes=rule.minutes, zone=rule.zone)
