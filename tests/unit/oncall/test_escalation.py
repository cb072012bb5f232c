"""What an escalation does next: each kind of step, answers, ends, and a machine that tries all of it together."""

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vedette.notify.types import Notice
from vedette.oncall import escalation as deciding
from vedette.oncall.escalation import Does, Facts, Move
from vedette.oncall.types import (
    Escalation,
    EscalationState,
    EscalationStep,
    Policy,
    Span,
    StepKind,
)

NOW = 1_790_000_000.0
MIRA, JONAS, ANN, GONE = 1, 2, 3, 99
FACTS = Facts(
    names={MIRA: "Mira", JONAS: "Jonas", ANN: "Ann"}, reachable=frozenset({MIRA, JONAS}), place="Nights"
)
PAGE_MIRA = EscalationStep(kind=StepKind.NOTIFY_USERS, users=(MIRA,))
PAGE_JONAS = EscalationStep(kind=StepKind.NOTIFY_USERS, users=(JONAS,))
WAIT = EscalationStep(kind=StepKind.WAIT, minutes=5)


def begun(*steps: EscalationStep, repeats: int = 0, ack_minutes: int = 0) -> Escalation:
    policy = Policy(id=7, name="Night", steps=steps, repeats=repeats, ack_minutes=ack_minutes)
    notice = Notice(title="Down", text="", severity="critical", link="/", at=NOW, group="g")
    return Escalation(
        id=1, thread="g", policy=policy, state=EscalationState.RUNNING, step=0, round=0, due=NOW,
        started_at=NOW, notice=notice,
    )  # fmt: skip


def walk(found: Escalation, facts: Facts = FACTS) -> list[tuple[float, Move]]:
    """Make every move until the end, each when it is due."""
    moves: list[tuple[float, Move]] = []
    told = facts.told
    while found.state is EscalationState.RUNNING and found.due is not None:
        at = found.due
        move = deciding.next_step(found, msgspec.structs.replace(facts, told=told), at)
        moves.append((at - NOW, move))
        told, found = deciding.told_after(found, move, told=told), move.after
        assert len(moves) < 300, "it never ends"
    return moves


def does(found: Escalation, facts: Facts = FACTS) -> list[Does]:
    return [move.does for _, move in walk(found, facts)]


def test_people_are_paged_one_after_the_other() -> None:
    moves = walk(begun(PAGE_MIRA, WAIT, PAGE_JONAS, WAIT))
    assert [(at, move.users) for at, move in moves if move.users] == [(0, (MIRA,)), (300, (JONAS,))]
    assert moves[2][1].reason == "Step 3: Jonas is paged: nobody answered in 5 min."
    assert moves[-1][1].does is Does.END
    assert moves[-1][1].after.state is EscalationState.DONE
    assert moves[-1][0] == 600


def test_it_begins_again_as_often_as_the_policy_says() -> None:
    moves = walk(begun(PAGE_MIRA, WAIT, repeats=2))
    assert [(at, move.key) for at, move in moves if move.users] == [(0, "0.0"), (300, "1.0"), (600, "2.0")]
    assert sum(move.does is Does.REPEAT for _, move in moves) == 2


def test_no_policy_begins_again_more_than_five_times_nor_without_a_pause() -> None:
    paged = [at for at, move in walk(begun(PAGE_MIRA, repeats=1_000)) if move.users]
    assert paged == [0, 60, 120, 180, 240, 300]


def test_who_is_settled_for_is_not_paged() -> None:
    move = deciding.next_step(
        begun(PAGE_MIRA), msgspec.structs.replace(FACTS, settled="Acknowledged by Ann."), NOW
    )
    assert move.does is Does.STOP
    assert (move.after.state, move.after.why) == (EscalationState.STOPPED, "Acknowledged by Ann.")


@pytest.mark.parametrize(
    ("step", "facts", "reason"),
    [
        (
            EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=4),
            FACTS,
            "Step 1 is left out: NOBODY IS ON CALL in Nights.",
        ),
        (
            EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=4),
            msgspec.structs.replace(FACTS, on_call=None),
            "Step 1 is left out: its schedule was deleted.",
        ),
        (
            EscalationStep(kind=StepKind.NOTIFY_TEAM, team="owner"),
            FACTS,
            "Step 1 is left out: there is nobody of the role owner or above.",
        ),
        (
            EscalationStep(kind=StepKind.NOTIFY_CHANNEL, channel=3),
            FACTS,
            "Step 1 is left out: its channel is switched off, or was deleted.",
        ),
        (
            EscalationStep(kind=StepKind.NOTIFY_USERS, users=(ANN, GONE)),
            FACTS,
            (
                "Step 1 is left out: nobody can be paged: Ann has no channel of their own that is on; "
                "the person with the number 99 was removed or switched off."
            ),
        ),
    ],
)
def test_where_nobody_can_be_told_it_goes_on_at_once_and_says_so(
    step: EscalationStep, facts: Facts, reason: str
) -> None:
    moves = walk(begun(step, PAGE_MIRA), facts)
    assert moves[0][1].reason == reason
    assert moves[0][1].loud
    assert (moves[1][0], moves[1][1].users) == (0, (MIRA,))


