"""The life of an issue: what events and time do to it. Pure: values and `now` in; standing, transition, reason out.

new --(a day)--> ongoing      resolved --(event)--> regressed --(a week)--> ongoing
muted --(its time, or its count)--> ongoing      muted --(far more than usual)--> escalating --(a week)--> ongoing
people may resolve, mute or reopen from anywhere
"""

import msgspec

from vedette.errors import escalating, releasing
from vedette.errors.releasing import Fix, Release
from vedette.errors.types import Fixed, Mute, Reopen, Resolve, State, Status, Transition

NEW_FOR = 86_400.0
_NEWS = frozenset({State.REGRESSED, State.ESCALATING})
REGRESSED_FOR = 7 * 86_400.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an issue stands. `changed_at` is when its state last changed.

    A mute ends at `muted_until`, or once `events` reaches `mute_events`, or `users` reaches `mute_users` (totals,
    not differences), or in an hour with far more than `mute_usual` events; with none of these it lasts. What is
    resolved may be so only in releases after `fixed_after`, or from `fixed_in` on.
    """

    state: State
    changed_at: float
    events: int = 0
    users: int = 0
    muted_until: float | None = None
    mute_events: int | None = None
    mute_users: int | None = None
    mute_usual: int | None = None
    fixed_after: str | None = None
    fixed_in: str | None = None

    @property
    def awaits_release(self) -> bool:
        """Tell whether it is resolved in some releases only."""
        return self.fixed_after is not None or self.fixed_in is not None

    @property
    def status(self) -> Status:
        """Return what people decided."""
        return {State.RESOLVED: Status.RESOLVED, State.MUTED: Status.MUTED}.get(self.state, Status.OPEN)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Events that came together: how many, how many users were not known before, and when the last was received.

    `last_hour` are the events of the hour up to `at`, asked of an issue muted until it escalates. `releases` are those
    of the events, `fixed_in` is the issue's own, asked of one resolved in a release.
    """

    events: int
    users: int
    at: float
    last_hour: int = 0
    releases: tuple[Release, ...] = ()
    fixed_in: Release | None = None


class Known(msgspec.Struct, frozen=True):
    """What is known of an issue when a person decides: its usual most events an hour, its project's newest release."""

    usual: int = 0
    release: str = ""


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
        return _after_muted(counted, arrival, now)
    return aged(counted, now)


def _after_resolved(counted: Standing, arrival: Arrival, now: float) -> Step:
    if arrival.at <= counted.changed_at:
        return Step(counted, Transition.NONE, "It was received before it was resolved.")
    reason = "It was resolved, and came again."
    if counted.awaits_release:
        within = None if counted.fixed_in is None else arrival.fixed_in or Release(counted.fixed_in)
        fix = Fix(counted.changed_at, counted.fixed_after, within)
        verdict = releasing.decide(fix, arrival.releases)
        if not verdict.regresses:
            return Step(counted, Transition.NONE, verdict.reason)
        reason = verdict.reason
    return Step(_cleared(counted, State.REGRESSED, now), Transition.REGRESSED, reason)


def _after_muted(counted: Standing, arrival: Arrival, now: float) -> Step:
    if counted.mute_usual is not None:
        verdict = escalating.decide(counted.mute_usual, arrival.last_hour)
        if verdict.escalates:
            return Step(_cleared(counted, State.ESCALATING, now), Transition.ESCALATED, verdict.reason)
    reason = _mute_ends(counted, now)
    if not reason:
        return Step(counted, Transition.NONE, "It is muted.")
    return Step(_cleared(counted, State.ONGOING, now), Transition.UNMUTED, reason)


def _mute_ends(standing: Standing, now: float) -> str:
    if standing.muted_until is not None and now >= standing.muted_until:
        return "The time it was muted for is over."
    if standing.mute_events is not None and standing.events >= standing.mute_events:
        return f"It reached {standing.mute_events} events, the number it was muted until."
    if standing.mute_users is not None and standing.users >= standing.mute_users:
        return f"It reached {standing.mute_users} users, the number it was muted until."
    return ""


def aged(standing: Standing, now: float) -> Step:
    """Return what time alone does to an issue."""
    age = now - standing.changed_at
    if standing.state is State.MUTED and standing.muted_until is not None and now >= standing.muted_until:
        return Step(
            _cleared(standing, State.ONGOING, now), Transition.UNMUTED, "The time it was muted for is over."
        )
    if (standing.state is State.NEW and age >= NEW_FOR) or (standing.state in _NEWS and age >= REGRESSED_FOR):
        older = msgspec.structs.replace(standing, state=State.ONGOING, changed_at=now)
        return Step(older, Transition.NONE, "It is no longer new.")
    return Step(standing, Transition.NONE, "Nothing changed.")


def decided(
    before: Standing, action: Resolve | Reopen | Mute, now: float, known: Known | None = None
) -> Standing:
    """Return how an issue stands after a person decided; equal to `before` when it stood so already."""
    if isinstance(action, Resolve):
        return _resolved(before, action, now, known or Known())
    if isinstance(action, Reopen):
        return before if before.status is Status.OPEN else _cleared(before, State.ONGOING, now)
    return msgspec.structs.replace(
        _cleared(before, State.MUTED, now),
        muted_until=action.until,
        mute_events=None if action.events is None else before.events + action.events,
        mute_users=None if action.users is None else before.users + action.users,
        mute_usual=(known or Known()).usual if action.escalating else None,
    )


def _resolved(before: Standing, action: Resolve, now: float, known: Known) -> Standing:
    """Resolve at once or in a release; a project without any release has no current one, and only a next one."""
    after = msgspec.structs.replace(
        _cleared(before, State.RESOLVED, now),
        fixed_after=known.release if action.fixed is Fixed.NEXT else None,
        fixed_in={Fixed.CURRENT: known.release or None, Fixed.RELEASE: action.release}.get(action.fixed),
    )
    same = (before.state, before.fixed_after, before.fixed_in) == (
        State.RESOLVED, after.fixed_after, after.fixed_in,
    )  # fmt: skip
    return before if same else after


def _cleared(before: Standing, state: State, now: float) -> Standing:
    return msgspec.structs.replace(
        before, state=state, changed_at=now, muted_until=None, mute_events=None, mute_users=None, mute_usual=None,
        fixed_after=None, fixed_in=None,
    )  # fmt: skip
