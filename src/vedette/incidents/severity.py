"""How severe is it? Pure: impact and urgency make a severity, and alerts suggest both.

Source of the matrix: ITIL's priority matrix (impact x urgency), cut to four severities.
"""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.incidents.types import AttachedAlert, Impact, Sev, Urgency

MANY_SUBJECTS = 5
MATRIX: Mapping[tuple[Impact, Urgency], Sev] = {
    (Impact.ALL, Urgency.NOW): Sev.ONE,
    (Impact.ALL, Urgency.SOON): Sev.ONE,
    (Impact.ALL, Urgency.LATER): Sev.TWO,
    (Impact.MANY, Urgency.NOW): Sev.ONE,
    (Impact.MANY, Urgency.SOON): Sev.TWO,
    (Impact.MANY, Urgency.LATER): Sev.THREE,
    (Impact.SOME, Urgency.NOW): Sev.TWO,
    (Impact.SOME, Urgency.SOON): Sev.THREE,
    (Impact.SOME, Urgency.LATER): Sev.THREE,
    (Impact.NONE, Urgency.NOW): Sev.THREE,
    (Impact.NONE, Urgency.SOON): Sev.FOUR,
    (Impact.NONE, Urgency.LATER): Sev.FOUR,
}
IMPACTS: Mapping[Impact, str] = {
    Impact.ALL: "Everybody is hit",
    Impact.MANY: "Many are hit",
    Impact.SOME: "Some are hit",
    Impact.NONE: "Nobody outside the team is hit",
}
URGENCIES: Mapping[Urgency, str] = {
    Urgency.NOW: "nothing goes on without it",
    Urgency.SOON: "it gets worse",
    Urgency.LATER: "it bears a while",
}
_URGENCY_OF = {"critical": Urgency.NOW, "high": Urgency.SOON}


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may take over: impact and urgency, the severity they make, and why."""

    impact: Impact
    urgency: Urgency
    severity: Sev
    reason: str


def of(impact: Impact, urgency: Urgency) -> tuple[Sev, str]:
    """Return the severity of an impact and an urgency, and why."""
    found = MATRIX[impact, urgency]
    return found, f"{IMPACTS[impact]}, and {URGENCIES[urgency]}: SEV {found.value}."


def suggested(alerts: Sequence[AttachedAlert]) -> Suggestion | None:
    """Return what alerts suggest: urgency by the worst that fires, impact by how many subjects; None without any."""
    firing = [alert for alert in alerts if alert.ends is None]
    if not firing:
        return None
    urgency = min((_URGENCY_OF.get(alert.severity, Urgency.LATER) for alert in firing), key=_ORDER.index)
    subjects = {alert.subject or alert.fingerprint for alert in firing}
    impact = Impact.MANY if len(subjects) >= MANY_SUBJECTS else Impact.SOME
    severity = MATRIX[impact, urgency]
    n = len(firing)
    told = f"{n} {'alert fires' if n == 1 else 'alerts fire'} for {len(subjects)} {'subject' if len(subjects) == 1 else 'subjects'}"
    return Suggestion(
        impact=impact, urgency=urgency, severity=severity, reason=f"{told}: SEV {severity.value}."
    )


_ORDER = list(Urgency)
