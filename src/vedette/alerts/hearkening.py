"""How a group hears its alerts: what keeps each quiet, whether it fires, and what a receiver was to know. Pure.

A group that looks and an explanation of what it would do ask the same questions here.
"""

from collections.abc import Sequence

import msgspec

from vedette.alerts import flapping, inhibition, silencing, whither
from vedette.alerts.dedup import Policy
from vedette.alerts.flapping import Flapping
from vedette.alerts.inhibition import Sources
from vedette.alerts.silencing import Silence
from vedette.alerts.types import Alert, Group, Member, Routing
from vedette.signals.types import SignalState

SILENCE, INHIBITION = "silence", "inhibition"


class Quietness(msgspec.Struct, frozen=True):
    """What keeps an alert quiet (`silence`, `inhibition` or nothing), in words, and until when where that is known."""

    by: str = ""
    reason: str = ""
    until: float | None = None


class Heard(msgspec.Struct, frozen=True):
    """One alert of a group as it is to be told: what keeps it quiet, and whether it flaps."""

    member: Member
    quiet: Quietness
    flaps: Flapping | None

    @property
    def alert(self) -> Alert:
        """Return the alert."""
        return self.member.alert

    @property
    def name(self) -> str:
        """Return what is noted as told."""
        return f"{self.alert.fingerprint}.flaps" if self.flaps else self.alert.name

    @property
    def fires(self) -> bool:
        """Tell whether it counts as firing: what flaps does, whatever it is at this moment."""
        return self.flaps is not None or self.alert.standing.state is not SignalState.RESOLVED


def quietness(
    alert: Alert, table: Routing, silences: Sequence[Silence], sources: Sources, now: float
) -> Quietness:
    """Return what keeps an alert quiet at `now`: an inhibition before a silence."""
    labels = whither.seen_labels(alert)
    muted = inhibition.muted(table.inhibitions, labels, sources)
    if muted is not None:
        return Quietness(INHIBITION, muted.reason)
    held = silencing.quiet(silences, labels, now)
    return Quietness() if held is None else Quietness(SILENCE, f"{held.reason.rstrip('.')}.", held.until)


def heard(member: Member, table: Routing, silences: Sequence[Silence], sources: Sources, now: float) -> Heard:
    """Return an alert of a group as it is to be told at `now`."""
    alert = member.alert
    return Heard(member, quietness(alert, table, silences, sources, now), flapping.judge(alert.flips, now))


def concerning(found: Sequence[Heard], alerts: frozenset[int] | None) -> tuple[Heard, ...]:
    """Return what a receiver hears: what nothing keeps quiet, of `alerts` (ids; None is all of the group)."""
    return tuple(each for each in found if not each.quiet.by and (alerts is None or each.alert.id in alerts))


def names(found: Sequence[Heard]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of what fires and of what is over."""
    return frozenset(e.name for e in found if e.fires), frozenset(e.name for e in found if not e.fires)


def policy(group: Group, found: Sequence[Heard]) -> Policy:
    """Return how the receivers of a group are told of what they hear."""
    firing = [each for each in found if each.fires]
    return Policy(
        repeat_interval=group.destination.timing.repeat,
        send_resolved=group.destination.send_resolved,
        woken=frozenset(each.name for each in firing if each.member.muted == SILENCE),
        taken=bool(firing) and all(each.alert.acked_at is not None for each in firing),
    )