def test_who_was_removed_is_passed_over_with_a_reason_and_the_rest_is_paged() -> None:
    step = EscalationStep(kind=StepKind.NOTIFY_USERS, users=(GONE, JONAS, MIRA, JONAS))
    _, move = walk(begun(step))[0]
    assert move.users == (JONAS, MIRA)
    assert (
        move.reason
        == "Step 1: Jonas and Mira are paged. Not paged: the person with the number 99 was removed or switched off."
    )


def test_who_was_told_in_an_earlier_round_does_not_keep_the_default_channels_from_it() -> None:
    again = msgspec.structs.replace(begun(PAGE_MIRA), round=1)
    nobody = msgspec.structs.replace(FACTS, reachable=frozenset())
    first = deciding.next_step(begun(PAGE_MIRA), FACTS, NOW)
    assert deciding.told_after(begun(PAGE_MIRA), first, told=False)
    repeat = Move(does=Does.REPEAT, key="0.1", reason="", after=again)
    assert not deciding.told_after(first.after, repeat, told=True)
    assert does(again, nobody) == [Does.SKIP, Does.LAST_RESORT]


def test_where_nobody_at_all_was_told_the_default_channels_are() -> None:
    step = EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=4)
    assert does(begun(step, WAIT, repeats=1)) == [
        Does.SKIP, Does.WAIT, Does.REPEAT, Does.SKIP, Does.WAIT, Does.LAST_RESORT,
    ]  # fmt: skip


def test_who_is_on_call_is_paged() -> None:
    facts = msgspec.structs.replace(FACTS, on_call=(JONAS,))
    _, move = walk(begun(EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=4)), facts)[0]
    assert move.reason == "Step 1: Jonas, on call in Nights, is paged."


def test_a_round_robin_passes_over_who_cannot_be_paged() -> None:
    step = EscalationStep(kind=StepKind.ROUND_ROBIN, users=(MIRA, ANN, JONAS))
    for turn, paged, turned in ((0, MIRA, 1), (1, JONAS, 2), (2, JONAS, 1), (3, MIRA, 1)):
        _, move = walk(begun(step), msgspec.structs.replace(FACTS, turn=turn))[0]
        assert (move.users, move.turned) == ((paged,), turned)


def test_a_condition_that_does_not_hold_leaves_out_what_stands_behind_it() -> None:
    night = Span(days=tuple(range(7)), start="00:00", end="00:01")
    if_night = EscalationStep(kind=StepKind.IF_TIME, spans=(night,), skips=1)
    assert [move.users for _, move in walk(begun(if_night, PAGE_MIRA, PAGE_JONAS)) if move.users] == [
        (JONAS,)
    ]
    if_many = EscalationStep(kind=StepKind.IF_MANY, count=3, minutes=10, skips=5)
    few = walk(begun(if_many, PAGE_MIRA), msgspec.structs.replace(FACTS, alerts=3))
    assert few[0][1].reason == (
        "Step 1: the next step is left out, for 3 alerts came in 10 min, not more than 3."
    )
    many = walk(begun(if_many, PAGE_MIRA), msgspec.structs.replace(FACTS, alerts=4))
    assert [move.users for _, move in many if move.users] == [(MIRA,)]


def test_an_answer_holds_for_good_or_as_long_as_the_policy_says() -> None:
    taken = deciding.answered(begun(PAGE_MIRA), "Ann", NOW)
    assert (taken.state, taken.due, taken.acked_by) == (EscalationState.ACKNOWLEDGED, None, "Ann")
    assert deciding.answered(taken, "Jonas", NOW + 1) == taken, "the first wins"
    assert not deciding.expired(taken, NOW + 1e9)
    for_an_hour = deciding.answered(begun(PAGE_MIRA, ack_minutes=60), "Ann", NOW)
    assert not deciding.expired(for_an_hour, NOW + 3_599)
    assert deciding.expired(for_an_hour, NOW + 3_600)
    again = deciding.resumed(for_an_hour, NOW + 3_600)
    assert (again.state, again.round, again.step, again.due) == (EscalationState.RUNNING, 1, 0, NOW + 3_600)
    assert [move.key for _, move in walk(again) if move.users] == ["1.0"]


def test_what_ended_stays_as_it_is() -> None:
    ended = deciding.stopped(begun(PAGE_MIRA), "It is over", NOW)
    assert ended.why == "It is over."
    assert deciding.stopped(ended, "again", NOW) == ended
    assert deciding.answered(ended, "Ann", NOW) == ended
    assert deciding.resumed(ended, NOW) == ended


