"""The life of an issue: what events and time do to it. Pure: values and `now` in; standing, transition, reason out.

new --(a day)--> ongoing      resolved --(event)--> regressed --(a week)--> ongoing
muted --(its time, or its count)--> ongoing      people may resolve, mute or reopen from anywhere
"""

import msgspec

from vedette.errors.types import Mute, Reopen, Resolve, State, Status, Transition

NEW_FOR = 86_400.0
REGRESSED_FOR = 7 * 86_400.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an issue stands. `changed_at` is when its state last changed.

    A mute ends at `muted_until`, or once `events` reaches `mute_events`, or `users` reaches `mute_users` (totals,
    not differences); with none of these it lasts.
    """

    state: State
    changed_at: float
    events: int = 0
    users: int = 0
    muted_until: float | None = None
    mute_events: int | None = None
    mute_users: int | None = None

    @property
    def status(self) -> Status:
        """Return what people decided."""
        return {State.RESOLVED: Status.RESOLVED, State.MUTED: Status.MUTED}.get(self.state, Status.OPEN)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Events that came together: how many, how many users were not known before, and when the last was received."""

    events: int
    users: int
    at: float


class Step(msgspec.Struct, frozen=True):
    """How the issue stands now, what happened to it, and why."""

    standing: Standing
    transition: Transition
    reason: str


def step(before: Standing | None, arrival: Arrival, now: float) -> Step:
    """Return what events do to an issue; `before` is None for the first ones."""
    if before is None:
        fresh = Standing(state=State.NEW, changed_at=now, events=arrival.events, users=arrival.users)
        return Step(fresh, Transition.NEW, "No event like this came before.")
    counted = msgspec.structs.replace(
        before, events=before.events + arrival.events, users=before.users + arrival.users
    )
    if before.state is State.RESOLVED:
        return _after_resolved(counted, arrival, now)
    if before.state is State.MUTED:
        return _after_muted(counted, now)
    return aged(counted, now)


def _after_resolved(counted: Standing, arrival: Arrival, now: float) -> Step:
    if arrival.at <= counted.changed_at:
        return Step(counted, Transition.NONE, "It was received before it was resolved.")
    again = msgspec.structs.replace(counted, state=State.REGRESSED, changed_at=now)
    return Step(again, Transition.REGRESSED, "It was resolved, and came again.")


def _after_muted(counted: Standing, now: float) -> Step:
    reason = _mute_ends(counted, now)
    if not reason:
        return Step(counted, Transition.NONE, "It is muted.")
    return Step(_unmuted(counted, now), Transition.UNMUTED, reason)


def _mute_ends(standing: Standing, now: float) -> str:
    if standing.muted_until is not None and now >= standing.muted_until:
        return "The time it was muted for is over."
    if standing.mute_events is not None and standing.events >= standing.mute_events:
        return f"It reached {standing.mute_events} events, the number it was muted until."
    if standing.mute_users is not None and standing.users >= standing.mute_users:
        return f"It reached {standing.mute_users} users, the number it was muted until."
    return ""


def _unmuted(standing: Standing, now: float) -> Standing:
    return msgspec.structs.replace(
        standing, state=State.ONGOING, changed_at=now, muted_until=None, mute_events=None, mute_users=None
    )


def aged(standing: Standing, now: float) -> Step:
    """Return what time alone does to an issue."""
    age = now - standing.changed_at
    if standing.state is State.MUTED and standing.muted_until is not None and now >= standing.muted_until:
        return Step(_unmuted(standing, now), Transition.UNMUTED, "The time it was muted for is over.")
    if (standing.state is State.NEW and age >= NEW_FOR) or (
        standing.state is State.REGRESSED and age >= REGRESSED_FOR
    ):
        older = msgspec.structs.replace(standing, state=State.ONGOING, changed_at=now)
        return Step(older, Transition.NONE, "It is no longer new.")
    return Step(standing, Transition.NONE, "Nothing changed.")


def decided(before: Standing, action: Resolve | Reopen | Mute, now: float) -> Standing:
    """Return how an issue stands after a person decided; equal to `before` when it stood so already."""
    if isinstance(action, Resolve):
        return before if before.state is State.RESOLVED else _cleared(before, State.RESOLVED, now)
    if isinstance(action, Reopen):
        return before if before.status is Status.OPEN else _cleared(before, State.ONGOING, now)
    return msgspec.structs.replace(
        _cleared(before, State.MUTED, now),
        muted_until=action.until,
        mute_events=None if action.events is None else before.events + action.events,
        mute_users=None if action.users is None else before.users + action.users,
    )


def _cleared(before: Standing, state: State, now: float) -> Standing:
    return msgspec.structs.replace(
        before, state=state, changed_at=now, muted_until=None, mute_events=None, mute_users=None
    )
