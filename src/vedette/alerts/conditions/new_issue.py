"""An issue is seen for the first time. Pure."""

from vedette.alerts.conditions.kind import Condition
from vedette.alerts.conditions.speaking import of_kind
from vedette.alerts.types import Decision, Params
from vedette.signals.types import Signal


def _hear(_params: Params, signal: Signal) -> Decision:
    return of_kind(signal, ("issue.new",), "A new issue.")


CONDITION = Condition(
    kind="new_issue",
    label="A new issue",
    fields=(),
    describe=lambda _: "an issue is seen for the first time",
    hear=_hear,
)
