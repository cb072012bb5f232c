"""SQL of the alerts that belong to incidents."""

from collections.abc import Collection, Mapping, Sequence

from vedette.incidents.models import AttachedRow
from vedette.incidents.types import AttachedAlert, IncidentState
from vedette.plumbing.db import sql

_OVER = (IncidentState.RESOLVED.value, IncidentState.MERGED.value)
_STANDING = """SELECT count(*), sum(CASE WHEN ends IS NULL THEN 1 ELSE 0 END), max(ends)
    FROM incidents_alert WHERE incident_id = %s"""


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
    rows = AttachedRow.objects.filter(incident=incident).order_by("ends", "starts", "id")[:n]
    return tuple(
        sorted((_alert(row) for row in rows), key=lambda alert: (alert.ends is not None, alert.starts))
    )


def of_many(incidents: Collection[int], n: int = 2_000) -> Mapping[int, tuple[AttachedAlert, ...]]:
    """Return alerts of incidents by their numbers, at most `n` together."""
    found: dict[int, list[AttachedAlert]] = {}
    for row in AttachedRow.objects.filter(incident__in=list(incidents)[:900]).order_by("-id")[:n]:
        found.setdefault(row.incident_id, []).append(_alert(row))
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


def firing_prints(incident: int, n: int) -> tuple[str, ...]:
    """Return up to `n` label sets of alerts of an incident that fire."""
    return tuple(
        AttachedRow.objects.filter(incident=incident, ends=None)
        .order_by("id")
        .values_list("fingerprint", flat=True)[:n]
    )


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
