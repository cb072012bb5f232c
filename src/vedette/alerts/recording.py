"""Tells the house that a pushed alert began or is over: a line of the story, and a signal that rules can be tried on."""

from collections.abc import Iterable

from vedette.alerts.types import OWN_ROOM, Alert
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal, SignalState


def transitions(alerts: Iterable[Alert], now: float) -> None:
    """Record what became of pushed alerts, in the caller's transaction; others were signals before they were alerts."""
    found = [alert for alert in alerts if alert.pushed]
    signals.record([_moment(alert, now) for alert in found])
    signals.publish([_signal(alert, now) for alert in found], now)


def _moment(alert: Alert, now: float) -> Moment:
    over = alert.standing.state is SignalState.RESOLVED
    return Moment(
        at=now,
        room=OWN_ROOM,
        kind="alert.resolved" if over else "alert.firing",
        subject=alert.subject,
        text=f"Over: {alert.title}" if over else alert.title,
        link=alert.link,
        project=alert.project,
    )


def _signal(alert: Alert, now: float) -> Signal:
    standing = alert.standing
    return Signal(
        room=OWN_ROOM,
        kind="alert.pushed",
        subject=alert.subject,
        severity=standing.severity,
        state=standing.state,
        at=now,
        title=alert.title,
        text=alert.text,
        link=alert.link,
        project=alert.project,
        labels=alert.labels,
        starts=standing.starts,
        ends=standing.ends,
    )
