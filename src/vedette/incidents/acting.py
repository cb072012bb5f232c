"""What people, and time, do to an incident: acknowledge, mitigate, resolve, open again, weigh anew, rename."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

import msgspec

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Verb, may, require
from vedette.alerts import service as alerts
from vedette.alerts.types import Alert
from vedette.core.errors import Conflict, Invalid
from vedette.incidents import drafting, progress, telling
from vedette.incidents.progress import Act
from vedette.incidents.store import attached as alert_store
from vedette.incidents.store import incidents as store
from vedette.incidents.store import people
from vedette.incidents.types import Impact, Incident, Responder, ResponderRole, Sev, Urgency
from vedette.plumbing.db.sql import transaction
from vedette.signals.types import SignalState

AT_ONCE = 500
MOST_SILENCED = 50
SILENCE_SECONDS = 3_600.0
_SAID: Mapping[Act, str] = {
    Act.ACKNOWLEDGE: "acknowledged",
    Act.MITIGATE: "mitigated it; what is left is to watch",
    Act.RESOLVE: "resolved it",
    Act.REOPEN: "opened it again",
}
_TONES: Mapping[Act, str] = {Act.ACKNOWLEDGE: "", Act.MITIGATE: "info", Act.RESOLVE: "ok", Act.REOPEN: "crit"}


def act(actor: Actor, number: int, what: Act, now: float, reason: str = "") -> Incident:
    """Move an incident on; what changes nothing leaves nothing. Raises `NotFound`, `Conflict` for a merged one, `Forbidden`.

    Whoever acknowledges, mitigates or resolves takes care of all its alerts, also of those that came since. `reason` is told with it,
    and given only where the house acts by itself: why.
    """
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        before = telling.found(number)
        by_hand = not reason
        stepped = progress.step(before, what, now, by_hand=by_hand)
        taken = _acknowledge_alerts(actor, before, now) if by_hand and what is not Act.REOPEN else 0
        if stepped.incident is None:
            if before.merged_into is not None:
                raise Conflict(stepped.reason)
            _tell_taken(actor, before, taken, now)
            return before
        store.save(stepped.incident)
        told = f"{_SAID[what]}{' by itself' if reason and what is Act.RESOLVE else ''}"
        telling.acted(actor, stepped.incident, what.value, told, now, detail=reason, tone=_TONES[what])
        if actor != SYSTEM and what is not Act.REOPEN:
            _take_part(actor, stepped.incident, now)
    return stepped.incident


def acknowledge(actor: Actor, number: int, now: float) -> Incident:
    """Say that somebody takes care of it, and of its alerts."""
    return act(actor, number, Act.ACKNOWLEDGE, now)


def mitigate(actor: Actor, number: int, now: float) -> Incident:
    """Say that it hurts nobody any more."""
    return act(actor, number, Act.MITIGATE, now)


def resolve(actor: Actor, number: int, now: float) -> Incident:
    """Say that it is over."""
    return act(actor, number, Act.RESOLVE, now)


def reopen(actor: Actor, number: int, now: float) -> Incident:
    """Say that it is not over."""
    return act(actor, number, Act.REOPEN, now)


def weigh(actor: Actor, number: int, impact: Impact, urgency: Urgency, severity: Sev, now: float) -> Incident:  # noqa: PLR0917
    """Set impact, urgency and severity; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        before = telling.living(number)
        after = msgspec.structs.replace(
            before, impact=impact, urgency=urgency, severity=severity, updated_at=now
        )
        if (before.impact, before.urgency, before.severity) == (impact, urgency, severity):
            return before
        store.save(after)
        changed = before.severity != severity
        text = (
            f"made it SEV {severity.value} (was SEV {before.severity.value})"
            if changed
            else "weighed impact and urgency anew"
        )
        telling.acted(actor, after, "severity", text, now, tone="warn" if severity < before.severity else "")
    return after


def set_severity(actor: Actor, number: int, severity: Sev, now: float) -> Incident:
    """Set the severity alone."""
    before = telling.living(number)
    return weigh(actor, number, before.impact, before.urgency, severity, now)


