"""When checks run, when it is quiet, what locations agree on, and how well it did."""

import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vedette.monitors import maintenance, objectives, quorum
from vedette.monitors.maintenance import Span
from vedette.monitors.scheduling import Timetable
from vedette.monitors.types import (
    DAY,
    ByCron,
    Change,
    Maintenance,
    Once,
    Reading,
    State,
    Vote,
    Weekly,
)
from vedette.wire.sketch import Sketch

NOW = 1_764_000_000.0
BERLIN = "Europe/Berlin"


def at(text: str, zone: str = BERLIN) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).timestamp()


def test_the_first_pass_is_spread_evenly_over_one_interval() -> None:
    table = Timetable()
    for monitor in range(1, 1_001):
        table.put(monitor, 60.0, NOW)
    seen = [len(table.due(NOW + second, 10_000)) for second in range(1, 61)]
    assert sum(seen) == 1_000
    assert max(seen) <= 25


def test_a_check_longer_than_its_interval_never_overlaps_and_the_next_is_on_a_slot() -> None:
    table = Timetable()
    table.put(1, 10.0, NOW)
    (first,) = table.due(NOW + 10, 9)
    assert not table.due(first.slot + 25, 9)
    table.done(1, first.slot + 25)
    (second,) = table.due(first.slot + 30, 9)
    assert second.slot == pytest.approx(first.slot + 30)
    assert "2 went by" in second.reason


def test_a_retry_comes_early_and_the_slots_stay() -> None:
    table = Timetable()
    table.put(1, 60.0, NOW)
    (first,) = table.due(table.next_due() or 0.0, 9)
    table.done(1, first.slot + 1, retry=20.0)
    (again,) = table.due(first.slot + 21, 9)
    assert again.reason == "It is looked at again."
    table.done(1, first.slot + 30)
    assert not table.due(first.slot + 59, 9)
    assert table.next_due() == pytest.approx(first.slot + 60)


def test_a_retry_later_than_the_next_slot_is_that_slot() -> None:
    table = Timetable()
    table.put(1, 60.0, NOW)
    (first,) = table.due(table.next_due() or 0.0, 9)
    table.done(1, first.slot + 50, retry=20.0)
    assert table.next_due() == pytest.approx(first.slot + 60)


def test_what_is_put_again_keeps_its_slot_and_what_is_dropped_is_not_due() -> None:
    table = Timetable()
    table.put(1, 60.0, NOW)
    due = table.next_due()
    table.put(1, 60.0, NOW + 30)
    assert table.next_due() == due
    table.drop(1)
    assert table.next_due() is None
    assert not table.due(NOW + 600, 9)
    table.done(1, NOW + 601)


def test_one_can_be_looked_at_at_once() -> None:
    table = Timetable()
    table.put(1, 3_600.0, NOW)
    table.hasten(1, NOW + 1)
    assert [due.monitor for due in table.due(NOW + 1, 9)] == [1]
    table.hasten(1, NOW + 2)
    assert not table.due(NOW + 3, 9)


@pytest.mark.parametrize("jump", [3_600.0, -3_600.0])
def test_after_a_jump_of_an_hour_all_come_within_one_interval_and_not_at_once(jump: float) -> None:
    table = Timetable()
    for monitor in range(1, 101):
        table.put(monitor, 60.0, NOW)
    for due in table.due(NOW + 60, 1_000):
        table.done(due.monitor, NOW + 60)
    seen: list[int] = []
    for second in range(62):
        found = table.due(NOW + 61 + jump + second, 1_000)
        seen += [due.monitor for due in found]
        assert len(found) < 20
        for due in found:
            table.done(due.monitor, NOW + 61 + jump + second)
    assert set(seen) == set(range(1, 101))


