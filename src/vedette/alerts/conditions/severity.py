"""Any signal of a severity or worse. Pure."""

from vedette.alerts.conditions.kind import Condition
from vedette.alerts.types import Decision, Params
from vedette.signals.types import Signal


def _hear(params: Params, signal: Signal) -> Decision:
    least = params.severity
    if signal.severity.rank >= least.rank:
        return Decision(True, f"Severity {signal.severity} is at least {least}.")
    return Decision(False, f"Severity {signal.severity} is below {least}.")


CONDITION = Condition(
    kind="severity",
    label="Any signal of a severity or worse",
    fields=("severity",),
    describe=lambda params: f"any signal of severity {params.severity} or worse",
    hear=_hear,
)
