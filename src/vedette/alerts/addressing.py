"""Who is told of a group: the channels of its receiver, and the people whom its alerts concern."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts import listening
from vedette.alerts.listening import Asked
from vedette.alerts.routing import DEFAULT_RECEIVER
from vedette.alerts.silencing import Silence
from vedette.alerts.types import Alert, Group, Receiver, Routing, Rule
from vedette.alerts.whither import RULE
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, Person, Planned
from vedette.oncall.types import Policy

MOST_ASKED = 200  # of how many alerts of a group it is asked whom they concern


class Setting(msgspec.Struct, frozen=True):
    """What is in force while a batch is dealt with."""

    rules: tuple[Rule, ...]
    channels: Mapping[int, ChannelRef]
    people: tuple[Person, ...]
    table: Routing
    silences: tuple[Silence, ...]
    now: float
    policies: tuple[Policy, ...] = ()


class Addressee(msgspec.Struct, frozen=True):
    """A channel to tell. `person` and `why` say whose own it is, and why it is theirs; both empty for everybody's.

    `alerts` are the ids of the alerts that concern it, None when all of the group do. `step` is the one of the
    person's rule that tells it.
    """

    channel: ChannelRef
    person: str = ""
    why: str = ""
    alerts: frozenset[int] | None = None
    step: Planned | None = None

    @property
    def later(self) -> bool:
        """Tell whether it is told only when nobody acknowledged what was told before."""
        return self.step is not None and self.step.number > 1

    @property
    def name(self) -> str:
        """Return how the trace and the delivery log call it."""
        return f"{self.person}: {self.channel.name}" if self.person else self.channel.name


class Addressees(msgspec.Struct, frozen=True):
    """Who is told, (name and reason) whom only the quiet keeps from it, and by which policies people are paged."""

    told: tuple[Addressee, ...]
    quieted: tuple[tuple[str, str], ...]
    policies: tuple[Policy, ...] = ()


def addressees(group: Group, alerts: Sequence[Alert], setting: Setting) -> Addressees:
    """Return whom a group of alerts is told to; the default channels where nobody it names can be told.

    A policy that is gone names nobody; one that is there pages people, and tells the default channels itself when it
    reaches nobody.
    """
    named, asked = receiver_of(group.destination.receiver, setting)
    own, quieted, reached = (
        _people(asked, alerts, setting) if group.people or asked.names_people else ((), (), False)
    )
    shared = named
    if not named and not reached and not asked.policies:
        shared = tuple(each for each in setting.channels.values() if each.default and each.enabled)
    policies = tuple(each for each in setting.policies if each.id in asked.policies)
    return Addressees((*(Addressee(channel) for channel in shared), *own), quieted, policies)


def receiver_of(name: str, setting: Setting) -> tuple[tuple[ChannelRef, ...], Asked]:
    """Return the channels a receiver names, and the people."""
    if name == DEFAULT_RECEIVER:
        return (), Asked()
    if name.startswith(RULE):
        return _of_rule(name, setting)
    written = next(
        (each for each in setting.table.receivers if each.name == name), Receiver(name=name, channels=(name,))
    )
    found = tuple(each for each in setting.channels.values() if each.name in written.channels)
    policies = tuple(each.id for each in setting.policies if each.name in written.policies)
    return found, Asked(emails=written.people, policies=policies)


def _of_rule(name: str, setting: Setting) -> tuple[tuple[ChannelRef, ...], Asked]:
    rule = next((each for each in setting.rules if f"{RULE}{each.id}" == name), None)
    if rule is None:
        return (), Asked()
    found = tuple(setting.channels[each] for each in rule.channels if each in setting.channels)
    policies = tuple(each.id for each in setting.policies if each.id == rule.policy)
    return found, Asked(people=rule.people, assignee=rule.assignee, policies=policies)


def _people(
    asked: Asked, alerts: Sequence[Alert], setting: Setting
) -> tuple[tuple[Addressee, ...], tuple[tuple[str, str], ...], bool]:
    """Return the channels of the people concerned, whom the quiet keeps from it, and whether one who is named is told."""
    heard = [
        (alert, listening.of_alert(asked, alert, setting.people, setting.now))
        for alert in alerts[:MOST_ASKED]
    ]
    concerned: dict[int, tuple[Person, str, list[int]]] = {}
    for alert, each in heard:
        for one in each.told:
            concerned.setdefault(one.person.user, (one.person, one.why, []))[2].append(alert.id)
    severities = {alert.id: alert.standing.severity for alert in alerts}
    own = tuple(
        Addressee(step.channel, person.name, _words(why, step), frozenset(ids), step)
        for person, why, ids in concerned.values()
        for step in notify.plan(
            person.preferences,
            person.channels,
            max((severities[each] for each in ids), key=lambda s: s.rank).value,
        )
    )
    quieted = dict(pair for _, each in heard for pair in each.quieted)
    reached = any(one.named for _, each in heard for one in each.told if one.person.channels)
    return own, tuple(quieted.items()), reached


def _words(why: str, step: Planned) -> str:
    """Return why it is theirs, and the step where the rule says more than that all are told."""
    return f"{why} {step.reason}" if step.which == "important" or step.number > 1 else why
