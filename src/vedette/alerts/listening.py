"""Whom an alert, or what was done to an issue, concerns: people's preferences against what it is to them.

The decisions are `notify`'s (`hearing.hears`); here stands what they are asked about.
"""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.alerts import telling
from vedette.alerts.dedup import Code, Reason
from vedette.alerts.types import Alert
from vedette.core.errors import NotFound
from vedette.errors import service as errors
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, Concern, Hearing, Person
from vedette.plumbing.ports import ports
from vedette.signals.types import Signal

PERSONAL = frozenset({"issue.assigned", "issue.commented"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a rule or a receiver names: ids of users, e-mail addresses, whether whoever it is assigned to; and ids of policies."""

    people: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    assignee: bool = False
    policies: tuple[int, ...] = ()

    @property
    def names_people(self) -> bool:
        """Tell whether it names people, and not only policies that will find some."""
        return bool(self.people or self.emails or self.assignee)


class Listener(msgspec.Struct, frozen=True):
    """A person who is told, and why; `named` when the rule asks for them."""

    person: Person
    why: str
    named: bool


class Heard(msgspec.Struct, frozen=True):
    """Who is told, and (name and reason) whom only the quiet keeps from it."""

    told: tuple[Listener, ...]
    quieted: tuple[tuple[str, str], ...]


def of_alert(asked_for: Asked, alert: Alert, people: Sequence[Person], now: float) -> Heard:
    """Return who hears of an alert by channels of their own."""
    if not people:
        return Heard((), ())
    assignee, followers = _assignee(alert.labels.get("issue", "")), notify.followers(alert.subject)
    asked = []
    for person in people:
        mine = person.user == assignee
        named = person.user in asked_for.people or person.email in asked_for.emails
        concern = Concern(
            severity=alert.standing.severity.value,
            project=alert.project,
            named=named or (asked_for.assignee and mine),
            assigned=mine,
            followed=person.user in followers,
        )
        asked.append((person, concern.named, notify.hears(person.preferences, concern, now)))
    return _heard(asked)


def tell_personal(
    signal: Signal, people: Sequence[Person], project: str, now: float
) -> list[tuple[str, Reason, str]]:
    """Tell whoever something done to an issue concerns; return for each channel its name, the reason and the key."""
    heard = _heard((person, False, _hears_act(person, signal, now)) for person in people)
    lines = []
    for listener in heard.told:
        for channel in _at_once(listener.person):
            key = f"own.{signal.annotations['act']}.{channel.id}"
            notice = telling.of_act(signal, listener.why, project, ports().settings.public_url, now)
            notify.queue(channel.id, notice, key, now)
            name = f"{listener.person.name}: {channel.name}"
            lines.append((name, Reason(Code.PERSONAL, True, False, listener.why), key))
    return lines + [(name, Reason(Code.QUIET, False, False, why), "") for name, why in heard.quieted]


def _at_once(person: Person) -> tuple[ChannelRef, ...]:
    """Return the channels of their default rule's first step: what somebody did is nothing to acknowledge."""
    planned = notify.plan(person.preferences, person.channels, "info")
    return tuple(step.channel for step in planned if step.number == 1)


def _hears_act(person: Person, signal: Signal, now: float) -> Hearing:
    text = signal.annotations.get("comment", "")
    concern = Concern(
        severity=signal.severity.value,
        project=signal.project,
        assigned=signal.labels.get("assignee") == str(person.user),
        followed=signal.kind == "issue.commented" and person.user in notify.followers(signal.subject),
        mentioned=bool(text) and notify.mentioned(text, person.name, person.email),
        own=signal.labels.get("by") == str(person.user),
        personal=True,
    )
    return notify.hears(person.preferences, concern, now)


def _heard(asked: Iterable[tuple[Person, bool, Hearing]]) -> Heard:
    found = list(asked)
    told = [Listener(person, heard.reason, named) for person, named, heard in found if heard.tell]
    return Heard(
        tuple(told), tuple((person.name, heard.reason) for person, _, heard in found if heard.quieted)
    )


def _assignee(issue: str) -> int | None:
    try:
        return errors.issue(issue).assignee if issue else None
    except NotFound:
        return None
