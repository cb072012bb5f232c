"""Escalation policies, what escalates, and who was paged, in the REST API. People are told by their e-mail addresses."""

from collections.abc import Mapping
from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import NotFound
from vedette.oncall import addressing, escalating, policies, policy_fitness
from vedette.oncall.types import (
    MOST_REPEATS,
    Escalation,
    EscalationStep,
    Page,
    Policy,
    PolicyDraft,
    Span,
    StepKind,
)
from vedette.plumbing.ports import ports
from vedette.ui import pager

router = Router(tags=["on-call"])
Id = Annotated[int, Path(ge=1, le=2**53)]
Ref = Annotated[int, Field(ge=1, le=2**53)]
Email = Annotated[str, Field(max_length=254)]
Wall = Annotated[str, Field(max_length=5, description="hours and minutes, 08:30")]
Limit = Annotated[int, Query(ge=1, le=pager.MAX_PAGE)]


class StepSpan(Schema):
    """A part of the week: the days on which it begins (0 is Monday), from and to by the clock of the step's zone."""

    days: Annotated[list[int], Field(max_length=7)]
    start: Wall
    end: Wall


class StepBody(Schema):
    """A step of a policy; each kind takes some of these (docs/escalation.md). `schedule` and `channel` are ids."""

    kind: StepKind
    users: Annotated[list[Email], Field(max_length=policy_fitness.MOST_PEOPLE)] = []
    team: Annotated[str, Field(max_length=10)] = ""
    schedule: Ref | None = None
    channel: Ref | None = None
    important: bool = True
    minutes: Annotated[int, Field(ge=0, le=policy_fitness.LONGEST_WAIT)] = 0
    spans: Annotated[list[StepSpan], Field(max_length=14)] = []
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    count: Annotated[int, Field(ge=0, le=policy_fitness.MOST_ALERTS)] = 0
    skips: Annotated[int, Field(ge=1, le=policy_fitness.MOST_STEPS)] = 1
    url: Annotated[str, Field(max_length=policy_fitness.LONGEST_URL)] = ""
    severity: Annotated[int, Field(ge=1, le=4)] | None = None


