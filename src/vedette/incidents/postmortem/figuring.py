"""What did an incident do to people and to money? Pure."""

from vedette.incidents.metrics import timing
from vedette.incidents.postmortem.types import Counted, Figures, PostMortemRules
from vedette.incidents.types import Incident


def figures(incident: Incident, counted: Counted, rules: PostMortemRules, now: float) -> Figures:
    """Return the figures of an incident; while it goes on, its impact is counted until now."""
    times = timing.times(incident)
    impact = times.resolve if times.resolve is not None else max(0.0, now - incident.started_at)
    requests = _beyond(counted)
    return Figures(
        impact=impact, detect=times.detect, acknowledge=times.acknowledge, resolve=times.resolve, requests=requests,
        users=counted.users, money=_money(impact, requests, rules),
    )  # fmt: skip


def _beyond(counted: Counted) -> float | None:
    """Return the failures beyond what is usual at that time of the week."""
    return None if counted.failed is None else max(0.0, counted.failed - (counted.usual or 0.0))


def _money(impact: float, requests: float | None, rules: PostMortemRules) -> float | None:
    if not rules.per_minute and not (rules.per_request and requests is not None):
        return None
    return impact / 60.0 * rules.per_minute + (requests or 0.0) * rules.per_request