STEPS = st.one_of(
    st.builds(
        EscalationStep,
        kind=st.sampled_from([StepKind.NOTIFY_USERS, StepKind.ROUND_ROBIN]),
        users=st.lists(st.sampled_from([MIRA, JONAS, ANN, GONE]), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(EscalationStep, kind=st.just(StepKind.WAIT), minutes=st.integers(1, 30)),
    st.builds(
        EscalationStep, kind=st.just(StepKind.IF_MANY), count=st.integers(1, 3), minutes=st.just(5),
        skips=st.integers(1, 4),
    ),
    st.builds(EscalationStep, kind=st.just(StepKind.NOTIFY_SCHEDULE), schedule=st.just(1)),
    st.builds(EscalationStep, kind=st.just(StepKind.NOTIFY_CHANNEL), channel=st.just(1)),
    st.builds(EscalationStep, kind=st.just(StepKind.DECLARE_INCIDENT)),
)  # fmt: skip


class Machine(RuleBasedStateMachine):
    """Time goes on, people answer, answers run out, it resolves, and the process dies between decision and commit."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.facts = FACTS
        self.found: Escalation | None = None
        self.paged: list[tuple[str, int]] = []
        self.keys: set[str] = set()
        self.taken = self.over = self.told = False
        self.resumes = self.told_at_end = 0

    @precondition(lambda self: self.found is None)
    @rule(
        steps=st.lists(STEPS, min_size=1, max_size=6), repeats=st.integers(0, 9), ack=st.sampled_from([0, 7])
    )
    def begin(self, steps: list[EscalationStep], repeats: int, ack: int) -> None:
        self.found = begun(*steps, repeats=repeats, ack_minutes=ack)

    @precondition(lambda self: self.found is not None)
    @rule(seconds=st.sampled_from([1, 59, 60, 300, 3_600]), dies=st.booleans())
    def time_goes_on(self, seconds: int, dies: bool) -> None:
        self.now += seconds
        for _ in range(300):
            if self.found.state is not EscalationState.RUNNING or self.found.due > self.now:
                break
            settled = "It is over." if self.over else "Acknowledged." if self.taken else ""
            facts = msgspec.structs.replace(self.facts, settled=settled, told=self.told)
            move = deciding.next_step(self.found, facts, self.now)
            if dies:  # before its commit: nothing stands, and the same move comes again
                assert deciding.next_step(self.found, facts, self.now) == move
                dies = False
                continue
            self._commit(move)
        else:
            raise AssertionError("it went on without an end at one instant")

    def _commit(self, move: Move) -> None:
        if move.tells or move.does in {Does.WEBHOOK, Does.DECLARE}:
            assert not self.taken, "told after an answer"
            assert not self.over, "told after the end"
            assert move.key not in self.keys, "the same move twice"
            self.keys.add(move.key)
        if move.users:
            assert len(set(move.users)) == len(move.users)
            self.paged += [(move.key, user) for user in move.users]
        self.told = deciding.told_after(self.found, move, told=self.told)
        self.found = move.after

    @precondition(lambda self: self.found is not None)
    @rule(who=st.sampled_from(["Mira", "Jonas"]))
    def somebody_answers(self, who: str) -> None:
        before = self.found
        self.found = deciding.answered(before, who, self.now)
        self.taken = self.taken or before.state is EscalationState.RUNNING
        if before.state is EscalationState.ACKNOWLEDGED:
            assert self.found.acked_by == before.acked_by

    @precondition(lambda self: self.found is not None and deciding.expired(self.found, self.now))
    @rule()
    def an_answer_runs_out(self) -> None:
        self.found = deciding.resumed(self.found, self.now)
        self.taken = self.told = False
        self.resumes += 1

    @precondition(lambda self: self.found is not None)
    @rule()
    def it_resolves(self) -> None:
        self.over = True

    @rule(users=st.sets(st.sampled_from([MIRA, JONAS, ANN])), alerts=st.integers(0, 5))
    def people_come_and_go(self, users: set[int], alerts: int) -> None:
        self.facts = msgspec.structs.replace(
            FACTS, reachable=frozenset(users), on_call=tuple(sorted(users)), alerts=alerts, channel="Ops" if users else None
        )  # fmt: skip

    @invariant()
    def each_is_paged_once_by_a_step_of_a_round(self) -> None:
        assert len(set(self.paged)) == len(self.paged)

    @invariant()
    def rounds_are_bounded(self) -> None:
        if self.found is not None:
            assert self.found.round <= 5 + self.resumes

    def teardown(self) -> None:
        """Left alone, it ends, and somebody was told in its last round."""
        if self.found is None or self.found.state is not EscalationState.RUNNING:
            return
        self.over = self.taken = False
        for _ in range(400):
            if self.found.state is not EscalationState.RUNNING:
                break
            self.now = max(self.now, self.found.due)
            facts = msgspec.structs.replace(self.facts, told=self.told)
            move = deciding.next_step(self.found, facts, self.now)
            self.told_at_end += move.does is Does.LAST_RESORT
            self._commit(move)
        assert self.found.state is EscalationState.DONE
        assert self.told, "nobody was told"


Machine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestMachine = Machine.TestCase
