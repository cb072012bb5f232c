"""The SQL of the audit log: it only ever inserts and reads."""

from collections.abc import Sequence

from vedette.accounts.models import AuditRow
from vedette.accounts.types import AuditEntry


def add(entries: Sequence[AuditEntry]) -> None:
    """Insert entries in few statements; their ids are given by the database."""
    AuditRow.objects.bulk_create([_row(entry) for entry in entries])


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        actor=entry.actor[:120],
        action=entry.action[:64],
        subject=entry.subject[:255],
        detail=dict(entry.detail),
        address=entry.address[:45],
    )


def page(
    *, action: str, actor: str, subject: str, start: float | None, before: int | None, n: int
) -> tuple[AuditEntry, ...]:
    """Return entries that match every given filter, newest first. `action` is a prefix, `subject` a part."""
    found = AuditRow.objects.order_by("-id")
    if action:
        found = found.filter(action__startswith=action)
    if actor:
        found = found.filter(actor__iexact=actor)
    if subject:
        found = found.filter(subject__icontains=subject)
    if start is not None:
        found = found.filter(at__gte=start)
    if before is not None:
        found = found.filter(id__lt=before)
    return tuple(_entry(row) for row in found[:n])


def actions() -> tuple[str, ...]:
    """Return every action that was ever written, sorted."""
    return tuple(AuditRow.objects.order_by("action").values_list("action", flat=True).distinct())


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.pk,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        address=row.address,
    )
