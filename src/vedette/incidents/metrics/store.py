"""SQL of metrics: which alerts were part of an incident."""

from collections.abc import Collection

from vedette.incidents.models import AttachedRow
from vedette.plumbing.db import sql


def attached(fingerprints: Collection[str]) -> frozenset[str]:
    """Return those of the fingerprints that stand in an incident."""
    found: set[str] = set()
    for part in sql.batched(list(fingerprints)):
        found.update(AttachedRow.objects.filter(fingerprint__in=part).values_list("fingerprint", flat=True))
    return frozenset(found)
