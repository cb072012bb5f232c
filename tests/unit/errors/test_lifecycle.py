"""The life of an issue: what may follow what, decided by a state machine that tries everything."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vedette.errors import lifecycle, ranks
from vedette.errors.lifecycle import NEW_FOR, REGRESSED_FOR, Arrival, Known, Standing, step
from vedette.errors.releasing import Release
from vedette.errors.types import Fixed, Level, Mute, Reopen, Resolve, State, Status, Transition

T = 1_764_000_000.0
ONE = Arrival(events=1, users=0, at=T)


def standing(state: State, **more: object) -> Standing:
    return Standing(state=state, changed_at=T, events=5, users=2, **more)  # type: ignore[arg-type]


def test_the_first_event_makes_it_new() -> None:
    made = step(None, Arrival(events=3, users=2, at=T), T)
    assert made.transition is Transition.NEW
    assert (made.standing.state, made.standing.events, made.standing.users) == (State.NEW, 3, 2)
    assert made.reason == "No event like this came before."


@pytest.mark.parametrize(("state", "age", "after"), [
    (State.NEW, NEW_FOR - 1, State.NEW), (State.NEW, NEW_FOR, State.ONGOING), (State.ONGOING, 1e9, State.ONGOING),
    (State.REGRESSED, REGRESSED_FOR - 1, State.REGRESSED), (State.REGRESSED, REGRESSED_FOR, State.ONGOING),
    (State.ESCALATING, REGRESSED_FOR - 1, State.ESCALATING), (State.ESCALATING, REGRESSED_FOR, State.ONGOING),
])  # fmt: skip
def test_news_get_old(state: State, age: float, after: State) -> None:
    made = step(standing(state), ONE, T + age)
    assert (made.standing.state, made.transition) == (after, Transition.NONE)
    assert lifecycle.aged(standing(state), T + age).standing.state is after


def test_a_resolved_one_comes_back_but_not_for_an_event_received_before() -> None:
    assert (
        step(standing(State.RESOLVED), Arrival(events=1, users=0, at=T + 1), T + 2).transition
        is Transition.REGRESSED
    )
    late = step(standing(State.RESOLVED), Arrival(events=1, users=0, at=T - 1), T + 2)
    assert (late.standing.state, late.standing.events, late.transition) == (
        State.RESOLVED,
        6,
        Transition.NONE,
    )


def test_a_mute_ends_by_time_events_or_users() -> None:
    assert step(standing(State.MUTED), ONE, T + 1e9).standing.state is State.MUTED
    timed = standing(State.MUTED, muted_until=T + 60)
    assert step(timed, ONE, T + 59).standing.state is State.MUTED
    assert step(timed, ONE, T + 60).transition is Transition.UNMUTED
    assert lifecycle.aged(timed, T + 60).transition is Transition.UNMUTED
    assert step(standing(State.MUTED, mute_events=7), ONE, T).standing.state is State.MUTED
    by_events = step(standing(State.MUTED, mute_events=6), ONE, T)
    assert by_events.transition is Transition.UNMUTED
    assert "6 events" in by_events.reason
    by_users = step(standing(State.MUTED, mute_users=3), Arrival(events=1, users=1, at=T), T)
    assert "3 users" in by_users.reason
    assert (by_users.standing.muted_until, by_users.standing.mute_events, by_users.standing.mute_users) == (
        None,
        None,
        None,
    )


def test_what_people_decide() -> None:
    resolved = lifecycle.decided(standing(State.NEW), Resolve(), T + 5)
    assert (resolved.status, resolved.changed_at) == (Status.RESOLVED, T + 5)
    assert lifecycle.decided(resolved, Resolve(), T + 9) is resolved
    assert lifecycle.decided(resolved, Reopen(), T + 9).state is State.ONGOING
    assert lifecycle.decided(standing(State.NEW), Reopen(), T).state is State.NEW
    muted = lifecycle.decided(resolved, Mute(until=T + 60, events=10, users=4), T)
    assert (muted.muted_until, muted.mute_events, muted.mute_users) == (T + 60, 15, 6)


def test_ranks_put_the_worst_first() -> None:
    order = [
        ranks.rank(state, level)
        for state in (
            State.ESCALATING,
            State.REGRESSED,
            State.NEW,
            State.ONGOING,
            State.MUTED,
            State.RESOLVED,
        )
        for level in Level
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)
    for state in State:
        assert ranks.of_states(state) == {ranks.rank(state, level) for level in Level}
        assert all(ranks.of(ranks.rank(state, level)) is state for level in Level)
    assert ranks.of_level(Level.FATAL) == {ranks.rank(state, Level.FATAL) for state in State}
    assert ranks.of_states(*State) == ranks.ALL == frozenset().union(*map(ranks.of_level, Level))


class Life(RuleBasedStateMachine):
    """Events, people and time in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T
        self.standing: Standing | None = None
        self.events = self.users = 0

    @rule(
        events=st.integers(1, 5), users=st.integers(0, 2), late=st.floats(0, 100), last_hour=st.integers(0, 60),
        release=st.sampled_from(["", "shop@1.4.1", "shop@1.4.2", "shop@1.4.3", "3f2a"]),
    )  # fmt: skip
    def events_come(self, events: int, users: int, late: float, last_hour: int, release: str) -> None:
        before = self.standing
        named = (Release(release),) if release else ()
        arrival = Arrival(events=events, users=users, at=self.now - late, last_hour=last_hour, releases=named)
        made = step(before, arrival, self.now)
        self.events, self.users = self.events + events, self.users + users
        allowed = {
            None: {Transition.NEW},
            State.RESOLVED: {Transition.REGRESSED, Transition.NONE},
            State.MUTED: {Transition.UNMUTED, Transition.ESCALATED, Transition.NONE},
        }
        assert made.transition in allowed.get(before.state if before else None, {Transition.NONE})
        assert made.reason
        if made.transition is Transition.ESCALATED:
            assert before
            assert before.mute_usual is not None
        if before and before.awaits_release and not release:
            assert made.transition is Transition.NONE
        self.standing = made.standing

    @rule(seconds=st.floats(0, 10 * 86_400))
    def time_goes(self, seconds: float) -> None:
        self.now += seconds
        if self.standing:
            self.standing = lifecycle.aged(self.standing, self.now).standing

    @precondition(lambda self: self.standing is not None)
    @rule(
        action=st.one_of(
            st.sampled_from(
                [
                    Resolve(),
                    Resolve(fixed=Fixed.NEXT),
                    Resolve(fixed=Fixed.CURRENT),
                    Resolve(fixed=Fixed.RELEASE, release="1.5"),
                ]
            ),
            st.just(Reopen()),
            st.builds(
                Mute,
                events=st.none() | st.integers(1, 9),
                users=st.none() | st.integers(1, 4),
                escalating=st.booleans(),
            ),
        )
    )
    def people_decide(self, action: Resolve | Reopen | Mute) -> None:
        assert self.standing
        self.standing = lifecycle.decided(
            self.standing, action, self.now, Known(usual=4, release="shop@1.4.2")
        )
        wanted = {Resolve: Status.RESOLVED, Reopen: Status.OPEN, Mute: Status.MUTED}[type(action)]
        assert self.standing.status is wanted

    @invariant()
    def counts_are_exact_and_mutes_belong_to_the_muted(self) -> None:
        if self.standing:
            assert (self.standing.events, self.standing.users) == (self.events, self.users)
            if self.standing.state is not State.MUTED:
                ends = (self.standing.muted_until, self.standing.mute_events, self.standing.mute_users)
                assert (*ends, self.standing.mute_usual) == (None,) * 4
            if self.standing.state is not State.RESOLVED:
                assert not self.standing.awaits_release


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase
