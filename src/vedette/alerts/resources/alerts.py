"""REST of one alert: its whole way, and who takes care of it."""

from typing import Annotated

from ninja import Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import governing, service
from vedette.alerts.explaining import GroupStep, ReceiverStep, Why
from vedette.alerts.types import Trace
from vedette.core.clock import iso
from vedette.core.errors import Conflict
from vedette.notify.types import Delivery
from vedette.plumbing.ports import ports

router = Router(tags=["alerts"])
AlertId = Annotated[int, Path(ge=1, le=2**53)]


class WhyRule(Schema):
    """A rule that spoke of the alert; `id` is null for one that is gone, or an alert that was pushed."""

    id: int | None
    name: str
    reason: str


class WhyRoute(Schema):
    """A route that was looked at, at which depth of the tree, and why it takes the alert or does not."""

    route: str
    depth: int
    taken: bool
    reason: str


class WhySilence(Schema):
    """A silence in force or to come, and whether and why it keeps the alert quiet now."""

    id: str
    holds: bool
    reason: str


class WhyReceiver(Schema):
    """What one receiver would be told if its group looked now; `last` is when it was told last.

    `told` says that it knows of this alert as it is.
    """

    name: str
    send: bool
    code: str
    reason: str
    last: str | None
    told: bool


class WhyGroup(Schema):
    """A group the alert stands in, when it looked last and looks next, and its receivers."""

    key: str
    route: str
    receiver: str
    labels: dict[str, str]
    size: int
    last: str | None
    due: str | None
    receivers: list[WhyReceiver]


class WhyLine(Schema):
    """What was told to whom, or not, and why; `delivery` and `receipt` say what became of the notice."""

    at: str
    sent: bool
    code: str
    reason: str
    channel: str
    delivery: str | None
    receipt: str


class WhyEscalation(Schema):
    """An escalation of one of its groups, where it is, and each line of what it did."""

    id: int
    policy: str
    state: str
    reason: str
    lines: list[str]


class WhyOut(Schema):
    """The whole way of an alert; `quiet` is `silence`, `inhibition` or empty."""

    id: int
    title: str
    state: str
    sentence: str
    acknowledged_by: str
    acknowledged_at: str | None
    rules: list[WhyRule]
    routes: list[WhyRoute]
    quiet: str
    inhibition: str
    flapping: str
    silences: list[WhySilence]
    groups: list[WhyGroup]
    lines: list[WhyLine]
    escalations: list[WhyEscalation]


@router.get("/alerts/{alert_id}/why", response=WhyOut, operation_id="explain_alert")
@needs(Verb.RULE_READ)
def explain_alert(request: Request, alert_id: AlertId) -> WhyOut:
    """Return why somebody was, is or will be told of an alert, or not: rules, routes, quiet, groups, receivers."""
    return _why(service.why(alert_id, ports().clock.now()))


@router.put("/alerts/{alert_id}/acknowledgement", response={204: None}, operation_id="acknowledge_alert")
@needs(Verb.ALERT_WRITE)
def acknowledge_alert(request: Request, alert_id: AlertId) -> Status[None]:
    """Take care of an alert: nobody is reminded of it. One that is over stays over; 409 says who has it already."""
    taken = governing.acknowledge(request.actor, [alert_id], ports().clock.now())
    other = next((each.acked_by for each in taken if each.acked_by != request.actor.name), "")
    if other:
        raise Conflict(f"{other} has it already.")
    return Status(204, None)


@router.delete("/alerts/{alert_id}/acknowledgement", response={204: None}, operation_id="unacknowledge_alert")
@needs(Verb.ALERT_WRITE)
def unacknowledge_alert(request: Request, alert_id: AlertId) -> Status[None]:
    """Take an acknowledgement back."""
    governing.unacknowledge(request.actor, [alert_id], ports().clock.now())
    return Status(204, None)


def _why(why: Why) -> WhyOut:
    alert = why.alert
    return WhyOut(
        id=alert.id,
        title=alert.title,
        state=alert.standing.state.value,
        sentence=why.sentence,
        acknowledged_by=alert.acked_by if alert.acked_at is not None else "",
        acknowledged_at=_at(alert.acked_at),
        rules=[WhyRule(id=step.id, name=step.name, reason=step.reason) for step in why.rules],
        routes=[
            WhyRoute(route=step.key, depth=step.depth, taken=step.taken, reason=step.reason)
            for step in why.routes
        ],
        quiet=why.quiet.by,
        inhibition=why.inhibition,
        flapping=why.flaps,
        silences=[WhySilence(id=step.id, holds=step.holds, reason=step.reason) for step in why.silences],
        groups=[_group(step) for step in why.groups],
        lines=[_line(line, became) for line, became in why.lines],
        escalations=[
            WhyEscalation(
                id=part.id,
                policy=part.policy,
                state=part.state,
                reason=part.why,
                lines=[f"{iso(at)} {text}" for at, text in part.lines],
            )
            for part in why.escalations
        ],
    )


def _group(step: GroupStep) -> WhyGroup:
    return WhyGroup(
        key=step.key,
        route=step.route,
        receiver=step.receiver,
        labels=dict(step.labels),
        size=step.size,
        last=_at(step.last),
        due=_at(step.due),
        receivers=[_receiver(each) for each in step.receivers],
    )


def _receiver(step: ReceiverStep) -> WhyReceiver:
    return WhyReceiver(
        name=step.name,
        send=step.send,
        code=step.code,
        reason=step.reason,
        last=_at(step.last),
        told=step.told,
    )


def _line(line: Trace, became: Delivery | None) -> WhyLine:
    return WhyLine(
        at=iso(line.at),
        sent=line.sent,
        code=line.code,
        reason=line.reason,
        channel=line.channel,
        delivery=became.state.value if became else None,
        receipt=became.detail if became else "",
    )


def _at(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)