def rename(actor: Actor, number: int, title: str, summary: str, now: float) -> Incident:
    """Change title and summary; raises `Invalid` by field, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    title, summary = title.strip(), summary.strip()
    wrong = (
        {}
        if 1 <= len(title) <= drafting.LONGEST_TITLE
        else {"title": f"A title has from 1 to {drafting.LONGEST_TITLE} characters."}
    )
    if len(summary) > drafting.LONGEST_TEXT:
        wrong["summary"] = f"At most {drafting.LONGEST_TEXT} characters."
    if wrong:
        raise Invalid("The incident cannot be called so.", wrong)
    with transaction():
        before = telling.living(number)
        if (before.title, before.summary) == (title, summary):
            return before
        after = msgspec.structs.replace(before, title=title, summary=summary, updated_at=now)
        store.save(after)
        text = f"renamed it from “{before.title}”" if before.title != title else "changed the summary"
        telling.acted(actor, after, "rename", text, now)
    return after


def silence(actor: Actor, number: int, now: float) -> int:
    """Silence alerts of an incident that fire, for an hour; return how many. Raises `NotFound`, `Forbidden`.

    One after another, `MOST_SILENCED` at most: the line says that more fire, and the next call silences those.
    """
    require(actor, Verb.INCIDENT_WRITE)
    require(actor, Verb.ALERT_WRITE)
    with transaction():
        incident = telling.living(number)
        loud = list(
            islice(chain.from_iterable(_loud(part, now) for part in _firing(number)), MOST_SILENCED + 1)
        )
        firing = loud[:MOST_SILENCED]
        for alert in firing:
            matchers = tuple(
                alerts.Matcher(name, alerts.Operator.EQUAL, value)
                for name, value in sorted(alerts.labels_of(alert).items())
            )
            draft = alerts.SilenceDraft(
                matchers=matchers,
                starts=now,
                ends=now + SILENCE_SECONDS,
                comment=f"{incident.key} {incident.title}"[:300],
            )
            alerts.add_silence(actor, draft, now)
        if firing:
            what = "an alert" if len(firing) == 1 else f"{len(firing)} alerts"
            more = "; more of its alerts fire" if len(loud) > len(firing) else ""
            telling.acted(actor, incident, "silence", f"silenced {what} of it for 1 h{more}", now)
    return len(firing)


def _loud(firing: Sequence[Alert], now: float) -> list[Alert]:
    quiet = alerts.quiet_of(firing, now)
    return [alert for alert in firing if alert.id not in quiet]


def _acknowledge_alerts(actor: Actor, incident: Incident, now: float) -> int:
    """Acknowledge what fires of an open incident, so that nobody is called further; return how many nobody had."""
    if not incident.is_open or not may(actor, Verb.ALERT_WRITE).allowed:
        return 0
    taken = 0
    for part in _firing(incident.id):
        free = [alert.id for alert in part if alert.acked_at is None]
        taken += len(alerts.acknowledge(actor, free, now))
    return taken


def _tell_taken(actor: Actor, incident: Incident, n: int, now: float) -> None:
    if n:
        what = "an alert that had come" if n == 1 else f"{n} alerts that had come"
        telling.acted(actor, incident, Act.ACKNOWLEDGE.value, f"acknowledged {what} since", now)
        _take_part(actor, incident, now)


def _firing(number: int) -> Iterator[list[Alert]]:
    """Yield the alerts of an incident that fire, some at once."""
    last = 0
    while found := alert_store.firing_prints(number, last, AT_ONCE):
        last = found[-1][0]
        there = alerts.of_fingerprints([fingerprint for _, fingerprint in found])
        yield [alert for alert in there if alert.standing.state is SignalState.FIRING]


def _take_part(actor: Actor, incident: Incident, now: float) -> None:
    """Let whoever acts take part; the first one leads."""
    if actor.kind is not ActorKind.USER or not actor.id:
        return
    there = people.responders(incident.id)
    known = next((one for one in there if one.user == actor.id), None)
    led = any(one.role is ResponderRole.LEAD and one.left_at is None for one in there)
    role = known.role if known else ResponderRole.RESPONDER if led else ResponderRole.LEAD
    acked = known.acked_at if known and known.acked_at is not None else now
    joined = known.joined_at if known else now
    people.save_responder(
        Responder(incident=incident.id, user=actor.id, role=role, joined_at=joined, acked_at=acked)
    )
