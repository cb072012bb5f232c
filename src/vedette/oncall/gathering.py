"""What is so when an escalation decides: who is there, who can be paged, who is on call. Read once for many escalations."""

import functools
from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.types import UserRef
from vedette.core.errors import NotFound
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, Person
from vedette.oncall import schedules, standing
from vedette.oncall.escalation import Facts
from vedette.oncall.policy_fitness import ROLES
from vedette.oncall.reading_aloud import Called
from vedette.oncall.store import policies
from vedette.oncall.types import Escalation, EscalationStep, StepKind

_NOTHING = EscalationStep(kind=StepKind.WAIT)


class Circle:
    """The people and channels around escalations at one instant, read as they are asked for."""

    def __init__(self) -> None:
        self._on_call: dict[tuple[int, float], tuple[int, ...] | None] = {}

    @functools.cached_property
    def _refs(self) -> Mapping[int, UserRef]:
        return accounts.user_refs()

    @functools.cached_property
    def names(self) -> Mapping[int, str]:
        """Return the active people by id."""
        return {user: ref.name for user, ref in self._refs.items()}

    @functools.cached_property
    def people(self) -> Mapping[int, Person]:
        """Return who can be told by a channel of their own, by id."""
        return {person.user: person for person in notify.people()}

    @functools.cached_property
    def channels(self) -> Mapping[int, ChannelRef]:
        """Return the shared channels that are on, by id."""
        return {channel.id: channel for channel in notify.channels() if channel.enabled}

    @functools.cached_property
    def default_channels(self) -> Sequence[ChannelRef]:
        """Return the channels that are told where nobody else is."""
        return tuple(channel for channel in self.channels.values() if channel.default)

    @functools.cached_property
    def called(self) -> Called:
        """Return how people, schedules and channels are called."""
        known = {schedule.id: schedule.name for schedule in schedules.schedules()}
        shared = {channel.id: channel.name for channel in notify.channels()}
        return Called(users=self.names, schedules=known, channels=shared)

    def team(self, role: str) -> tuple[int, ...]:
        """Return everybody of a role and above, by id."""
        there = ROLES[: ROLES.index(role) + 1] if role in ROLES else ()
        return tuple(sorted(user for user, ref in self._refs.items() if ref.role in there))

    def look_ahead(self, found: Sequence[Escalation], at: float) -> None:
        """Look who is on in the schedules of escalations, before a transaction keeps others from writing."""
        steps = (step for each in found for step in each.policy.steps)
        for schedule in {step.schedule for step in steps if step.schedule is not None}:
            self.on_call(schedule, at)

    def on_call(self, schedule: int, at: float) -> tuple[int, ...] | None:
        """Return who is on in a schedule; None when it was deleted."""
        if (schedule, at) not in self._on_call:
            self._on_call[schedule, at] = _on_call(schedule, at)
        return self._on_call[schedule, at]


def facts(
    escalation: Escalation, circle: Circle, now: float, *, settled: str, alerts: int, told: bool
) -> Facts:
    """Return what the next move of an escalation is decided on; `told` says that somebody was told in this round."""
    steps = escalation.policy.steps
    step = steps[escalation.step] if escalation.step < len(steps) else _NOTHING
    on_call = circle.on_call(step.schedule, now) if step.schedule is not None else ()
    channel = circle.channels.get(step.channel or 0)
    takes_turns = step.kind is StepKind.ROUND_ROBIN
    return Facts(
        settled=settled,
        names=circle.names,
        reachable=frozenset(circle.people),
        team=circle.team(step.team) if step.team else (),
        on_call=on_call,
        place=circle.called.schedules.get(step.schedule or 0, "") if step.schedule is not None else "",
        channel=channel.name if channel else None,
        turn=policies.turns(escalation.policy.id).get(escalation.step, 0) if takes_turns else 0,
        alerts=alerts,
        told=told,
    )


def _on_call(schedule: int, at: float) -> tuple[int, ...] | None:
    try:
        return standing.on_call(schedule, at)
    except NotFound:
        return None
