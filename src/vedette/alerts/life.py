"""How an alert moves from state to state. Pure."""

from vedette.alerts.types import Standing
from vedette.signals.types import Severity, SignalState


def step(before: Standing | None, seen: Standing) -> Standing | None:
    """Return the state after what was seen (its `change` is ignored); None when there is nothing to keep.

    A happening (`info`) is news each time. A firing alert is news when it was not firing, or got worse.
    A resolution is news when something went on; of what nobody heard of, it is nothing.
    """
    if seen.state is SignalState.RESOLVED:
        return _resolved(before, seen)
    if before is None:
        return _with(seen, 1)
    if seen.state is SignalState.FIRING and before.state is SignalState.FIRING:
        return _goes_on(before, seen)
    return _with(seen, before.change + 1)


def over(before: Standing, now: float) -> Standing | None:
    """Return the resolved state of an alert whose end has come, None while it goes on."""
    if before.state is not SignalState.FIRING or before.ends is None or before.ends > now:
        return None
    return Standing(
        state=SignalState.RESOLVED,
        severity=before.severity,
        change=before.change + 1,
        starts=before.starts,
        ends=before.ends,
    )


def _resolved(before: Standing | None, seen: Standing) -> Standing | None:
    if before is None or before.state is SignalState.RESOLVED:
        return before
    return Standing(
        state=SignalState.RESOLVED,
        severity=before.severity,
        change=before.change + 1,
        starts=before.starts,
        ends=seen.ends if seen.ends is not None else seen.starts,
    )


def _goes_on(before: Standing, seen: Standing) -> Standing:
    worse = seen.severity.rank > before.severity.rank
    return Standing(
        state=SignalState.FIRING,
        severity=_worst(before.severity, seen.severity),
        change=before.change + worse,
        starts=min(before.starts, seen.starts),
        ends=_later(before.ends, seen.ends),
    )


def _later(one: float | None, other: float | None) -> float | None:
    """Return the later end: of two who say until when it goes on, the longer one is right. None is without end."""
    return None if one is None or other is None else max(one, other)


def _worst(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=lambda severity: severity.rank)


def _with(seen: Standing, change: int) -> Standing:
    return Standing(
        state=seen.state, severity=seen.severity, change=change, starts=seen.starts, ends=seen.ends
    )
