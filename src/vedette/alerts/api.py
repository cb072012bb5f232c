"""REST resources of alerts: rules, and what fired."""

from django.http import HttpRequest
from ninja import Router, Schema

from vedette.accounts.permissions import Actor, Verb, needs
from vedette.alerts import service
from vedette.alerts.types import REPEAT_MINUTES, Alert, Params, Per, Rule, RuleDraft, RuleKind
from vedette.core.clock import iso
from vedette.plumbing.ports import ports
from vedette.signals.types import Severity
from vedette.ui import pager

router = Router(tags=["alerts"])
_PARAMS = Params()
_NULLABLE = {"project", "severity"}


class RuleIn(Schema):
    """A rule as it is written; `project` is an id, null for every project; no channels: every default one.

    `count`, `minutes` and `per` are for thresholds, `least` (a severity) for the kind severity.
    """

    name: str
    kind: RuleKind
    project: int | None = None
    count: int = _PARAMS.count
    minutes: int = _PARAMS.minutes
    per: Per = _PARAMS.per
    least: Severity = _PARAMS.severity
    severity: Severity | None = None
    channels: list[int] = []
    enabled: bool = True
    repeat_minutes: int = REPEAT_MINUTES
    send_resolved: bool = False


class RuleChange(Schema):
    """What may be changed of a rule; what is left out, or null, stays.

    Only for `project` and `severity` null has a meaning of its own: every project, the signal's own severity.
    """

    name: str | None = None
    kind: RuleKind | None = None
    project: int | None = None
    count: int | None = None
    minutes: int | None = None
    per: Per | None = None
    least: Severity | None = None
    severity: Severity | None = None
    channels: list[int] | None = None
    enabled: bool | None = None
    repeat_minutes: int | None = None
    send_resolved: bool | None = None


class RuleOut(RuleIn):
    """A rule in force."""

    id: int
    created_at: str


class AlertOut(Schema):
    """What fired: one for each rule and label set."""

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


@router.get("/rules", response=list[RuleOut], url_name="rules")
@needs(Verb.RULE_READ)
def list_rules(request: HttpRequest) -> list[RuleOut]:
    """Return every rule."""
    return [_rule(each) for each in service.rules()]


@router.post("/rules", response={201: RuleOut}, url_name="rules")
@needs(Verb.RULE_WRITE)
def create_rule(request: HttpRequest, payload: RuleIn) -> tuple[int, RuleOut]:
    """Add a rule."""
    return 201, _rule(service.create_rule(_actor(request), _draft(payload), ports().clock.now()))


@router.get("/rules/{int:rule_id}", response=RuleOut, url_name="rule")
@needs(Verb.RULE_READ)
def get_rule(request: HttpRequest, rule_id: int) -> RuleOut:
    """Return one rule."""
    return _rule(service.rule(rule_id))


@router.patch("/rules/{int:rule_id}", response=RuleOut, url_name="rule")
@needs(Verb.RULE_WRITE)
def change_rule(request: HttpRequest, rule_id: int, payload: RuleChange) -> RuleOut:
    """Change a rule."""
    before = _rule(service.rule(rule_id)).dict(exclude={"id", "created_at"})
    given = payload.dict(exclude_unset=True)
    changed = RuleIn(**before | {k: v for k, v in given.items() if v is not None or k in _NULLABLE})
    return _rule(service.update_rule(_actor(request), rule_id, _draft(changed), ports().clock.now()))


@router.delete("/rules/{int:rule_id}", response={204: None}, url_name="rule")
@needs(Verb.RULE_WRITE)
def delete_rule(request: HttpRequest, rule_id: int) -> tuple[int, None]:
    """Delete a rule."""
    service.delete_rule(_actor(request), rule_id, ports().clock.now())
    return 204, None


@router.get("/alerts", response=AlertsOut, url_name="alerts")
@needs(Verb.RULE_READ)
def list_alerts(
    request: HttpRequest,
    *,
    firing: bool = False,
    cursor: str | None = None,
    limit: int = 25,
) -> AlertsOut:
    """Return what fires now (worst first, without pages), or what fired and is over or happened, newest first."""
    if firing:
        return AlertsOut(items=[_alert(each) for each in service.firing()], cursor=None)
    page = service.past(cursor, pager.size(limit))
    return AlertsOut(items=[_alert(each) for each in page.alerts], cursor=page.cursor)


def _draft(given: RuleIn) -> RuleDraft:
    return RuleDraft(
        name=given.name.strip(),
        kind=given.kind,
        project=given.project,
        params=Params(count=given.count, minutes=given.minutes, per=given.per, severity=given.least),
        severity=given.severity,
        channels=tuple(given.channels),
        enabled=given.enabled,
        repeat_minutes=given.repeat_minutes,
        send_resolved=given.send_resolved,
    )


def _rule(rule: Rule) -> RuleOut:
    return RuleOut(
        id=rule.id,
        name=rule.name,
        kind=rule.kind,
        project=rule.project,
        count=rule.params.count,
        minutes=rule.params.minutes,
        per=rule.params.per,
        least=rule.params.severity,
        severity=rule.severity,
        channels=list(rule.channels),
        enabled=rule.enabled,
        repeat_minutes=rule.repeat_minutes,
        send_resolved=rule.send_resolved,
        created_at=iso(rule.created_at),
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


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
