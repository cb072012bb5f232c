"""How long did it take to notice, to answer and to end an incident? Pure; lengths in seconds, None while it has not come to that.

Detection is from when the trouble began until somebody or something knew, acknowledgement from then until somebody took it,
resolution from when the trouble began until it was over (mitigated counts: customers had their service back).
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from vedette.incidents.types import Incident


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The lengths of one incident."""

    detect: float
    acknowledge: float | None
    resolve: float | None


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """The means of many: MTTD, MTTA, MTTR in seconds, None where no incident came to that."""

    detect: float | None
    acknowledge: float | None
    resolve: float | None


def over_at(incident: Incident) -> float | None:
    """Return when customers had their service back: mitigated or resolved, whichever came first."""
    return min((at for at in (incident.mitigated_at, incident.resolved_at) if at is not None), default=None)


def times(incident: Incident) -> Times:
    """Return the lengths of an incident; none is negative, whatever somebody wrote as its beginning."""
    over = over_at(incident)
    return Times(
        detect=max(0.0, incident.detected_at - incident.started_at),
        acknowledge=None if incident.acked_at is None else max(0.0, incident.acked_at - incident.detected_at),
        resolve=None if over is None else max(0.0, over - incident.started_at),
    )


def means(incidents: Iterable[Incident]) -> Means:
    """Return the means over incidents, each over those that came to it."""
    found = [times(each) for each in incidents]

    def mean(of: Callable[[Times], float | None]) -> float | None:
        return _mean([value for each in found if (value := of(each)) is not None])

    return Means(
        detect=mean(lambda one: one.detect),
        acknowledge=mean(lambda one: one.acknowledge),
        resolve=mean(lambda one: one.resolve),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
