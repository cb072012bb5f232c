"""Metrics as others read them: JSON, lengths in seconds. Pure."""

import msgspec

from vedette.incidents.metrics.types import IncidentMetrics


def shaped(found: IncidentMetrics) -> dict[str, object]:
    """Return the metrics as plain values, with the sums that the page tells."""
    return {
        "months": [
            {"month": month.month, "severities": list(month.severities), "total": month.total, **msgspec.to_builtins(month.means)}
            for month in found.months
        ],
        "weeks": list(found.weeks),
        "people": [{"user": one.user, "weeks": list(one.weeks), "nights": one.nights, "total": one.total} for one in found.people],
        "rules": [{"rule": one.rule, "told": one.told, "acted": one.acted} for one in found.rules],
        "told": found.told,
        "acted": found.acted,
        "truncated": found.truncated,
    }  # fmt: skip


def encoded(found: IncidentMetrics) -> bytes:
    """Return the metrics as JSON."""
    return msgspec.json.encode(shaped(found))
