"""Verdicts: what counts, what is told, and that nothing is told twice."""

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vedette.monitors import certificates, dependencies, surroundings, verdict
from vedette.monitors.dependencies import Parent
from vedette.monitors.types import (
    DAY,
    Certificate,
    Outcome,
    Reading,
    Sighting,
    Standing,
    State,
    Surroundings,
    Told,
    Tolerance,
)
from vedette.monitors.verdict import Around

NOW = 1_764_000_000.0
RULES = Tolerance(failures=2, successes=2, slow=2)
GOOD, SLOW, BAD, UNKNOWN = Reading.GOOD, Reading.SLOW, Reading.BAD, Reading.UNKNOWN


class Watched:
    """A monitor whose checks come a minute apart."""

    def __init__(self, rules: Tolerance = RULES) -> None:
        self.rules, self.standing, self.now = rules, Standing(), NOW
        self.told: list[Told] = []

    def check(self, *readings: Reading, around: Around | None = None) -> "Watched":
        for reading in readings:
            self.now += 60
            outcome = Outcome(at=self.now, reading=reading, cause="refused", sentence="Nobody listens there.")
            judged = verdict.judge(self.rules, self.standing, outcome, around)
            assert judged.reason
            self.standing, self.retry = judged.standing, judged.retry
            self.told += [judged.tell] if judged.tell else []
        return self

    @property
    def state(self) -> State:
        return self.standing.state


def test_one_failure_is_looked_at_again_and_two_are_down_since_the_first() -> None:
    one = Watched().check(GOOD, BAD)
    assert (one.state, one.retry, one.told) == (State.UP, True, [])
    began = one.now
    one.check(BAD)
    assert (one.state, one.standing.since, one.told) == (State.DOWN, began, [Told.DOWN])
    assert one.standing.reason == "Nobody listens there."


def test_up_takes_as_many_successes_as_were_asked_for() -> None:
    one = Watched().check(BAD, BAD, GOOD)
    assert one.state is State.DOWN
    assert one.check(GOOD).told == [Told.DOWN, Told.UP]


def test_unknown_never_counts_as_down_nor_between() -> None:
    one = Watched().check(GOOD, *[UNKNOWN] * 50)
    assert (one.state, one.told) == (State.UNKNOWN, [])
    assert one.check(GOOD).told == []
    assert Watched().check(GOOD, BAD, UNKNOWN, BAD).told == [Told.DOWN]
    assert Watched().check(BAD, BAD, *[UNKNOWN] * 9).state is State.DOWN


def test_slow_is_degraded_and_not_down() -> None:
    one = Watched().check(GOOD, SLOW)
    assert one.state is State.UP
    assert one.check(SLOW).state is State.DEGRADED
    assert one.check(GOOD).state is State.DEGRADED
    assert one.check(GOOD).state is State.UP
    assert one.told == []


def test_down_restart_still_down_is_told_once() -> None:
    one = Watched().check(GOOD, BAD, BAD)
    one.standing = msgspec.msgpack.decode(msgspec.msgpack.encode(one.standing), type=Standing)
    assert one.check(*[BAD] * 20).told == [Told.DOWN]


def test_timeouts_near_the_interval_do_not_begin_the_count_anew() -> None:
    rules = Tolerance(failures=3)
    one = Watched(rules).check(GOOD, BAD)
    one.now += 55  # the check took nearly as long as the interval
    assert one.check(BAD).retry
    one.now += 55
    assert one.check(BAD).state is State.DOWN


def test_down_before_and_after_a_maintenance_tells_nothing_and_changed_tells_once() -> None:
    hushed = Around(hushed="It is being worked on.")
    same = Watched().check(GOOD, BAD, BAD).check(BAD, GOOD, GOOD, BAD, BAD, around=hushed).check(BAD)
    assert same.told == [Told.DOWN]
    changed = Watched().check(GOOD, BAD, BAD).check(GOOD, GOOD, around=hushed).check(GOOD)
    assert changed.told == [Told.DOWN, Told.UP]
    fell = Watched().check(GOOD).check(BAD, BAD, around=hushed)
    assert fell.told == []
    judged = verdict.settle(RULES, fell.standing, fell.now)
    assert judged.tell is Told.DOWN
    assert verdict.settle(RULES, judged.standing, fell.now).tell is None


def test_what_flaps_is_told_once_and_then_as_it_stays() -> None:
    one = Watched(Tolerance(failures=1, successes=1)).check(GOOD, *[BAD, GOOD] * 20)
    assert one.told == [Told.DOWN, Told.UP, Told.DOWN, Told.UP, Told.DOWN, Told.FLAPPING]
    assert one.standing.flapping
    assert one.check(*[GOOD] * 16).told[6:] == [Told.UP]
    assert not one.standing.flapping


def test_what_flapped_and_stays_down_is_told_so() -> None:
    one = Watched(Tolerance(failures=1, successes=1)).check(GOOD, *[BAD, GOOD] * 4, BAD)
    assert one.check(*[BAD] * 16).told[-1] is Told.DOWN


def test_a_failure_that_tells_nothing_is_unknown_at_once() -> None:
    one = Watched().check(GOOD, GOOD).check(BAD, BAD, BAD, around=Around(blocked="router is down."))
    assert (one.state, one.standing.reason, one.told) == (State.UNKNOWN, "router is down.", [])
    assert one.check(GOOD, around=Around(blocked="router is down.")).state is State.UP