class Timetables(RuleBasedStateMachine):
    """Any order of ticks, ends, changes and jumps: none overlaps, none is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.now, self.running = Timetable(), NOW, set[int]()
        self.intervals: dict[int, float] = {}

    @rule(monitor=st.integers(1, 5), interval=st.sampled_from([10.0, 15.5, 60.0]))
    def put(self, monitor: int, interval: float) -> None:
        self.table.put(monitor, interval, self.now)
        self.intervals[monitor] = interval

    @rule(seconds=st.one_of(st.floats(0, 30), st.sampled_from([3_600.0, -3_600.0])))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        for due in self.table.due(self.now, 100):
            assert due.monitor not in self.running
            assert due.slot <= self.now
            self.running.add(due.monitor)

    @precondition(lambda self: self.running)
    @rule(pick=st.integers(0, 9), retry=st.sampled_from([None, 5.0]))
    def end(self, pick: int, retry: float | None) -> None:
        monitor = sorted(self.running)[pick % len(self.running)]
        self.running.discard(monitor)
        self.table.done(monitor, self.now, retry)

    @invariant()
    def something_is_due_within_the_longest_interval(self) -> None:
        if set(self.intervals) - self.running:
            due = self.table.next_due()
            assert due is not None
            assert (
                due <= self.now + max(self.intervals.values()) + 3_601
            )  # a clock that went back is seen at the next look


Timetables.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestTimetables = Timetables.TestCase


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-11-23T21:59", False),
        ("2026-11-23T22:00", True),
        ("2026-11-24T01:59", True),
        ("2026-11-24T02:00", False),
        ("2026-11-24T22:30", False),
    ],
)
def test_a_weekly_maintenance(moment: str, quiet: bool) -> None:
    mondays = Weekly(days=(0,), start="22:00", minutes=240, zone=BERLIN, why="patches")
    assert maintenance.problem(mondays) == ""
    found = maintenance.in_force([mondays], at(moment))
    assert (found is not None) is quiet
    if found is not None:
        assert (found.until, found.reason) == (at("2026-11-24T02:00"), "It is being worked on: patches")


def test_a_maintenance_keeps_its_length_on_the_day_the_clock_changes() -> None:
    nightly = Weekly(days=tuple(range(7)), start="01:30", minutes=60, zone=BERLIN)
    began = at("2026-03-29T01:30")
    for minute in range(-5, 70):
        found = maintenance.in_force([nightly], began + minute * 60)
        assert (found is not None) is (0 <= minute < 60)
    skipped = Weekly(days=(6,), start="02:30", minutes=30, zone=BERLIN)
    assert maintenance.in_force([skipped], at("2026-03-29T03:10")) is not None
    assert maintenance.in_force([skipped], at("2026-03-29T03:30")) is None


def test_maintenances_by_cron_once_and_together() -> None:
    cron = ByCron(expression="0 * * * *", minutes=10)
    hour = NOW - NOW % 3_600
    assert maintenance.in_force([cron], hour + 599) == maintenance.Hush(hour + 600, "It is being worked on.")
    assert maintenance.in_force([cron], hour + 600) is None
    once = Once(starts=hour, ends=hour + 5_000)
    longest = maintenance.in_force([cron, once], hour + 60)
    assert longest is not None
    assert longest.until == hour + 5_000
    assert maintenance.in_force([], hour) is None


@pytest.mark.parametrize(
    "window",
    [
        Once(starts=5.0, ends=5.0),
        Weekly(days=(), start="22:00", minutes=5),
        Weekly(days=(7,), start="22:00", minutes=5),
        Weekly(days=(1,), start="24:00", minutes=5),
        Weekly(days=(1,), start="22:00", minutes=0),
        Weekly(days=(1,), start="22:00", minutes=5, zone="No/Where"),
        ByCron(expression="x", minutes=5),
        ByCron(expression="* * * * *", minutes=20_000),
    ],
)
def test_a_maintenance_that_is_none_is_refused(window: Once | Weekly | ByCron) -> None:
    assert maintenance.problem(window)


def votes(text: str, age: float = 0.0) -> list[Vote]:
    kinds = {"g": Reading.GOOD, "s": Reading.SLOW, "b": Reading.BAD, "?": Reading.UNKNOWN}
    return [Vote(f"loc{n}", kinds[one], NOW - age) for n, one in enumerate(text)]


@pytest.mark.parametrize(
    ("text", "needed", "expected"),
    [
        ("bbg", 2, Reading.BAD),
        ("bgg", 2, Reading.GOOD),
        ("b", 2, Reading.UNKNOWN),
        ("b??", 2, Reading.UNKNOWN),
        ("b", 1, Reading.BAD),
        ("???", 1, Reading.UNKNOWN),
        ("ssg", 2, Reading.SLOW),
        ("", 1, Reading.UNKNOWN),
    ],
)
def test_locations_agree(text: str, needed: int, expected: Reading) -> None:
    assert quorum.agree(votes(text), needed, NOW, 120).reading is expected
    assert quorum.agree(votes(text, 121), needed, NOW, 120).reading is Reading.UNKNOWN


def test_the_locations_that_find_it_down_are_named() -> None:
    assert quorum.agree(votes("bgb"), 2, NOW, 120).reason == "2 of 3 locations find it down: loc0, loc2."


def test_uptime_counts_what_is_known() -> None:
    changes = [
        Change(100, State.UP),
        Change(200, State.DOWN),
        Change(250, State.UNKNOWN),
        Change(300, State.DEGRADED),
    ]
    found = objectives.uptime(changes, 0, 400)
    assert (found.up, found.down, found.unknown) == (200, 50, 150)
    assert found.share == pytest.approx(0.8)
    assert objectives.uptime(changes, 210, 240).share == 0
    assert objectives.uptime([], 0, 400).share is None


@given(
    gaps=st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from(State)), max_size=20),
    start=st.floats(0, 1e6), length=st.floats(1, 1e6),
)  # fmt: skip
def test_the_parts_of_a_time_make_up_the_whole(
    gaps: list[tuple[float, State]], start: float, length: float
) -> None:
    ends = itertools.accumulate(gap for gap, _ in gaps)
    changes = [Change(end, state) for end, (_, state) in zip(ends, gaps, strict=True)]
    found = objectives.uptime([one for one in changes if one.at <= start + length], start, start + length)
    assert found.up + found.down + found.unknown == pytest.approx(length)


def test_no_outage_is_rounded_away() -> None:
    assert objectives.percent(1.0) == "100.00 %"
    assert objectives.percent(0.999_97) == "99.997 %"
    assert objectives.percent(0.999_999_999_9) == "99.99999 %"


def test_an_error_budget_and_how_fast_it_burns() -> None:
    month = 30 * 86_400.0
    found = objectives.uptime([Change(0, State.UP), Change(month - 1_296, State.DOWN)], 0, month)
    left = objectives.budget(0.999, month, found)
    assert (left.allowed, left.left) == (pytest.approx(2_592), pytest.approx(1_296))
    assert left.reason == "50% of 2592 s are spent."
    assert objectives.burn_rate(0.999, found) == pytest.approx(0.5)
    hour = objectives.uptime([Change(0, State.UP), Change(3_600 - 51.84, State.DOWN)], 0, 3_600)
    assert objectives.burn_rate(0.999, hour) == pytest.approx(14.4)
    assert objectives.burn_rate(1.0, hour) is None
    assert "no outage" in objectives.budget(1.0, month, found).reason


def test_apdex() -> None:
    assert objectives.apdex(60, 30, 100) == pytest.approx(0.75)
    assert objectives.apdex(0, 0, 0) is None


@given(
    values=st.lists(st.floats(0.05, 1e6), min_size=1, max_size=300), q=st.sampled_from([0.5, 0.95, 0.99, 1.0])
)
def test_quantiles_are_as_near_as_promised_also_of_what_was_merged(values: list[float], q: float) -> None:
    half = len(values) // 2
    merged = Sketch.of(values[:half]).merged(Sketch.of(values[half:]))
    exact = sorted(values)[int(q * (len(values) - 1))]
    assert merged == Sketch.of(values)
    assert merged.quantile(q) == pytest.approx(exact, rel=0.0201)
    assert merged.count == len(values)


def test_a_sketch_of_nothing_has_no_quantile_and_bounds_what_it_takes() -> None:
    assert Sketch().quantile(0.5) is None
    wild = Sketch.of([0.0, -5.0, float("inf"), float("nan"), 1e300])
    assert wild.count == 4
    assert len(wild.bins) <= 2


@pytest.mark.parametrize(
    ("window", "now", "starts", "ends"),
    [
        (Weekly(days=(6,), start="22:00", minutes=120, zone=BERLIN), "2026-03-22T23:00", "2026-03-29T22:00", "2026-03-30T00:00"),
        (Weekly(days=(6,), start="02:30", minutes=60, zone=BERLIN), "2026-03-25T12:00", "2026-03-29T03:00", "2026-03-29T04:00"),
        (Weekly(days=(6,), start="02:30", minutes=60, zone=BERLIN), "2026-10-20T12:00", "2026-10-25T02:30", "2026-10-25T02:30+01:00"),
        (ByCron(expression="0 4 1 * *", minutes=30, zone=BERLIN), "2026-10-20T12:00", "2026-11-01T04:00", "2026-11-01T04:30"),
        (Once(starts=at("2026-05-02T01:00"), ends=at("2026-05-03T01:00")), "2026-05-01T12:00", "2026-05-02T01:00", "2026-05-03T01:00"),
    ],
)  # fmt: skip
def test_the_next_time_of_a_maintenance_by_the_clock_of_its_zone(
    window: Maintenance, now: str, starts: str, ends: str
) -> None:
    end = dt.datetime.fromisoformat(ends)
    told = end.timestamp() if end.tzinfo else at(ends)
    assert maintenance.coming([window], at(now), at(now) + 14 * DAY) == (Span(at(starts), told),)


def test_what_is_too_far_ahead_or_has_begun_is_not_coming() -> None:
    windows = [
        ByCron(expression="0 4 1 1 *", minutes=30),
        Once(starts=NOW, ends=NOW + 60),
        Once(starts=NOW - 60, ends=NOW + 60),
    ]
    assert maintenance.coming(windows, NOW, NOW + 14 * DAY) == ()


WINDOWS = st.one_of(
    st.builds(
        Weekly,
        days=st.frozensets(st.integers(0, 6), min_size=1).map(tuple),
        start=st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
        minutes=st.integers(1, 600),
        zone=st.sampled_from((BERLIN, "UTC", "America/St_Johns", "Australia/Lord_Howe")),
    ),
    st.builds(
        ByCron,
        expression=st.sampled_from(("*/20 * * * *", "30 2 * * *", "15 1 * * 0", "0 0 29 * *")),
        minutes=st.integers(1, 90),
        zone=st.sampled_from((BERLIN, "UTC", "America/New_York")),
    ),
)


@settings(deadline=None, max_examples=60)
@given(window=WINDOWS, now=st.floats(at("2026-03-01T00:00"), at("2026-12-01T00:00")))
def test_what_is_told_to_come_is_in_force_when_it_has_come(window: Maintenance, now: float) -> None:
    for span in maintenance.coming([window], now, now + 14 * DAY):
        assert now < span.starts < now + 14 * DAY
        for instant in (span.starts, (span.starts + span.ends) / 2):
            assert maintenance.in_force([window], instant) is not None
        assert all(gap.starts >= span.starts for gap in maintenance.coming([window], now, span.starts + 1))
