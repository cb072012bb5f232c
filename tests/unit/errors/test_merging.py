"""How issues stand when they are merged and parted: the decisions, each with its reason."""

import pytest

from vedette.errors.lifecycle import Standing
from vedette.errors.merging import REOPENED, joined, parted, recounted, taken_back
from vedette.errors.types import State, Transition

NOW = 1_000_000.0


def stands(state: State, **more: object) -> Standing:
    return Standing(state=state, changed_at=10.0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "others", "after"),
    [
        (State.NEW, [State.RESOLVED], State.NEW), (State.ONGOING, [State.NEW], State.ONGOING),
        (State.RESOLVED, [State.RESOLVED, State.MUTED], State.RESOLVED), (State.RESOLVED, [State.MUTED, State.REGRESSED], State.ONGOING),
        (State.MUTED, [State.NEW], State.ONGOING), (State.MUTED, [State.RESOLVED], State.MUTED),
    ],
)  # fmt: skip
def test_what_is_open_does_not_vanish(state: State, others: list[State], after: State) -> None:
    step = joined(stands(state, muted_until=20.0), [stands(other) for other in others], NOW)
    assert step.standing.state is after
    assert (step.reason == REOPENED) is (after is not state)
    assert step.standing.changed_at == (10.0 if after is state else NOW)
    assert step.standing.muted_until == (20.0 if after is state else None)


def test_a_mute_has_as_many_left_whatever_is_merged() -> None:
    muted = stands(State.MUTED, events=5, users=2, mute_events=15, mute_users=4)
    more = recounted(muted, 105, 32)
    assert (more.mute_events, more.mute_users) == (115, 34)
    assert recounted(more, 5, 2) == muted
    assert recounted(stands(State.NEW), 7, 1) == stands(State.NEW, events=7, users=1)


@pytest.mark.parametrize(
    ("before", "events", "after", "transition"),
    [
        (stands(State.RESOLVED), 5, State.RESOLVED, Transition.NONE), (stands(State.RESOLVED), 6, State.REGRESSED, Transition.REGRESSED),
        (stands(State.MUTED, mute_events=8), 7, State.MUTED, Transition.NONE), (stands(State.MUTED, mute_events=8), 8, State.ONGOING, Transition.UNMUTED),
        (stands(State.ONGOING), 9, State.ONGOING, Transition.NONE),
    ],
)  # fmt: skip
def test_what_came_since_counts_when_groups_part(
    before: Standing, events: int, after: State, transition: Transition
) -> None:
    from msgspec.structs import replace

    step = parted(replace(before, events=events, users=1), (5, 1), NOW - 1, NOW)
    assert (step.standing.state, step.transition) == (after, transition)
    assert (step.standing.events, step.standing.users) == (events, 1)
    assert step.reason


def test_taking_back_restores_what_the_merge_changed_and_nothing_else() -> None:
    before, after = stands(State.RESOLVED, events=3), Standing(state=State.ONGOING, changed_at=NOW, events=3)
    merged = Standing(state=State.ONGOING, changed_at=NOW, events=9, users=2)
    assert taken_back(merged, before, after) == stands(State.RESOLVED, events=9, users=2)
    since = Standing(state=State.MUTED, changed_at=NOW + 1, events=9)
    assert taken_back(since, before, after) is since
    assert taken_back(merged, after, after) is merged
