"""SQL of the alerts that belong to incidents."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from vedette.incidents.models import AttachedRow
from vedette.incidents.types import AttachedAlert, IncidentState
from vedette.plumbing.db import sql

_OVER = (IncidentState.RESOLVED.value, IncidentState.MERGED.value)
_STANDING = """SELECT count(*), sum(CASE WHEN ends IS NULL THEN 1 ELSE 0 END), max(ends)
    FROM incidents_alert WHERE incident_id = %s"""
_COLUMNS = "incident_id, fingerprint, title, link, severity, subject, labels, starts, ends"
_OF = f"SELECT {_COLUMNS} FROM incidents_alert WHERE incident_id = %s ORDER BY ends IS NOT NULL, starts, id LIMIT %s"  # noqa: S608 - constants
_LABELS = msgspec.json.Decoder(dict[str, str])


def save(alerts: Sequence[AttachedAlert]) -> None:
    """Insert or overwrite alerts of incidents."""
    AttachedRow.objects.bulk_create(
        [_row(alert) for alert in alerts],
        update_conflicts=True,
        unique_fields=["incident", "fingerprint"],
        update_fields=["title", "link", "severity", "subject", "labels", "starts", "ends"],
    )


def of(incident: int, n: int) -> tuple[AttachedAlert, ...]:
    """Return up to `n` alerts of an incident, those that fire first, then the oldest first."""
    return tuple(sql.rows(_of_columns, _OF, (incident, n)))


def of_many(incidents: Collection[int], n: int) -> Mapping[int, tuple[AttachedAlert, ...]]:
    """Return alerts of incidents by their numbers, at most `n` together, the newest."""
    found: dict[int, list[AttachedAlert]] = {}
    some = list(incidents)[:900]
    statement = f"SELECT {_COLUMNS} FROM incidents_alert WHERE incident_id IN ({sql.marks(len(some))}) ORDER BY id DESC LIMIT %s"  # noqa: S608 - marks
    for alert in sql.rows(_of_columns, statement, (*some, n)) if some else ():
        found.setdefault(alert.incident, []).append(alert)
    return {number: tuple(alerts) for number, alerts in found.items()}


def in_open(fingerprints: Sequence[str]) -> Mapping[str, tuple[AttachedAlert, ...]]:
    """Return, by label set, the alerts as they stand in incidents that are not over."""
    found: dict[str, list[AttachedAlert]] = {}
    for part in sql.batched(fingerprints):
        rows = AttachedRow.objects.filter(fingerprint__in=part).exclude(incident__state__in=_OVER)
        for row in rows:
            found.setdefault(row.fingerprint, []).append(_alert(row))
    return {name: tuple(alerts) for name, alerts in found.items()}


def standing(incident: int) -> tuple[int, int, float | None]:
    """Return how many alerts an incident has, how many of them fire, and when the last one ended."""
    row = sql.query_one(_STANDING, (incident,))
    n, firing, last = row or (0, 0, None)
    return int(n or 0), int(firing or 0), None if last is None else float(last)


def firing_prints(incident: int, after: int, n: int) -> tuple[tuple[int, str], ...]:
    """Return up to `n` label sets of alerts of an incident that fire, past a place, each with its own."""
    firing = AttachedRow.objects.filter(incident=incident, ends=None, pk__gt=after)
    return tuple(firing.order_by("pk").values_list("pk", "fingerprint")[:n])


def firing_in_open(after: int, n: int) -> tuple[int, tuple[AttachedAlert, ...]]:
    """Return up to `n` alerts that fire in incidents that are not over, past a place, and the place of the last."""
    rows = (
        AttachedRow.objects.filter(pk__gt=after, ends=None).exclude(incident__state__in=_OVER).order_by("pk")
    )
    found = list(rows[:n])
    return found[-1].pk if found else after, tuple(map(_alert, found))


def move(source: int, incident: int, fingerprints: Collection[str] | None = None) -> None:
    """Give alerts of an incident (all, or these label sets) to another one."""
    rows = AttachedRow.objects.filter(incident=source)
    if fingerprints is not None:
        rows = rows.filter(fingerprint__in=list(fingerprints)[:900])
    there = AttachedRow.objects.filter(incident=incident).values("fingerprint")
    rows.exclude(fingerprint__in=there).update(incident=incident)
    rows.filter(incident=source).delete()


def _row(alert: AttachedAlert) -> AttachedRow:
    return AttachedRow(
        incident_id=alert.incident, fingerprint=alert.fingerprint, title=alert.title, link=alert.link[:500],
        severity=alert.severity, subject=alert.subject[:200], labels=dict(alert.labels), starts=alert.starts, ends=alert.ends,
    )  # fmt: skip


def _alert(row: AttachedRow) -> AttachedAlert:
    return AttachedAlert(
        incident=row.incident_id, fingerprint=row.fingerprint, title=row.title, link=row.link, severity=row.severity,
        subject=row.subject, labels=row.labels, starts=row.starts, ends=row.ends,
    )  # fmt: skip


def _of_columns(  # noqa: PLR0917 - the columns of the table, in order
    incident: int, fingerprint: str, title: str, link: str, severity: str, subject: str, labels: str, starts: float, ends: float | None
) -> AttachedAlert:  # fmt: skip
    return AttachedAlert(
        incident=incident, fingerprint=fingerprint, title=title, link=link, severity=severity, subject=subject,
        labels=_LABELS.decode(labels), starts=starts, ends=ends,
    )  # fmt: skip
