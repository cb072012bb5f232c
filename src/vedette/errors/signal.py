"""How an issue's transitions read to a person: signals for alerts, moments for timelines, lines for its history."""

from collections.abc import Mapping

from vedette.errors.types import Event, Level, Transition
from vedette.signals.types import Moment, Severity, Signal, SignalState

ROOM = "errors"
KINDS: Mapping[Transition, str] = {
    Transition.NEW: "issue.new",
    Transition.REGRESSED: "issue.regressed",
    Transition.UNMUTED: "issue.unmuted",
}
_SEVERITIES = {
    Level.FATAL: Severity.CRITICAL,
    Level.ERROR: Severity.HIGH,
    Level.WARNING: Severity.LOW,
    Level.INFO: Severity.INFO,
    Level.DEBUG: Severity.INFO,
}
_WORDS = {Transition.NEW: "New", Transition.REGRESSED: "Came back", Transition.UNMUTED: "No longer muted"}


def severity(level: Level) -> Severity:
    """Return how bad a level is to people."""
    return _SEVERITIES[level]


def of_transition(  # noqa: PLR0917 - what is told, in order
    transition: Transition, short_id: str, event: Event, reason: str, now: float, after: str = ""
) -> Signal | None:
    """Return the signal of what an event did to an issue; None when it did nothing worth telling.

    `after` names the rollout it came after: `3 min after checkout 2026.11.24-3`.
    """
    if transition not in KINDS:
        return None
    labels = {
        "project": str(event.project), "issue": short_id, "level": str(event.level), "platform": event.platform,
        "environment": event.environment, "release": event.release,
    }  # fmt: skip
    return Signal(
        room=ROOM,
        kind=KINDS[transition],
        subject=short_id,
        severity=severity(event.level),
        state=SignalState.INFO,
        at=now,
        title=f"{_WORDS[transition]}: {event.title}",
        text=_text(event, reason, after),
        link=link(short_id),
        project=event.project,
        labels={key: value for key, value in labels.items() if value},
        annotations={"event": event.id, "culprit": event.culprit, **({"after": after} if after else {})},
    )


def moment(kind: str, short_id: str, text: str, project: int, at: float) -> Moment:
    """Return a line of the story about an issue."""
    return Moment(
        at=at, room=ROOM, kind=kind, subject=short_id, text=text, link=link(short_id), project=project
    )


def link(short_id: str) -> str:
    """Return the path of an issue's page."""
    return f"/issues/{short_id}/"


def happened(transition: Transition, event: Event, after: str = "") -> str:
    """Return what an issue's history says about a transition, and what rollout it came after."""
    where = f" in {event.release}" if event.release else ""
    if transition is Transition.NEW:
        return f"First seen {after}" if after else f"First seen{where}"
    if transition is Transition.REGRESSED:
        return f"Came back {after}" if after else f"Came back{where} after it was resolved"
    return "No longer muted"


def _text(event: Event, reason: str, after: str) -> str:
    where = [f"in {event.culprit}" if event.culprit else "", event.environment, event.release]
    told = f"{reason} {', '.join(part for part in where if part)}".strip()
    return f"{told}\n{after[0].upper()}{after[1:]}." if after else told
