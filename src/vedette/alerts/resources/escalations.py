"""REST: taking what escalates."""

from typing import Annotated

from ninja import Path, Router, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import governing
from vedette.plumbing.ports import ports

router = Router(tags=["on-call"])
EscalationId = Annotated[int, Path(ge=1, le=2**53)]


@router.put(
    "/escalations/{escalation_id}/acknowledgement",
    response={204: None},
    operation_id="acknowledge_escalation",
)
@needs(Verb.ALERT_WRITE)
def acknowledge_escalation(request: Request, escalation_id: EscalationId) -> Status[None]:
    """Take care of all that an escalation pages for; what is over, or somebody has, stays as it is."""
    governing.take(request.actor, escalation_id, ports().clock.now())
    return Status(204, None)
