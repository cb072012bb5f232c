"""How what hosts tell reads to a person: signals for alerts, moments for timelines."""

from vedette.hosts.types import ROOM, Host, Noted
from vedette.signals.types import Moment, Severity, Signal, SignalState

SILENT, DISK, UNIT, REBOOT, OOM, DRIFT, HAPPENED = (
    "host.silent", "host.disk", "host.unit", "host.reboot", "host.oom", "host.drift", "host.happened",
)  # fmt: skip
_SAID = {**{one.value: one for one in Severity}, "medium": Severity.LOW}


def link(host: Host) -> str:
    """Return the path of a host's page."""
    return f"/hosts/{host.id}/"


def of_silence(host: Host, text: str, *, over: bool, now: float) -> Signal:
    """Return that a host is not heard of any more, or is so again: one alert."""
    return _signal(host, SILENT, Severity.HIGH, text, now, over=over)


def of_trouble(host: Host, kind: str, subject: str, text: str, *, over: bool, now: float) -> Signal:
    """Return that a disk is full soon, a unit failed; or that this is over."""
    severity = Severity.HIGH if kind == DISK else Severity.LOW
    return _signal(host, kind, severity, text, now, over=over, labels={"subject": subject[:200]})


def of_noted(host: Host, kind: str, noted: Noted, now: float) -> Signal:
    """Return that something happened once: a reboot, an OOM kill, a change that nothing explains."""
    severity = _SAID.get(noted.severity, Severity.INFO)
    text = f"{host.name}: {noted.text}"
    return _signal(host, kind, severity, text, now, over=None, labels={"subject": noted.subject[:200]})


def of_source(host: Host, noted: Noted, now: float, *, over: bool) -> Signal:
    """Return that something a host told of goes on, or is over, as it says itself."""
    severity = _SAID.get(noted.severity, Severity.LOW)
    labels = {"happening": noted.kind[:40], "subject": noted.subject[:200]}
    return _signal(host, HAPPENED, severity, f"{host.name}: {noted.text}", now, over=over, labels=labels)


def moment(host: Host, noted: Noted) -> Moment:
    """Return the line of the story about something that happened on a host."""
    return Moment(
        at=noted.at, room=ROOM, kind=f"host.{noted.kind}"[:40], subject=host.name, text=f"{host.name}: {noted.text}"[:500],
        link=link(host),
    )  # fmt: skip


def _signal(
    host: Host, kind: str, severity: Severity, text: str, now: float, *, over: bool | None, labels: dict[str, str] | None = None
) -> Signal:  # fmt: skip
    state = SignalState.INFO if over is None else SignalState.RESOLVED if over else SignalState.FIRING
    return Signal(
        room=ROOM, kind=kind, subject=host.name, severity=severity, state=state, at=now, title=text[:300], text=text,
        link=link(host), labels={"host": host.name, **(labels or {})},
    )  # fmt: skip
