"""How what monitors find reads to a person: signals for alerts, moments for timelines."""

import msgspec

from vedette.monitors.certificates import Ending
from vedette.monitors.types import DAY, ROOM, Judged, Monitor, Standing, State, Told
from vedette.signals.types import Moment, Severity, Signal, SignalState

DOWN, FLAPPING, DEGRADED, CERTIFICATE = (
    "monitor.down",
    "monitor.flapping",
    "monitor.degraded",
    "monitor.certificate",
)
SURROUNDINGS = "monitors.surroundings"
SILENT = "monitors.location"
_NEAR = 7 * DAY
_WORDS = {
    State.UP: "is up",
    State.DOWN: "is down",
    State.DEGRADED: "answers slowly",
    State.UNKNOWN: "is not known",
    State.WAITING: "is awaited",
}


def link(monitor: Monitor) -> str:
    """Return the path of a monitor's page."""
    return f"/monitors/{monitor.id}/"


def of_verdict(monitor: Monitor, judged: Judged, now: float) -> Signal | None:
    """Return what people are to be told of a verdict: it is down or up again (one alert), or it flaps; None for nothing."""
    standing = judged.standing
    if judged.tell is None:
        return None
    if judged.tell is Told.FLAPPING:
        title = f"{monitor.name} flaps"
        return _signal(monitor, FLAPPING, SignalState.INFO, Severity.HIGH, title, judged.reason, now)
    over = judged.tell is Told.UP
    state = SignalState.RESOLVED if over else SignalState.FIRING
    title = f"{monitor.name} {'is up again' if over else _WORDS[standing.state]}"
    found = _signal(monitor, DOWN, state, Severity.HIGH, title, standing.reason, now)
    if over:
        return found
    annotations = {"cause": standing.cause} if standing.cause else {}
    return msgspec.structs.replace(found, annotations=annotations, starts=standing.since)


def of_slowness(monitor: Monitor, standing: Standing, now: float) -> Signal:
    """Return that a monitor has come to answer slowly."""
    title = f"{monitor.name} answers slowly"
    return _signal(monitor, DEGRADED, SignalState.INFO, Severity.LOW, title, standing.reason, now)


def of_certificate(monitor: Monitor, ending: Ending, now: float) -> Signal:
    """Return that a certificate ends soon, or has ended."""
    left = (ending.certificate.expires or now) - now
    severity = Severity.CRITICAL if left <= 0 else Severity.HIGH if left <= _NEAR else Severity.LOW
    title = f"{monitor.name}: {ending.reason[0].lower()}{ending.reason[1:].rstrip('.')}"
    return _signal(monitor, CERTIFICATE, SignalState.INFO, severity, title, ending.reason, now)


def of_surroundings(reason: str, *, over: bool, now: float) -> Signal:
    """Return that something many monitors share is at fault (`reason`), or is so no more."""
    title = f"Over: {reason}" if over else reason
    return Signal(
        room=ROOM, kind=SURROUNDINGS, subject="surroundings", severity=Severity.HIGH, at=now, title=title,
        state=SignalState.RESOLVED if over else SignalState.FIRING, link="/monitors/",
    )  # fmt: skip


def of_silence(slug: str, reason: str, *, over: bool, now: float) -> Signal:
    """Return that a location is not heard of any more (`reason`), or is so again."""
    return Signal(
        room=ROOM, kind=SILENT, subject=slug, severity=Severity.HIGH, at=now, title=reason,
        state=SignalState.RESOLVED if over else SignalState.FIRING, link="/monitors/locations/", labels={"location": slug},
    )  # fmt: skip


def moment(monitor: Monitor, standing: Standing) -> Moment:
    """Return the line of the story about a monitor that came into a state."""
    text = f"{monitor.name} {_WORDS[standing.state]}" + (f": {standing.reason}" if standing.reason else "")
    return Moment(
        at=standing.since, room=ROOM, kind=f"monitor.{standing.state}", subject=monitor.slug, text=text,
        link=link(monitor), project=monitor.project or None,
    )  # fmt: skip


def _signal(  # noqa: PLR0917 - what is told, in order
    monitor: Monitor, kind: str, state: SignalState, severity: Severity, title: str, text: str, now: float
) -> Signal:
    return Signal(
        room=ROOM, kind=kind, subject=monitor.slug, severity=severity, state=state, at=now, title=title, text=text,
        link=link(monitor), project=monitor.project or None,
        labels={"monitor": str(monitor.id), "monitor_kind": monitor.kind},
    )  # fmt: skip
