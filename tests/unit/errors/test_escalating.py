"""What an issue is used to, and what is clearly more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import escalating
from vedette.errors.escalating import FLOOR, HOURS

COUNTS = st.lists(st.integers(0, 5_000), max_size=HOURS)
DAY = [0] * 24


def test_it_says_why() -> None:
    found = escalating.decide(6, 41)
    assert (found.escalates, found.reason) == (True, "41 events in the last hour; it usually has at most 6.")
    assert escalating.decide(0, 1).reason == "1 event in the last hour; it usually has at most 0."


@pytest.mark.parametrize(("usual", "last_hour", "escalates"), [
    (0, FLOOR, False), (0, FLOOR + 1, True), (6, 16, False), (6, 17, True), (500, 1_000, False), (500, 1_001, True),
])  # fmt: skip
def test_tiny_issues_do_not_wake_by_noise(usual: int, last_hour: int, escalates: bool) -> None:
    assert escalating.decide(usual, last_hour).escalates is escalates


def test_one_flood_is_not_usual_and_a_nightly_run_is() -> None:
    flood = DAY * 3 + [0] * 12 + [900] * 12 + DAY * 3
    assert escalating.usual(flood, 0) == 0
    nightly = [0, 0, 0, 300, *[1] * 20] * 7
    assert escalating.usual(nightly, 0) == 300


def test_who_mutes_has_seen_the_last_hour() -> None:
    assert escalating.usual(DAY * 7, 500) == 500
    assert escalating.usual([], 0) == 0


def test_a_young_issue_is_known_by_the_hours_it_has() -> None:
    assert escalating.usual([4], 1) == 4
    assert escalating.usual([2, 8, 3], 1) == 8


@given(COUNTS, st.integers(0, 5_000), st.integers(1, 50))
def test_as_much_as_usual_never_escalates_and_far_more_always_does(
    hours: list[int], last: int, times: int
) -> None:
    usual = escalating.usual(hours, last)
    assert last <= usual <= max([last, *hours])
    assert not escalating.decide(usual, usual).escalates
    assert escalating.decide(usual, (usual + FLOOR) * 2 * times + 1).escalates


@given(COUNTS, st.integers(0, 23), st.integers(0, 10**9))
def test_one_day_more_or_less_moves_the_usual_no_further_than_another_day(
    hours: list[int], hour: int, flood: int
) -> None:
    week = (hours + [0] * HOURS)[:HOURS]
    spoiled = [*week]
    spoiled[-1 - hour] = flood
    assert escalating.usual(spoiled, 0) <= max(week)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_events_never_make_it_less_of_an_escalation(usual: int, fewer: int, more: int) -> None:
    few, many = sorted((fewer, more))
    assert escalating.decide(usual, few).escalates <= escalating.decide(usual, many).escalates
