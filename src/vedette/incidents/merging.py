"""Incidents that belong together: merge them, split one, link them."""

from collections.abc import Collection

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.incidents import progress, telling
from vedette.incidents.store import attached as alert_store
from vedette.incidents.store import entries as entry_store
from vedette.incidents.store import incidents as store
from vedette.incidents.store import people
from vedette.incidents.store import steps as step_store
from vedette.incidents.types import STALE, Declared, Incident, IncidentLink, IncidentState, LinkKind
from vedette.plumbing.db.sql import transaction

MOST_ALERTS = 2_000


def merge(actor: Actor, number: int, into: int, now: float) -> Incident:
    """Let an incident live on in another: timeline, alerts, tasks, people and runbooks go over. Returns that one.

    Raises `NotFound`, `Conflict` with the reason when it cannot be, `Forbidden`.
    """
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        before, target = telling.found(number), telling.found(into)
        step = progress.merged(before, target, now)
        if step.incident is None:
            raise Conflict(step.reason)
        if step_store.running(number, now - STALE):
            raise Conflict(f"A step of a runbook of {before.key} runs just now; wait for its answer.")
        entry_store.copy(number, into)
        alert_store.move(number, into)
        people.move(number, into)
        step_store.move(number, into)
        people.add_link(IncidentLink(incident=number, other=into, kind=LinkKind.MERGED))
        store.save(step.incident)
        target = msgspec.structs.replace(
            target, started_at=min(target.started_at, before.started_at), quiet_since=None, updated_at=now
        )
        store.save(target)
        telling.acted(actor, step.incident, "merge", f"merged it into {target.key}", now, link=target.link)
        telling.acted(
            actor,
            target,
            "merge",
            f"merged {before.key} {before.title} into it",
            now,
            link=before.link,
            told=False,
        )
    return target


def split(actor: Actor, number: int, fingerprints: Collection[str], title: str, now: float) -> Incident:
    """Make an incident of its own of some alerts (their label sets) of one; returns the new one.

    Raises `Invalid` when none of them belongs to it, `NotFound`, `Conflict` for a merged one, `Forbidden`.
    """
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        before = telling.found(number)
        if before.state is IncidentState.MERGED:
            raise Conflict(f"It lives on in INC-{before.merged_into}; split that.")
        taken = [
            alert for alert in alert_store.of(number, MOST_ALERTS) if alert.fingerprint in set(fingerprints)
        ]
        if not taken:
            raise Invalid(
                "Choose the alerts that become an incident of their own.", {"alerts": "None was chosen."}
            )
        title = title.strip() or taken[0].title
        began = min(alert.starts for alert in taken)
        made = store.add(
            Incident(
                id=0, title=title[:200], state=IncidentState.OPEN, severity=before.severity, impact=before.impact, urgency=before.urgency,
                declared=Declared.HAND, declared_by=actor.name, project=before.project, started_at=began, detected_at=now,
                acked_at=before.acked_at, quiet_minutes=before.quiet_minutes, updated_at=now,
            )
        )  # fmt: skip
        prints = [alert.fingerprint for alert in taken]
        alert_store.move(number, made.id, prints)
        entry_store.move(_lines(number, prints), made.id)
        people.add_link(IncidentLink(incident=made.id, other=number, kind=LinkKind.SPLIT))
        n = "an alert" if len(taken) == 1 else f"{len(taken)} alerts"
        telling.acted(
            actor, before, "split", f"split {n} off into {made.key}", now, link=made.link, told=False
        )
        telling.acted(actor, made, "split", f"split it off {before.key} with {n}", now, link=before.link)
    return made


def link(actor: Actor, number: int, other: int, kind: LinkKind, now: float) -> None:
    """Say that two incidents belong together; raises `NotFound`, `Invalid`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    if number == other:
        raise Invalid("An incident is not linked to itself.", {"other": "Name another one."})
    with transaction():
        one, two = telling.found(number), telling.found(other)
        people.add_link(IncidentLink(incident=number, other=other, kind=kind))
        said = f"linked {two.key}" if kind is LinkKind.RELATED else f"said that {two.key} caused it"
        telling.acted(actor, one, "link", said, now, link=two.link, told=False)


def unlink(actor: Actor, number: int, other: int, now: float) -> None:
    """Take a link back; raises `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        one = telling.found(number)
        if all(each.other != other for each in people.links(number)):
            raise NotFound(f"{one.key} and INC-{other} are not linked.")
        people.remove_links(number, other)
        telling.acted(actor, one, "unlink", f"parted it from INC-{other}", now, told=False)


def _lines(number: int, prints: Collection[str]) -> list[int]:
    starts = tuple(f"alert:{name}:" for name in prints)
    return [
        entry.id for entry in entry_store.of(number, telling.MOST_ENTRIES) if entry.source.startswith(starts)
    ]
