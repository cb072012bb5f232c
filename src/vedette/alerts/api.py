"""REST resources of alerts: rules, and what fired."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.permissions import Verb, needs
from vedette.alerts import matching, service
from vedette.alerts.checks import LONGEST_HOLD, LONGEST_REPEAT, LONGEST_WINDOW, MOST_EVENTS
from vedette.alerts.conditions import registry
from vedette.alerts.types import (
    REPEAT_MINUTES,
    Alert,
    Compare,
    Direction,
    Params,
    Per,
    Rule,
    RuleDraft,
    Sensitivity,
)
from vedette.alerts.views import Request
from vedette.core.clock import iso
from vedette.errors import service as errors
from vedette.plumbing.ports import ports
from vedette.signals.types import Severity
from vedette.ui import pager

router = Router(tags=["alerts"])
_PARAMS = Params()
_PUBLIC = {"severity": "least"}  # "severity" is what the rule is told as
_NULLABLE = {"project", "severity", "policy"}
Id = Annotated[int, Path(ge=1, le=2**53)]
Key = Annotated[str, Path(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Ref = Annotated[int, Field(ge=1, le=2**53)]
Kind = Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(registry.kinds())})]
Matchers = Annotated[str, Field(max_length=2_000)]
Word = Annotated[str, Field(max_length=80)]
Count = Annotated[float, Field(ge=0, le=MOST_EVENTS, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Hold = Annotated[int, Field(ge=0, le=LONGEST_HOLD)]
Days = Annotated[int, Field(ge=1, le=35)]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_WINDOW)]
Repeat = Annotated[int, Field(ge=1, le=LONGEST_REPEAT)]


class RuleIn(Schema):
    """A rule as it is written; `project` is an id, null for every project.

    `people` are ids of users; they and the `assignee` are told by channels of their own. `policy` is the id of an
    escalation policy. No channels, people, assignee or policy: every default channel.
    `matchers` are in Alertmanager's syntax, parted by commas. What each kind takes of the rest stands in
    docs/alerts.md; `least` (a severity) is for the kind severity.
    """

    name: Name
    kind: Kind
    project: Ref | None = None
    matchers: Matchers = ""
    series: Word = _PARAMS.series
    compare: Compare = _PARAMS.compare
    count: Count = _PARAMS.count
    minutes: Minutes = _PARAMS.minutes
    per: Per = _PARAMS.per
    hold: Hold = _PARAMS.hold
    percent: Share = _PARAMS.percent
    factor: Share = _PARAMS.factor
    days: Days = _PARAMS.days
    label: Word = _PARAMS.label
    signal: Word = _PARAMS.signal
    good: Word = _PARAMS.good
    objective: Share = _PARAMS.objective
    burn: Share = _PARAMS.burn
    short: Minutes = _PARAMS.short
    sensitivity: Sensitivity = _PARAMS.sensitivity
    direction: Direction = _PARAMS.direction
    least: Severity = _PARAMS.severity
    severity: Severity | None = None
    channels: list[Ref] = []
    people: list[Ref] = []
    assignee: bool = False
    enabled: bool = True
    repeat_minutes: Repeat = REPEAT_MINUTES
    send_resolved: bool = False
    policy: Ref | None = None


class RuleChange(Schema):
    """What may be changed of a rule; what is left out, or null, stays.

    Only for `project`, `severity` and `policy` null has a meaning of its own: every project, the signal's own severity, none.
    """

    name: Name | None = None
    kind: Kind | None = None
    project: Ref | None = None
    matchers: Matchers | None = None
    series: Word | None = None
    compare: Compare | None = None
    count: Count | None = None
    minutes: Minutes | None = None
    per: Per | None = None
    hold: Hold | None = None
    percent: Share | None = None
    factor: Share | None = None
    days: Days | None = None
    label: Word | None = None
    signal: Word | None = None
    good: Word | None = None
    objective: Share | None = None
    burn: Share | None = None
    short: Minutes | None = None
    sensitivity: Sensitivity | None = None
    direction: Direction | None = None
    least: Severity | None = None
    severity: Severity | None = None
    channels: list[Ref] | None = None
    people: list[Ref] | None = None
    assignee: bool | None = None
    enabled: bool | None = None
    repeat_minutes: Repeat | None = None
    send_resolved: bool | None = None
    policy: Ref | None = None


class RuleOut(RuleIn):
    """A rule in force; `source` is the file it is written in, empty when it was written by hand."""

    id: int
    created_at: str
    source: str


class RulesOut(Schema):
    """Every rule; `cursor` is always null, for there is one page."""

    items: list[RuleOut]
    cursor: str | None = None


class AlertOut(Schema):
    """What fired: one for each label set."""

    id: int
    rule_id: int | None
    rule: str
    fingerprint: str
    labels: dict[str, str]
    state: str
    severity: str
    title: str
    text: str
    link: str
    project: int | None
    starts: str
    ends: str | None
    updated_at: str


class AlertsOut(Schema):
    """A page of alerts."""

    items: list[AlertOut]
    cursor: str | None


@router.get("/rules", response=RulesOut, operation_id="list_rules")
@needs(Verb.RULE_READ)
def list_rules(request: Request) -> RulesOut:
    """Return every rule."""
    return RulesOut(items=[_rule(each) for each in service.rules()])


@router.post("/rules", response={201: RuleOut}, operation_id="create_rule")
@needs(Verb.RULE_WRITE)
def create_rule(request: Request, payload: RuleIn) -> Status[RuleOut]:
    """Add a rule."""
    return Status(201, _rule(service.create_rule(request.actor, draft_of(payload), ports().clock.now())))


@router.get("/rules/{rule_id}", response=RuleOut, operation_id="get_rule")
@needs(Verb.RULE_READ)
def get_rule(request: Request, rule_id: Id) -> RuleOut:
    """Return one rule."""
    return _rule(service.rule(rule_id))


@router.patch("/rules/{rule_id}", response=RuleOut, operation_id="change_rule")
@needs(Verb.RULE_WRITE)
def change_rule(request: Request, rule_id: Id, payload: RuleChange) -> RuleOut:
    """Change a rule."""
    before = _rule(service.rule(rule_id)).dict(exclude={"id", "created_at", "source"})
    given = payload.dict(exclude_unset=True)
    changed = RuleIn(**before | {k: v for k, v in given.items() if v is not None or k in _NULLABLE})
    return _rule(service.update_rule(request.actor, rule_id, draft_of(changed), ports().clock.now()))


@router.delete("/rules/{rule_id}", response={204: None}, operation_id="delete_rule")
@needs(Verb.RULE_WRITE)
def delete_rule(request: Request, rule_id: Id) -> Status[None]:
    """Delete a rule."""
    service.delete_rule(request.actor, rule_id, ports().clock.now())
    return Status(204, None)


@router.get("/alerts", response=AlertsOut, operation_id="list_alerts")
@needs(Verb.RULE_READ)
def list_alerts(
    request: Request,
    *,
    firing: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=pager.MAX_PAGE)] = 25,
) -> AlertsOut:
    """Return what fires now, worst first; or what fired and is over or happened, newest first."""
    page = service.firing(cursor, limit) if firing else service.past(cursor, limit)
    return AlertsOut(items=[_alert(each) for each in page.alerts], cursor=page.cursor)


@router.put("/me/followed/{key}", response={204: None}, operation_id="follow_issue")
@needs(Verb.NOTIFY_OWN)
def follow_issue(request: Request, key: Key) -> Status[None]:
    """Follow an issue."""
    errors.follow(request.actor, key, ports().clock.now(), on=True)
    return Status(204, None)


@router.delete("/me/followed/{key}", response={204: None}, operation_id="unfollow_issue")
@needs(Verb.NOTIFY_OWN)
def unfollow_issue(request: Request, key: Key) -> Status[None]:
    """Follow an issue no more."""
    errors.follow(request.actor, key, ports().clock.now(), on=False)
    return Status(204, None)


def draft_of(given: RuleIn) -> RuleDraft:
    """Return a rule as it was sent; raises `Invalid` for matchers that cannot be read."""
    return RuleDraft(
        name=given.name.strip(),
        kind=given.kind,
        project=given.project,
        matchers=matching.parse(given.matchers),
        params=Params(**{name: getattr(given, _PUBLIC.get(name, name)) for name in Params.__struct_fields__}),
        severity=given.severity,
        channels=tuple(given.channels),
        people=tuple(given.people),
        assignee=given.assignee,
        enabled=given.enabled,
        repeat_minutes=given.repeat_minutes,
        send_resolved=given.send_resolved,
        policy=given.policy,
    )


def _rule(rule: Rule) -> RuleOut:
    return RuleOut(
        id=rule.id,
        name=rule.name,
        kind=rule.kind,
        project=rule.project,
        matchers=matching.written(rule.matchers),
        **{_PUBLIC.get(name, name): getattr(rule.params, name) for name in Params.__struct_fields__},
        severity=rule.severity,
        channels=list(rule.channels),
        people=list(rule.people),
        assignee=rule.assignee,
        enabled=rule.enabled,
        repeat_minutes=rule.repeat_minutes,
        send_resolved=rule.send_resolved,
        policy=rule.policy,
        created_at=iso(rule.created_at),
        source=rule.source,
    )


def _alert(alert: Alert) -> AlertOut:
    return AlertOut(
        id=alert.id,
        rule_id=alert.rule_id,
        rule=alert.rule,
        fingerprint=alert.fingerprint,
        labels=dict(alert.labels),
        state=alert.standing.state.value,
        severity=alert.standing.severity.value,
        title=alert.title,
        text=alert.text,
        link=alert.link,
        project=alert.project,
        starts=iso(alert.standing.starts),
        ends=None if alert.standing.ends is None else iso(alert.standing.ends),
        updated_at=iso(alert.updated_at),
    )
