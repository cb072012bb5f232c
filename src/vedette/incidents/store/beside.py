"""What runbooks and post-mortems ask of incidents and write on their timelines."""

from vedette.core.errors import NotFound
from vedette.incidents.models import EntryRow, IncidentRow
from vedette.incidents.types import (
    Declared,
    EntryDraft,
    Impact,
    Incident,
    IncidentState,
    Sev,
    Urgency,
)
from vedette.plumbing.db.faults import guarded


@guarded()
def incident(number: int) -> Incident:
    """Return an incident; raises `NotFound`."""
    row = IncidentRow.objects.filter(pk=number).first()
    if row is None:
        raise NotFound(f"There is no incident INC-{number}.")
    return incident_of(row)


def entry_added(number: int, draft: EntryDraft) -> None:
    """Write a line on a timeline in the caller's transaction; one whose source stands there is left as it is."""
    EntryRow.objects.get_or_create(
        incident_id=number, source=draft.source[:120],
        defaults={
            "at": draft.at, "kind": draft.kind.value, "text": draft.text, "detail": draft.detail, "link": draft.link,
            "by": draft.by[:200], "tone": draft.tone, "subject": draft.subject[:200],
        },
    )  # fmt: skip


def incident_of(row: IncidentRow) -> Incident:
    """Return the incident of a row."""
    announced = (row.status_page, row.status_notice) if row.status_page and row.status_notice else None
    return Incident(
        id=row.pk, title=row.title, state=IncidentState(row.state), severity=Sev(row.severity), impact=Impact(row.impact),
        urgency=Urgency(row.urgency), declared=Declared(row.declared), declared_by=row.declared_by,
        started_at=row.started_at, detected_at=row.detected_at, summary=row.summary, project=row.project, rule=row.rule,
        acked_at=row.acked_at, mitigated_at=row.mitigated_at, resolved_at=row.resolved_at,
        quiet_minutes=row.quiet_minutes, quiet_since=row.quiet_since, merged_into=row.merged_into, announced=announced,
        draft=row.draft, updated_at=row.updated_at,
    )  # fmt: skip
