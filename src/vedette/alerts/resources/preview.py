"""What a rule would have sent, in the REST API."""

from ninja import Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import service
from vedette.alerts.api import RuleIn, draft_of
from vedette.core.clock import iso
from vedette.plumbing.ports import ports

router = Router(tags=["alerts"])


class WouldBeOut(Schema):
    """A notice that would have been sent: when, to whom, what it says first, of how many alerts, and why then."""

    at: str
    receivers: list[str]
    title: str
    alerts: int
    code: str
    reason: str


class PreviewOut(Schema):
    """What a rule would have sent from `start` to `end`.

    `values` are what it looks at, one for each `step` seconds from `start` on. `note` says what was not looked at.
    """

    start: str
    end: str
    step: float
    values: list[float]
    unit: str
    notices: list[WouldBeOut]
    note: str


@router.post("/rules/preview", response=PreviewOut, operation_id="preview_rule")
@needs(Verb.RULE_WRITE)
def preview_rule(request: Request, payload: RuleIn) -> PreviewOut:
    """Return what a rule would have sent in the last 30 days; nothing is saved or sent."""
    found = service.preview(request.actor, draft_of(payload), ports().clock.now())
    notices = [
        WouldBeOut(
            at=iso(each.at),
            receivers=list(each.receivers),
            title=each.title,
            alerts=each.alerts,
            code=each.code,
            reason=each.reason,
        )
        for each in found.notices
    ]
    return PreviewOut(
        start=iso(found.start),
        end=iso(found.end),
        step=found.step,
        values=list(found.values),
        unit=found.unit,
        notices=notices,
        note=found.note,
    )
