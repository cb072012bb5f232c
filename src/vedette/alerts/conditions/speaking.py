"""What the kinds that hear signals have in common. Pure."""

from collections.abc import Sequence

from vedette.alerts.types import Decision
from vedette.signals.types import Signal


def of_kind(signal: Signal, kinds: Sequence[str], why: str) -> Decision:
    """Decide whether a signal of errors is of one of these kinds."""
    if signal.room == "errors" and signal.kind in kinds:
        return Decision(True, why)
    return Decision(False, f"It is {signal.room} {signal.kind}, not {' or '.join(kinds)}.")
