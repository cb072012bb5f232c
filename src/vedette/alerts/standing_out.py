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
    """Alerts told together, worst first, by the key of their group.

    What `named` fills in: the group's id (0 when it is gone) and labels, and whom its route tells.
    """

    key: str
    alerts: tuple[Alert, ...]
    group: int = 0
    labels: Mapping[str, str] = {}
    receiver: str = ""

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


def listing(firing: Sequence[Alert], quiet: Mapping[int, Quietness]) -> Listing:
    """Sort what fires into its places and groups; these are not named yet, for few of them are shown."""
    by_place: dict[Place, list[Alert]] = {each: [] for each in Place}
    for alert in firing:
        by_place[place(alert, quiet[alert.id])].append(alert)
    return Listing({each: _bundles(alerts) for each, alerts in by_place.items()}, quiet)


def named(bundles: Sequence[Bundle], groups: Mapping[str, Group]) -> tuple[Bundle, ...]:
    """Return bundles with what is known of their groups, which are by key."""
    return tuple(_named(each, groups.get(each.key)) for each in bundles)


def _bundles(alerts: Sequence[Alert]) -> tuple[Bundle, ...]:
    together: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=_worst):
        together.setdefault(alert.groups[0] if alert.groups else alert.fingerprint, []).append(alert)
    return tuple(Bundle(key=key, alerts=tuple(found)) for key, found in together.items())


def _named(bundle: Bundle, group: Group | None) -> Bundle:
    if group is None:
        return bundle
    return msgspec.structs.replace(
        bundle, group=group.id, labels=group.labels, receiver=group.destination.receiver
    )


def _worst(alert: Alert) -> tuple[int, float, int]:
    return -alert.standing.severity.rank, -alert.standing.starts, -alert.id
