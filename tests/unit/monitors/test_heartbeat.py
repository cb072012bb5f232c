"""Heartbeats: when a job is missed, and what makes no miss."""

import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vedette.monitors import heartbeat, verdict
from vedette.monitors.types import (
    Beat,
    Blind,
    Cron,
    Every,
    Judged,
    Outcome,
    Ping,
    PingKind,
    Reading,
    Rhythm,
    Standing,
    State,
    Told,
    Tolerance,
)

NOW = 1_764_000_000.0
MINUTELY = Rhythm(schedule=Every(seconds=60), grace=30)
ONCE = Tolerance(failures=1)


def ping(kind: PingKind, at: float, run: str = "", code: int | None = None) -> Ping:
    return Ping(kind=kind, at=at, run=run, code=code)


class Job:
    """A job with its standing, as the room keeps them."""

    def __init__(self, rules: Rhythm = MINUTELY) -> None:
        self.rules, self.beat, self.standing = rules, Beat(), Standing()
        self.told: list[Told] = []

    def hear(self, kind: PingKind, at: float, run: str = "") -> None:
        self.beat, outcome = heartbeat.hear(self.beat, ping(kind, at, run))
        self._judge(outcome)

    def look(self, at: float, blind: Blind | None = None) -> None:
        self.beat, outcome = heartbeat.overdue(self.rules, self.beat, at, blind)
        self._judge(outcome)

    def _judge(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            judged: Judged = verdict.judge(ONCE, self.standing, outcome)
            self.standing = judged.standing
            self.told += [judged.tell] if judged.tell else []


def test_a_job_that_was_never_heard_of_is_not_missed() -> None:
    job = Job()
    job.look(NOW + 1e9)
    assert job.standing.state is State.WAITING


def test_it_is_down_at_period_and_grace_and_up_with_the_next_sign() -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    job.look(NOW + 90)
    assert job.standing.state is State.UP
    job.look(NOW + 90.1)
    assert (job.standing.state, job.standing.since) == (State.DOWN, NOW + 90)
    assert "60 s" in job.standing.reason
    job.look(NOW + 200)
    job.hear(PingKind.SUCCESS, NOW + 300)
    assert job.told == [Told.DOWN, Told.UP]


def test_a_push_a_second_late_makes_no_pair() -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    job.look(NOW + 60.5)
    job.hear(PingKind.SUCCESS, NOW + 61)
    job.hear(PingKind.SUCCESS, NOW + 61 + 91)  # after its grace, but before anybody looked
    assert job.told == []


def test_what_waits_in_the_journal_is_no_miss() -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    job.look(NOW + 59)  # what was received up to here is known, whatever the clock says now
    assert job.told == []


def test_a_pushed_failure_is_a_sign_of_life() -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    job.hear(PingKind.FAIL, NOW + 60)
    job.look(NOW + 149)
    assert job.told == [Told.DOWN]
    assert job.standing.cause == "failed"
    job.hear(PingKind.FAIL, NOW + 120)
    job.hear(PingKind.SUCCESS, NOW + 180)
    assert job.told == [Told.DOWN, Told.UP]


def test_a_run_that_does_not_end_is_missed_and_its_late_success_brings_it_up() -> None:
    job = Job(Rhythm(schedule=Every(seconds=86_400), grace=600))
    job.hear(PingKind.START, NOW)
    job.look(NOW + 600)
    assert job.told == []
    job.look(NOW + 601)
    job.hear(PingKind.SUCCESS, NOW + 700)
    assert job.told == [Told.DOWN, Told.UP]
    assert job.beat.lasted == 700


def test_a_run_may_take_longer_than_the_grace_where_that_is_said() -> None:
    job = Job(Rhythm(schedule=Every(seconds=86_400), grace=60, longest=3_600))
    job.hear(PingKind.START, NOW)
    job.look(NOW + 3_600)
    assert job.told == []


def test_runs_that_overlap_are_told_apart() -> None:
    job = Job(Rhythm(schedule=Every(seconds=86_400), grace=600))
    job.hear(PingKind.START, NOW, "a")
    job.hear(PingKind.START, NOW + 100, "b")
    job.hear(PingKind.SUCCESS, NOW + 200, "b")
    assert job.beat.lasted == 100
    job.look(NOW + 601)
    assert job.told == [Told.DOWN]


def test_a_line_of_the_log_changes_nothing() -> None:
    before = Beat(last=NOW)
    assert heartbeat.hear(before, ping(PingKind.LOG, NOW + 50)) == (before, None)


def test_runs_that_never_end_are_bounded() -> None:
    beat = Beat()
    for n in range(1_000):
        beat, _ = heartbeat.hear(beat, ping(PingKind.START, NOW + n, str(n)))
    assert len(beat.runs) == heartbeat.MOST_RUNS


def test_an_exit_status_is_told() -> None:
    _, outcome = heartbeat.hear(Beat(), ping(PingKind.FAIL, NOW, code=137))
    assert outcome is not None
    assert "exit status 137" in outcome.sentence


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_day_the_clock_changes_keeps_its_grace(day: str) -> None:
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    rules = Rhythm(schedule=Cron(expression="0 4 * * *", zone="Europe/Berlin"), grace=900)
    due = dt.datetime.fromisoformat(f"{day}T04:00").replace(tzinfo=zone).timestamp()
    eve = (dt.datetime.fromisoformat(f"{day}T04:00") - dt.timedelta(days=1)).replace(tzinfo=zone).timestamp()
    assert due - eve in {23 * 3_600, 25 * 3_600}
    assert heartbeat.deadline(rules, Beat(last=eve + 5)).at == due + 900


def test_a_client_whose_clock_is_a_minute_fast_misses_nothing() -> None:
    job = Job(Rhythm(schedule=Cron(expression="0 * * * *"), grace=300))
    hour = NOW - NOW % 3_600
    for n in range(1, 5):
        job.hear(PingKind.SUCCESS, hour + n * 3_600 - 60)
        job.look(hour + n * 3_600 + 301)
    assert job.told == []
    job.look(hour + 5 * 3_600 + 301)
    assert job.told == [Told.DOWN]


def test_after_a_time_in_which_nothing_was_heard_a_job_has_its_time_again() -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    blind = Blind(NOW + 10, NOW + 5_000)
    job.look(NOW + 5_089, blind)
    assert job.told == []
    job.look(NOW + 5_091, blind)
    assert job.told == [Told.DOWN]


@pytest.mark.parametrize("jump", [3_600.0, -3_600.0])
def test_a_clock_that_jumps_an_hour_is_no_miss(jump: float) -> None:
    job = Job()
    job.hear(PingKind.SUCCESS, NOW)
    blind = Blind(NOW + 20, NOW + 20 + jump) if jump > 0 else None
    for second in range(20, 80):
        job.look(NOW + jump + second, blind)
    job.hear(PingKind.SUCCESS, NOW + jump + 80)
    job.look(NOW + jump + 100, blind)
    assert job.told == []


def test_a_time_of_blindness_before_the_last_sign_changes_nothing() -> None:
    beat = Beat(last=NOW)
    assert heartbeat.deadline(MINUTELY, beat, Blind(NOW - 500, NOW - 100)) == heartbeat.deadline(
        MINUTELY, beat
    )


class Heartbeats(RuleBasedStateMachine):
    """Any order of pings and looks: down and up are told in turn, and a job in time is never told of."""

    def __init__(self) -> None:
        super().__init__()
        self.job, self.now, self.late = Job(), NOW, False

    @rule(seconds=st.floats(0.1, 200))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        due = heartbeat.deadline(self.job.rules, self.job.beat).at
        before = list(self.job.told)
        self.job.look(self.now)
        if due is None or self.now <= due:
            assert self.job.told == before

    @rule(kind=st.sampled_from(PingKind), run=st.sampled_from(["", "a", "b"]))
    def ping(self, kind: PingKind, run: str) -> None:
        self.job.hear(kind, self.now, run)
        if kind is PingKind.SUCCESS:
            assert self.job.standing.state is State.UP
        if kind is PingKind.FAIL:
            assert self.job.standing.state is State.DOWN

    @invariant()
    def down_and_up_come_in_turn(self) -> None:
        told = [one for one in self.job.told if one is not Told.FLAPPING]
        assert (
            all(one is not other for one, other in itertools.pairwise(told)) or Told.FLAPPING in self.job.told
        )

    @invariant()
    def what_is_missed_waits_for_a_sign(self) -> None:
        if self.job.beat.missed:
            assert self.job.standing.state is State.DOWN
            assert heartbeat.deadline(self.job.rules, self.job.beat).at is None


Heartbeats.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestHeartbeats = Heartbeats.TestCase


def test_a_miss_is_bad_and_of_the_instant_it_was_due() -> None:
    _, outcome = heartbeat.overdue(MINUTELY, Beat(last=NOW), NOW + 1_000)
    assert outcome is not None
    assert (outcome.reading, outcome.cause, outcome.at) == (Reading.BAD, "missed", NOW + 90)