class PolicyIn(Schema):
    """A policy as it is asked for; `secret` signs what its webhooks are sent, null leaves it, and nobody reads it again."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    steps: Annotated[list[StepBody], Field(max_length=policy_fitness.MOST_STEPS)]
    repeats: Annotated[int, Field(ge=0, le=MOST_REPEATS)] = 0
    ack_minutes: Annotated[int, Field(ge=0, le=policy_fitness.LONGEST_ACK)] = 0
    secret: Annotated[str, Field(max_length=policies.LONGEST_SECRET)] | None = None


class PolicyOut(Schema):
    """A policy; `source` is the file it is written in, `signed` says that its webhooks have a secret."""

    id: int
    name: str
    steps: list[StepBody]
    repeats: int
    ack_minutes: int
    signed: bool
    source: str


class PoliciesOut(Schema):
    """Every policy, by name; `cursor` is always null, for there is one page."""

    items: list[PolicyOut]
    cursor: str | None = None


class EscalationOut(Schema):
    """What escalates: what it is of, by which policy, where it stands (`running`, `acknowledged`, `done`, `stopped`) and why."""

    id: int
    thread: str
    policy: str
    title: str
    severity: str
    link: str
    state: str
    step: int
    round: int
    due_at: str | None
    started_at: str
    ended_at: str | None
    acknowledged_by: str
    acknowledged_at: str | None
    reason: str


class LineOut(Schema):
    """One line of what an escalation did."""

    at: str
    text: str


class EscalationWhole(EscalationOut):
    """An escalation with every line of what it did."""

    lines: list[LineOut]


class EscalationsOut(Schema):
    """A page of escalations, newest first."""

    items: list[EscalationOut]
    cursor: str | None


class PageOut(Schema):
    """Somebody was paged: by which escalation, when, and what became of it (`open`, `answered`, `closed`)."""

    id: int
    escalation: int
    user: str
    at: str
    policy: str
    title: str
    link: str
    state: str
    answered_at: str | None


class PagesOut(Schema):
    """A page of who was paged, newest first."""

    items: list[PageOut]
    cursor: str | None


@router.get("/escalation-policies", response=PoliciesOut, operation_id="list_escalation_policies")
@needs(Verb.ONCALL_READ)
def list_policies(request: Request) -> PoliciesOut:
    """Return every policy."""
    emails = addressing.emails()
    return PoliciesOut(items=[_policy(each, emails) for each in policies.policies()])


@router.post("/escalation-policies", response={201: PolicyOut}, operation_id="create_escalation_policy")
@needs(Verb.ONCALL_WRITE)
def create_policy(request: Request, payload: PolicyIn) -> Status[PolicyOut]:
    """Make a policy."""
    made = policies.create_policy(request.actor, _draft(payload), _now(), payload.secret or "")
    return Status(201, _policy(made, addressing.emails()))


@router.get("/escalation-policies/{policy_id}", response=PolicyOut, operation_id="get_escalation_policy")
@needs(Verb.ONCALL_READ)
def get_policy(request: Request, policy_id: Id) -> PolicyOut:
    """Return one policy."""
    return _policy(policies.policy(policy_id), addressing.emails())


@router.put("/escalation-policies/{policy_id}", response=PolicyOut, operation_id="change_escalation_policy")
@needs(Verb.ONCALL_WRITE)
def change_policy(request: Request, policy_id: Id, payload: PolicyIn) -> PolicyOut:
    """Put a policy in place of one; what escalates already goes on as it was."""
    made = policies.update_policy(request.actor, policy_id, _draft(payload), _now(), payload.secret)
    return _policy(made, addressing.emails())


@router.delete(
    "/escalation-policies/{policy_id}", response={204: None}, operation_id="delete_escalation_policy"
)
@needs(Verb.ONCALL_WRITE)
def delete_policy(request: Request, policy_id: Id) -> Status[None]:
    """Delete a policy; one that a rule or a receiver names is refused. What escalates already goes on to its end."""
    policies.delete_policy(request.actor, policy_id, _now())
    return Status(204, None)


@router.get("/escalations", response=EscalationsOut, operation_id="list_escalations")
@needs(Verb.ONCALL_READ)
def list_escalations(
    request: Request, *, live: bool = False, cursor: str | None = None, limit: Limit = 25
) -> EscalationsOut:
    """Return what escalated, newest first; `live` leaves out what ended."""
    found = escalating.page(cursor, limit, live_only=live)
    return EscalationsOut(
        items=[EscalationOut.model_validate(_fields(each)) for each in found.items], cursor=found.cursor
    )


@router.get("/escalations/{escalation_id}", response=EscalationWhole, operation_id="get_escalation")
@needs(Verb.ONCALL_READ)
def get_escalation(request: Request, escalation_id: Id) -> EscalationWhole:
    """Return one escalation and what it did."""
    found = escalating.escalation(escalation_id)
    if found is None:
        raise NotFound(f"There is no escalation {escalation_id}; it may have been cleaned up.")
    lines = [LineOut(at=iso(line.at), text=line.text) for line in escalating.lines(escalation_id)]
    return EscalationWhole.model_validate({**_fields(found), "lines": lines})


@router.get("/pages", response=PagesOut, operation_id="list_pages")
@needs(Verb.ONCALL_READ)
def list_pages(request: Request, *, cursor: str | None = None, limit: Limit = 25) -> PagesOut:
    """Return who was paged, newest first."""
    found, emails = escalating.pages_page(cursor, limit), addressing.emails()
    return PagesOut(items=[_page(each, emails) for each in found.items], cursor=found.cursor)


def _draft(given: PolicyIn) -> PolicyDraft:
    return PolicyDraft(
        name=given.name.strip(),
        steps=tuple(_step(each) for each in given.steps),
        repeats=given.repeats,
        ack_minutes=given.ack_minutes,
    )


def _step(given: StepBody) -> EscalationStep:
    return EscalationStep(
        kind=given.kind, users=tuple(user for (user,) in addressing.turns([[each] for each in given.users])),
        team=given.team, schedule=given.schedule, channel=given.channel, important=given.important,
        minutes=given.minutes, spans=tuple(Span(days=tuple(s.days), start=s.start, end=s.end) for s in given.spans),
        zone=given.zone, count=given.count, skips=given.skips, url=given.url, severity=given.severity,
    )  # fmt: skip


def _policy(policy: Policy, emails: Mapping[int, str]) -> PolicyOut:
    return PolicyOut(
        id=policy.id, name=policy.name, steps=[_body(each, emails) for each in policy.steps], repeats=policy.repeats,
        ack_minutes=policy.ack_minutes, signed=policies.has_secret(policy.id), source=policy.source,
    )  # fmt: skip


def _body(step: EscalationStep, emails: Mapping[int, str]) -> StepBody:
    return StepBody(
        kind=step.kind, users=[emails[user] for user in step.users if user in emails], team=step.team,
        schedule=step.schedule, channel=step.channel, important=step.important, minutes=step.minutes,
        spans=[StepSpan(days=list(s.days), start=s.start, end=s.end) for s in step.spans], zone=step.zone,
        count=step.count, skips=step.skips, url=step.url, severity=step.severity,
    )  # fmt: skip


def _fields(found: Escalation) -> dict[str, object]:
    return {
        "id": found.id, "thread": found.thread, "policy": found.policy.name, "title": found.notice.title,
        "severity": found.notice.severity, "link": found.notice.link, "state": found.state.value, "step": found.step,
        "round": found.round, "due_at": _at(found.due), "started_at": iso(found.started_at), "ended_at": _at(found.ended_at),
        "acknowledged_by": found.acked_by, "acknowledged_at": _at(found.acked_at), "reason": found.why,
    }  # fmt: skip


def _page(page: Page, emails: Mapping[int, str]) -> PageOut:
    return PageOut(
        id=page.id, escalation=page.escalation, user=emails.get(page.user, ""), at=iso(page.at), policy=page.policy,
        title=page.title, link=page.link, state=page.kind.value, answered_at=_at(page.answered_at),
    )  # fmt: skip


def _at(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)


def _now() -> float:
    return ports().clock.now()
