"""By when a finding should be fixed."""

from collections.abc import Mapping

from vedette.wire.finding import Finding, Severity, severity_of

DAY = 86_400.0
EXPLOITED_DAYS = 2.0
DAYS: Mapping[Severity, float] = {
    Severity.CRITICAL: 3.0,
    Severity.HIGH: 14.0,
    Severity.MEDIUM: 60.0,
    Severity.LOW: 180.0,
}


def due_at(finding: Finding, since: float, before: float | None = None) -> float | None:
    """Return by when it should be fixed, counted from `since`; never later than it was `before`. None: whenever.

    What attackers are known to use has two days, whatever its severity.
    """
    days = DAYS.get(severity_of(finding.risk))
    if finding.exploited:
        days = EXPLOITED_DAYS
    if days is None:
        return None
    fresh = since + days * DAY
    return fresh if before is None else min(before, fresh)
