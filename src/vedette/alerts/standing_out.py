"""Which alert needs a look first? Pure: what fires by where it stands, in the groups in which it is told, worst first."""

import enum
from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts.hearkening import INHIBITION, SILENCE, Quietness
from vedette.alerts.types import Alert, Group


class Place(enum.StrEnum):
    """Where a firing alert stands: nobody has it yet, somebody has, or something keeps it quiet."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    INHIBITED = "inhibited"


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts told together, worst first: their group's id (0 when it is gone) and labels, and whom its route tells."""

    group: int
    labels: Mapping[str, str]
    receiver: str
    alerts: tuple[Alert, ...]

    @property
    def title(self) -> str:
        """Return the labels that make the group, as they are written."""
        return ", ".join(f"{name}={value}" for name, value in sorted(self.labels.items())) or "everything"


class Listing(msgspec.Struct, frozen=True):
    """What fires, by place, each in its groups; and why each that is quiet is, by the alert's id."""

    bundles: Mapping[Place, tuple[Bundle, ...]]
    quiet: Mapping[int, Quietness]

    def count(self, place: Place) -> int:
        """Return how many alerts stand there."""
        return sum(len(bundle.alerts) for bundle in self.bundles[place])

    def whole(self, firing: int) -> bool:
        """Tell whether all that fires stands here: the list looks at the worst alone."""
        return firing == sum(self.count(place) for place in Place)

    def alerts(self, place: Place) -> tuple[Alert, ...]:
        """Return the alerts that stand there."""
        return tuple(alert for bundle in self.bundles[place] for alert in bundle.alerts)


def place(alert: Alert, quiet: Quietness) -> Place:
    """Return where a firing alert stands; what keeps it quiet counts before who takes care of it."""
    if quiet.by == INHIBITION:
        return Place.INHIBITED
    if quiet.by == SILENCE:
        return Place.SILENCED
    return Place.OPEN if alert.acked_at is None else Place.ACKNOWLEDGED


def listing(firing: Sequence[Alert], quiet: Mapping[int, Quietness], groups: Mapping[str, Group]) -> Listing:
    """Sort what fires into its places and groups; `groups` are by key."""
    by_place: dict[Place, list[Alert]] = {each: [] for each in Place}
    for alert in firing:
        by_place[place(alert, quiet[alert.id])].append(alert)
    return Listing({each: _bundles(alerts, groups) for each, alerts in by_place.items()}, quiet)


def _bundles(alerts: Sequence[Alert], groups: Mapping[str, Group]) -> tuple[Bundle, ...]:
    together: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=_worst):
        together.setdefault(alert.groups[0] if alert.groups else alert.fingerprint, []).append(alert)
    return tuple(_bundle(groups.get(key), found) for key, found in together.items())


def _bundle(group: Group | None, alerts: Sequence[Alert]) -> Bundle:
    return Bundle(
        group=group.id if group else 0,
        labels=group.labels if group else {},
        receiver=group.destination.receiver if group else "",
        alerts=tuple(alerts),
    )


def _worst(alert: Alert) -> tuple[int, float, int]:
    return -alert.standing.severity.rank, -alert.standing.starts, -alert.id
