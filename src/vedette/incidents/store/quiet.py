"""SQL of alerts that would make incidents, were they not kept quiet."""

from collections.abc import Collection

from vedette.incidents.models import QuietRow
from vedette.plumbing.db import sql


def remember(fingerprints: Collection[str], now: float) -> None:
    """Remember that alerts (their label sets) are quiet as of `now`."""
    QuietRow.objects.bulk_create(
        [QuietRow(fingerprint=each, looked_at=now) for each in fingerprints],
        update_conflicts=True,
        unique_fields=["fingerprint"],
        update_fields=["looked_at"],
    )


def due(before: float, n: int) -> tuple[str, ...]:
    """Return up to `n` that were looked at before an instant, the longest ago first."""
    rows = QuietRow.objects.filter(looked_at__lte=before).order_by("looked_at", "pk")
    return tuple(rows.values_list("pk", flat=True)[:n])


def forget(fingerprints: Collection[str]) -> None:
    """Forget alerts that are quiet no more, or are over."""
    for part in sql.batched(tuple(fingerprints)):
        QuietRow.objects.filter(pk__in=part).delete()