def test_a_failure_that_waits_counts_for_nothing_but_its_time_is_kept() -> None:
    one = Watched().check(GOOD, BAD, around=Around(waits="router is looked at first."))
    began = one.now
    assert (one.state, one.standing.failures, one.retry) == (State.UP, 0, True)
    assert one.check(BAD, BAD).standing.since == began


def standing(state: State, heard: float = NOW, failures: int = 0) -> Standing:
    return Standing(state=state, heard=heard, failures=failures)


def test_children_of_what_is_down_say_nothing() -> None:
    parents = [Parent("router", standing(State.DOWN)), Parent("db", standing(State.UP))]
    assert dependencies.blocked(parents) == "router is down, on which it depends."
    assert "Nothing is known of db" in dependencies.blocked([Parent("db", standing(State.UNKNOWN))])
    assert dependencies.blocked([Parent("db", standing(State.UP))]) == ""


def test_a_parent_is_looked_at_before_its_children_count() -> None:
    child = Standing(doubt=NOW)
    asked = [Parent("router", standing(State.UP, heard=NOW - 30))]
    assert "router" in dependencies.waits(child, asked, NOW + 10)
    assert dependencies.waits(child, [Parent("router", standing(State.UP, heard=NOW + 5))], NOW + 10) == ""
    assert "router" in dependencies.waits(child, [Parent("router", standing(State.UP, NOW + 5, 1))], NOW + 10)
    assert dependencies.waits(child, asked, NOW + dependencies.PATIENCE + 1) == ""
    assert dependencies.waits(child, [Parent("new", Standing())], NOW + 10) == ""


def test_nothing_depends_on_itself() -> None:
    assert dependencies.cycle({1: [2], 2: [3], 3: [1]}, 1) == (1, 2, 3, 1)
    assert dependencies.cycle({1: [1]}, 1) == (1, 1)
    assert dependencies.cycle({1: [2, 3], 2: [4], 3: [4], 5: [5]}, 1) == ()


def sightings(good: int, cause: str, bad: int, canaries: tuple[bool, ...] = ()) -> list[Sighting]:
    """Return checks of many monitors: good ones, bad ones of one cause, and canaries."""
    return [
        *(Sighting(n, NOW, True) for n in range(good)),
        *(Sighting(1_000 + n, NOW, False, cause) for n in range(bad)),
        *(Sighting(2_000 + n, NOW, alive, "", canary=True) for n, alive in enumerate(canaries)),
    ]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            sightings(0, "unreachable", 3_000, (False, False)),
            "Vedette itself is offline: all 2 canaries fail.",
        ),
        (sightings(0, "unreachable", 3_000, (False, True)), ""),
        (sightings(5, "", 0, (False,)), "Vedette itself is offline: its canary fails."),
        (sightings(400, "refused", 2_800), ""),
        (sightings(4, "servfail", 5), "The resolver is at fault: 5 of 9 monitors"),
        (sightings(0, "resolver-timeout", 2), ""),
        (sightings(10, "servfail", 4), ""),
    ],
)
def test_what_many_have_in_common(seen: list[Sighting], said: str) -> None:
    found = surroundings.judge(seen, NOW)
    assert found.reason.startswith(said) if said else not found.reason
    assert not surroundings.judge(seen, NOW + 600).reason, "what is old says nothing"


def test_a_resolver_at_fault_hides_what_it_caused_and_nothing_else() -> None:
    around = surroundings.judge(sightings(0, "servfail", 5), NOW)
    assert surroundings.blocked(around, "servfail")
    assert not surroundings.blocked(around, "refused")
    assert surroundings.blocked(Surroundings(reason="offline"), "refused")


def test_a_certificate_is_told_of_once_for_each_threshold() -> None:
    known, told, expires = Certificate(), [], NOW + 40 * DAY
    for second in range(0, int(42 * DAY), 1_800):
        found = certificates.judge(known, expires, NOW + second)
        known = found.certificate
        told += [] if found.tell is None else [found.tell]
    assert told == [30, 14, 7, 3, 1, 0]
    assert "has expired" in found.reason


def test_a_renewed_certificate_begins_anew_and_a_late_look_tells_the_last_alone() -> None:
    late = certificates.judge(Certificate(), NOW + 5 * DAY, NOW)
    assert (late.tell, late.reason) == (7, "The certificate ends in 5 days.")
    assert certificates.judge(late.certificate, NOW + 5 * DAY, NOW + 30).tell is None
    renewed = certificates.judge(late.certificate, NOW + 90 * DAY, NOW + 60)
    assert (renewed.tell, renewed.certificate.told) == (None, ())


class Verdicts(RuleBasedStateMachine):
    """Any sequence of checks: what people heard last is true, or is about to be told."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.bad, self.hushed = Watched(), 0, False

    @rule(reading=st.sampled_from(Reading), blocked=st.booleans(), hushed=st.booleans())
    def check(self, reading: Reading, blocked: bool, hushed: bool) -> None:
        before, told = self.one.standing, len(self.one.told)
        around = Around(blocked="router is down." if blocked else "", hushed="worked on" if hushed else "")
        self.one.check(reading, around=around)
        self.hushed = hushed
        went_down = before.state is not State.DOWN and self.one.state is State.DOWN
        assert not went_down or (reading is BAD and not blocked)
        assert not hushed or len(self.one.told) == told

    @invariant()
    def what_is_told_is_true(self) -> None:
        now = self.one.standing
        if self.hushed or now.flapping or now.state is State.UNKNOWN:
            return
        assert (now.told is Told.DOWN) == (now.state is State.DOWN)

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert all(one is not other for one, other in zip(self.one.told, self.one.told[1:], strict=False))


Verdicts.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestVerdicts = Verdicts.TestCase
