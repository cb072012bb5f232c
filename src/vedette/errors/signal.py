"""How an issue's transitions read to a person: signals for alerts, moments for timelines, lines for its history."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from vedette.errors.types import Event, Level, Transition
from vedette.projects.types import Project
from vedette.signals.types import Moment, Severity, Signal, SignalState

ROOM = "errors"
SPIKE = "project.spike"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an act: the issue's title, project and assignee, who did it (`by` is the user), and its id."""

    title: str
    project: int
    who: str
    act: str
    by: int | None = None
    assignee: int | None = None
    comment: str = ""


KINDS: Mapping[Transition, str] = {
    Transition.NEW: "issue.new",
    Transition.REGRESSED: "issue.regressed",
    Transition.UNMUTED: "issue.unmuted",
    Transition.ESCALATED: "issue.escalated",
}
_SEVERITIES = {
    Level.FATAL: Severity.CRITICAL,
    Level.ERROR: Severity.HIGH,
    Level.WARNING: Severity.LOW,
    Level.INFO: Severity.INFO,
    Level.DEBUG: Severity.INFO,
}
_WORDS = {
    Transition.NEW: "New",
    Transition.REGRESSED: "Came back",
    Transition.UNMUTED: "No longer muted",
    Transition.ESCALATED: "Escalated",
}


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
        severity=_severity(transition, event.level),
        state=SignalState.INFO,
        at=now,
        title=f"{_WORDS[transition]}: {event.title}",
        text=_text(event, reason, after),
        link=link(short_id),
        project=event.project,
        labels={key: value for key, value in labels.items() if value},
        annotations={"event": event.id, "culprit": event.culprit, **({"after": after} if after else {})},
    )


def _severity(transition: Transition, level: Level) -> Severity:
    """Return how bad it is; what escalates is so at least highly, whatever its level says."""
    told = severity(level)
    escalated = transition is Transition.ESCALATED
    return max(told, Severity.HIGH, key=lambda one: one.rank) if escalated else told


def of_act(kind: str, short_id: str, stored: Told, what: str, now: float) -> Signal:
    """Return the signal of what a person did to an issue, for those it concerns: `issue.assigned`, `issue.commented`."""
    labels = {"issue": short_id, "by": str(stored.by), "assignee": str(stored.assignee)}
    return Signal(
        room=ROOM,
        kind=kind,
        subject=short_id,
        severity=Severity.LOW,
        state=SignalState.INFO,
        at=now,
        title=f"{stored.who} {what}: {stored.title}",
        text=stored.comment,
        link=link(short_id),
        project=stored.project,
        labels={key: value for key, value in labels.items() if value != "None"},
        annotations={"act": stored.act, "comment": stored.comment},
    )


def moment(kind: str, short_id: str, text: str, project: int, at: float) -> Moment:
    """Return a line of the story about an issue."""
    return Moment(
        at=at, room=ROOM, kind=kind, subject=short_id, text=text, link=link(short_id), project=project
    )


def moment_of_many(kind: str, query: str, text: str, project: int | None, at: float) -> Moment:
    """Return a line of the story about every issue of a search."""
    asked = f"/issues/?{urlencode({'q': query})}"
    return Moment(at=at, room=ROOM, kind=kind, subject="", text=text, link=asked, project=project)


def of_spike(project: Project, now: float) -> tuple[Signal, Moment]:
    """Return how the beginning of a flood is told: once, until an hour has gone without one."""
    told = f"{project.name} sends far more events than usual"
    at = f"/settings/projects/{project.slug}/"
    sent = Signal(
        room=ROOM, kind=SPIKE, subject=project.slug, severity=Severity.LOW, state=SignalState.INFO, at=now, title=told,
        text="Every event is counted; of those beyond its budget a sample is kept with details.", link=at,
        project=project.id, labels={"project": str(project.id)},
    )  # fmt: skip
    moment = Moment(
        at=now, room=ROOM, kind=SPIKE, subject=project.slug, text=told, link=at, project=project.id
    )
    return sent, moment


def link(short_id: str) -> str:
    """Return the path of an issue's page."""
    return f"/issues/{short_id}/"


def happened(transition: Transition, event: Event, after: str = "", reason: str = "") -> str:
    """Return what an issue's history says about a transition, and what rollout it came after."""
    if transition is Transition.ESCALATED:
        return f"Escalated: {reason.rstrip('.')}"
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
