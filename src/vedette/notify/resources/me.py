"""What one hears of, one's personal rules, and one's test page in the REST API."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.notify import proof, service, steps
from vedette.notify.proving import ProofView
from vedette.notify.types import Preferences, Step
from vedette.notify.views.common import Request
from vedette.plumbing.ports import ports

router = Router(tags=["notifications"])
Id = Annotated[int, Path(ge=1, le=2**53)]


class HoursBody(Schema):
    """Quiet hours: `start` and `end` as HH:MM in `zone`, the `days` on which they begin (0 is Monday).

    What is critical passes unless `critical` is true; what else is important passes only if `important` is.
    """

    start: Annotated[str, Field(max_length=5)]
    end: Annotated[str, Field(max_length=5)]
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] = [
        0,
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    critical: bool = False
    important: bool = False


class StepBody(Schema):
    """A step: `wait` so many minutes after the one before, and if nobody acknowledged, tell `channel` (an id of one's own)."""

    channel: Id
    wait: Annotated[int, Field(ge=0, le=steps.LONGEST_WAIT)] = 0


Steps = Annotated[list[StepBody], Field(min_length=1, max_length=steps.MOST_STEPS)]


class PreferencesBody(Schema):
    """What one hears of by channels of one's own.

    `severity` is the least of every alert (null: only what is one's own); `projects` are ids, none means every one;
    `quiet_until` is an instant (seconds since 1970) before which nothing is told, null for no quiet; `hours` are quiet each week. Alerts from `important_from` on are told by the
    steps of `important`, the rest by those of `default`; null is what is usual for the channels there are.
    """

    severity: Annotated[str, Field(pattern="^(info|low|high|critical)$")] | None = "high"
    projects: Annotated[list[Id], Field(max_length=1_000)] = []
    assigned: bool = True
    followed: bool = True
    quiet_until: Annotated[float, Field(ge=0, le=1e11)] | None = None
    hours: HoursBody | None = None
    important_from: Annotated[str, Field(pattern="^(high|critical)$")] = "critical"
    important: Steps | None = None
    default: Steps | None = None


class ProofStepOut(Schema):
    """One step of a test page: its number, the channel, and what became of it."""

    number: int
    channel: str
    state: str
    detail: str
    due_at: str | None
    done_at: str | None


class ProofOut(Schema):
    """One's last test page; `waits` while it can be acknowledged, everything else null or empty when there never was one."""

    waits: bool
    sentence: str
    started_at: str | None
    ends_at: str | None
    acknowledged_at: str | None
    how: str
    last_proven_at: str | None
    steps: list[ProofStepOut]


@router.get("/me/notifications", response=PreferencesBody, operation_id="get_my_notifications")
@needs(Verb.NOTIFY_OWN)
def get_my_notifications(request: Request) -> PreferencesBody:
    """Return what one hears of."""
    return _preferences(service.preferences(request.actor))


@router.put("/me/notifications", response=PreferencesBody, operation_id="set_my_notifications")
@needs(Verb.NOTIFY_OWN)
def set_my_notifications(request: Request, payload: PreferencesBody) -> PreferencesBody:
    """Say what one hears of."""
    wants = msgspec.convert(payload.dict(), Preferences)
    return _preferences(service.set_preferences(request.actor, wants, ports().clock.now()))


@router.get("/me/proof", response=ProofOut, operation_id="get_my_proof")
@needs(Verb.NOTIFY_OWN)
def get_my_proof(request: Request) -> ProofOut:
    """Return one's last test page as it stands."""
    return _shown(request)


@router.post("/me/proof", response={201: ProofOut}, operation_id="start_my_proof")
@needs(Verb.NOTIFY_OWN)
def start_my_proof(request: Request) -> Status[ProofOut]:
    """Page oneself for real; 409 while one waits, or without a channel, 429 beyond six an hour."""
    service.start_proof(request.actor, ports().clock.now())
    return Status(201, _shown(request))


@router.post("/me/proof/acknowledge", response=ProofOut, operation_id="acknowledge_my_proof")
@needs(Verb.NOTIFY_OWN)
def acknowledge_my_proof(request: Request) -> ProofOut:
    """Acknowledge one's test page; 409 when none waits."""
    service.acknowledge_proof(request.actor, ports().clock.now())
    return _shown(request)


def _preferences(wants: Preferences) -> PreferencesBody:
    return PreferencesBody(
        severity=wants.severity,
        projects=list(wants.projects),
        assigned=wants.assigned,
        followed=wants.followed,
        quiet_until=wants.quiet_until,
        hours=None if wants.hours is None else HoursBody(**msgspec.to_builtins(wants.hours)),
        important_from=wants.important_from,
        important=_steps(wants.important),
        default=_steps(wants.default),
    )


def _steps(chosen: Sequence[Step] | None) -> list[StepBody] | None:
    return None if chosen is None else [StepBody(channel=step.channel, wait=step.wait) for step in chosen]


def _shown(request: Request) -> ProofOut:
    now = ports().clock.now()
    seen = service.proof_view(request.actor, now)
    last = seen.proof
    return ProofOut(
        waits=seen.running,
        sentence=proof.verdict(last, now).title,
        started_at=_iso(last.started_at if last else None),
        ends_at=_iso(last.ends_at if last else None),
        acknowledged_at=_iso(last.acknowledged_at if last else None),
        how=last.how if last else "",
        last_proven_at=_iso(seen.answered.acknowledged_at if seen.answered else None),
        steps=_proof_steps(seen),
    )


def _proof_steps(seen: ProofView) -> list[ProofStepOut]:
    return [
        ProofStepOut(
            number=each.stage.number,
            channel=each.delivery.channel,
            state=each.delivery.state.value,
            detail=each.delivery.detail,
            due_at=_iso(each.delivery.next_at),
            done_at=_iso(each.delivery.done_at),
        )
        for each in seen.steps
    ]


def _iso(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)
