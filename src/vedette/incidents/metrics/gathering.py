"""Collects what metrics count: incidents of a year, pages of eight weeks, alerts as far as they are kept."""

from vedette.alerts import service as alerts
from vedette.core.clock import day_start
from vedette.incidents import service as incidents
from vedette.incidents.metrics import computing, paging, store
from vedette.incidents.metrics.types import IncidentMetrics

ALERT_DAYS = 35
MOST_INCIDENTS = 5_000
MOST_ALERTS = 5_000


def metrics(now: float) -> IncidentMetrics:
    """Return the metrics up to now."""
    months, weeks = computing.month_names(now), computing.week_names(now)
    found = incidents.between(day_start(f"{months[0]}-01"), now, MOST_INCIDENTS)
    told = alerts.told_lately(now - ALERT_DAYS * computing.DAY, MOST_ALERTS)
    return IncidentMetrics(
        months=computing.months(found, months), weeks=weeks,
        people=computing.people(paging.pages(day_start(weeks[0]), now), weeks),
        rules=computing.rules(told, store.attached([each.fingerprint for each in told])),
        truncated=len(found) >= MOST_INCIDENTS or len(told) >= MOST_ALERTS,
    )  # fmt: skip
