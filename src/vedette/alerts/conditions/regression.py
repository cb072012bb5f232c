"""A resolved issue comes back, or a muted one escalates. Pure."""

from vedette.alerts.conditions.kind import Condition
from vedette.alerts.conditions.speaking import of_kind
from vedette.alerts.types import Decision, Params
from vedette.signals.types import Signal


def _hear(_params: Params, signal: Signal) -> Decision:
    back = "A resolved issue came back."
    why = "A muted issue escalated." if signal.kind == "issue.escalated" else back
    return of_kind(signal, ("issue.regressed", "issue.escalated"), why)


CONDITION = Condition(
    kind="regression",
    label="A regression: a resolved issue comes back, or a muted one escalates",
    fields=(),
    describe=lambda _: "a resolved issue comes back, or a muted one escalates",
    hear=_hear,
)
