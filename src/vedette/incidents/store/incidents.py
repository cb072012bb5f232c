"""SQL of incidents themselves."""

from collections.abc import Collection, Mapping

from vedette.incidents.models import IncidentRow
from vedette.incidents.types import Declared, Impact, Incident, IncidentState, Sev, Urgency

_OVER = (IncidentState.RESOLVED.value, IncidentState.MERGED.value)
_FIELDS = (
    "title", "summary", "project", "rule", "started_at", "detected_at", "acked_at", "mitigated_at", "resolved_at",
    "resolved_by_hand", "quiet_minutes", "quiet_since", "merged_into", "draft", "updated_at",
)  # fmt: skip


def add(incident: Incident, rule_key: str = "") -> Incident:
    """Insert an incident (its `id` is ignored) and return it with its number."""
    return _incident(IncidentRow.objects.create(rule_key=rule_key, **_columns(incident)))


def save(incident: Incident) -> None:
    """Overwrite an incident."""
    IncidentRow.objects.filter(pk=incident.id).update(**_columns(incident))


def find(number: int) -> Incident | None:
    """Return an incident, or None."""
    row = IncidentRow.objects.filter(pk=number).first()
    return None if row is None else _incident(row)


def some(numbers: Collection[int]) -> Mapping[int, Incident]:
    """Return incidents by their numbers, as far as they are there."""
    return {row.pk: _incident(row) for row in IncidentRow.objects.filter(pk__in=list(numbers)[:900])}


def still_open() -> tuple[Incident, ...]:
    """Return what is open, the worst first, then the longest."""
    rows = (
        IncidentRow.objects.filter(resolved_at=None)
        .exclude(state__in=_OVER)
        .order_by("severity", "started_at", "id")
    )
    return tuple(_incident(row) for row in rows)


def past(before: tuple[float, int] | None, n: int) -> tuple[Incident, ...]:
    """Return up to `n` incidents that are over, the newest first, past (`started_at`, id)."""
    rows = IncidentRow.objects.filter(state__in=_OVER)
    if before is not None:
        at, number = before
        rows = rows.filter(started_at__lte=at).exclude(started_at=at, pk__gte=number)
    return tuple(_incident(row) for row in rows.order_by("-started_at", "-pk")[:n])


def of_rule(rule: int, key: str) -> Incident | None:
    """Return the newest incident of a rule under a key, or None; of one that was merged the one it lives on in."""
    row = IncidentRow.objects.filter(rule=rule, rule_key=key).order_by("-pk").first()
    while row is not None and row.merged_into is not None:
        row = IncidentRow.objects.filter(pk=row.merged_into).first()
    return None if row is None else _incident(row)


def latest(n: int) -> tuple[Incident, ...]:
    """Return the newest `n` incidents that were not merged."""
    rows = IncidentRow.objects.exclude(state=IncidentState.MERGED.value).order_by("-started_at")[:n]
    return tuple(_incident(row) for row in rows)


def between(start: float, end: float, n: int) -> tuple[Incident, ...]:
    """Return the newest `n` incidents that began in `start` <= t < `end`."""
    rows = IncidentRow.objects.filter(started_at__gte=start, started_at__lt=end).order_by("-started_at")[:n]
    return tuple(_incident(row) for row in rows)


def leave_project(project: int) -> None:
    """Forget which incidents were of a project that is being deleted; they stay."""
    IncidentRow.objects.filter(project=project).update(project=None)


def _columns(incident: Incident) -> dict[str, object]:
    page, notice = incident.announced or ("", None)
    return {
        **{name: getattr(incident, name) for name in _FIELDS},
        "state": incident.state.value, "severity": int(incident.severity), "impact": incident.impact.value,
        "urgency": incident.urgency.value, "declared": incident.declared.value, "declared_by": incident.declared_by[:200],
        "status_page": page, "status_notice": notice,
    }  # fmt: skip


def _incident(row: IncidentRow) -> Incident:
    return Incident(
        id=row.pk, state=IncidentState(row.state), severity=Sev(row.severity), impact=Impact(row.impact),
        urgency=Urgency(row.urgency), declared=Declared(row.declared), declared_by=row.declared_by,
        announced=(row.status_page, row.status_notice) if row.status_page and row.status_notice is not None else None,
        **{name: getattr(row, name) for name in _FIELDS},
    )  # fmt: skip
