"""Declaring an incident: by hand, by a rule, by a step of an escalation, from a chat."""

from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Verb, require
from vedette.alerts import service as alerts
from vedette.alerts.types import Alert
from vedette.core.errors import Invalid
from vedette.incidents import attaching, drafting, severity, telling
from vedette.incidents.store import attached as alert_store
from vedette.incidents.store import incidents as store
from vedette.incidents.store import people
from vedette.incidents.types import (
    QUIET_MINUTES,
    Declared,
    Incident,
    IncidentDraft,
    IncidentRule,
    IncidentState,
    Responder,
    ResponderRole,
)
from vedette.plumbing.db.sql import transaction

_SAID = {
    Declared.HAND: "declared the incident",
    Declared.RULE: "declared by the rule",
    Declared.ESCALATION: "declared by an escalation",
    Declared.CHAT: "declared the incident from a chat",
}


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where an incident comes from: how it was declared, by which rule and under which key, with which alerts."""

    how: Declared = Declared.HAND
    rule: IncidentRule | None = None
    key: str = ""
    alerts: tuple[Alert, ...] = ()
    by: str = ""


def declare(
    actor: Actor,
    draft: IncidentDraft,
    now: float,
    how: Declared = Declared.HAND,
    fingerprints: Sequence[str] = (),
) -> Incident:
    """Declare an incident, with the alerts of these label sets; raises `Invalid` by field, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    found = alerts.of_fingerprints(fingerprints)
    return opened(actor, draft, Origin(how=how, alerts=found, by=actor.name), now)


def opened(actor: Actor, draft: IncidentDraft, origin: Origin, now: float) -> Incident:
    """Make an incident with all it leaves, in one transaction; raises `Invalid` by field."""
    wrong = drafting.incident_problems(draft, now)
    if wrong:
        raise Invalid("The incident cannot be declared.", wrong)
    suggested, reason = severity.of(draft.impact, draft.urgency)
    began = min([now, *(alert.standing.starts for alert in origin.alerts)])
    with transaction():
        made = store.add(
            Incident(
                id=0, title=draft.title.strip(), state=IncidentState.OPEN, severity=draft.severity or suggested, impact=draft.impact,
                urgency=draft.urgency, declared=origin.how, declared_by=origin.by or actor.name, summary=draft.summary.strip(),
                project=draft.project, started_at=began if draft.started_at is None else draft.started_at, detected_at=now,
                rule=origin.rule.id if origin.rule else None,
                quiet_minutes=origin.rule.quiet_minutes if origin.rule else QUIET_MINUTES, updated_at=now,
            ),
            origin.key,
        )  # fmt: skip
        attach(made, origin.alerts)
        _lead(actor, made, now)
        said = (
            f"{_SAID[origin.how]} {origin.by}"
            if origin.how in {Declared.RULE, Declared.ESCALATION}
            else _SAID[origin.how]
        )
        telling.acted(
            actor, made, "declare", said, now, detail=reason if draft.severity is None else "", tone="crit"
        )
    return made


def attach(incident: Incident, found: Sequence[Alert]) -> int:
    """Put alerts into an incident with their lines, in the caller's transaction; return how many lines came."""
    if not found:
        return 0
    alert_store.save([attaching.attached(incident.id, alert) for alert in found])
    return telling.came(incident.id, [attaching.line(alert) for alert in found])


def _lead(actor: Actor, incident: Incident, now: float) -> None:
    """Let whoever declares by hand lead, until somebody else does."""
    if actor != SYSTEM and actor.kind is ActorKind.USER:
        people.save_responder(
            Responder(incident=incident.id, user=actor.id, role=ResponderRole.LEAD, joined_at=now)
        )
