"""Cron expressions: what is read, what is refused and why, and what happens where the clock changes."""

import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.monitors import cron, rhythm
from vedette.monitors.types import Cron, Every

BERLIN = "Europe/Berlin"


def at(text: str, zone: str = "UTC", fold: int = 0) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold).timestamp()


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("*/5 * * * *", "2026-11-24T02:14", "2026-11-24T02:15"),
        ("0 4 * * MON-FRI", "2026-11-27T04:00", "2026-11-30T04:00"),
        ("0 0 1 JAN *", "2026-11-24T02:14", "2027-01-01T00:00"),
        ("10-20/5 * * * *", "2026-11-24T02:16", "2026-11-24T02:20"),
        ("0 0 L * *", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("0 0 LW * *", "2026-02-01T00:00", "2026-02-27T00:00"),
        ("0 9 * * 5L", "2026-11-01T00:00", "2026-11-27T09:00"),
        ("0 9 * * MON#2", "2026-11-01T00:00", "2026-11-09T09:00"),
        ("0 0 13 * FRI", "2026-11-14T00:00", "2026-11-20T00:00"),  # either: neither field begins with a star
        ("0 0 * * 7", "2026-11-24T00:00", "2026-11-29T00:00"),
        ("@daily", "2026-11-24T02:14", "2026-11-25T00:00"),
        ("@HOURLY", "2026-11-24T02:14", "2026-11-24T03:00"),
        ("  0  0 29 2 * ", "2026-11-24T02:14", "2028-02-29T00:00"),
    ],
)
def test_the_next_time(expression: str, after: str, expected: str) -> None:
    assert cron.problem(expression) == ""
    found = cron.next_after(expression, "UTC", at(after))
    assert found.at == at(expected)
    assert expression.strip() in found.reason


@pytest.mark.parametrize(
    ("expression", "zone", "said"),
    [
        ("* * * *", "UTC", "five fields"),
        ("* * * * * *", "UTC", "five fields"),
        ("", "UTC", "five fields"),
        ("61 * * * *", "UTC", "field minute"),
        ("* * 15W * *", "UTC", "field day-of-month"),
        ("* * * * XYZ", "UTC", "field day-of-week"),
        ("*/0 * * * *", "UTC", "field minute"),
        ("0 0 31 2 *", "UTC", "field day-of-month"),
        ("@reboot", "UTC", "names no time"),
        ("@sometimes", "UTC", "five fields"),
        ("* * * * *", "Mars/Olympus", "no time zone"),
        ("* * * * *", "../etc/passwd", "no time zone"),
        ("1," * 150 + "1 * * * *", "UTC", "at most"),
    ],
)
def test_what_is_refused_says_why(expression: str, zone: str, said: str) -> None:
    assert said in cron.problem(expression, zone)


def test_a_time_in_the_hour_that_is_skipped_comes_when_the_clock_goes_on() -> None:
    found = cron.next_after("30 2 * * *", BERLIN, at("2026-03-28T12:00", BERLIN))
    assert found.at == at("2026-03-29T03:00", BERLIN)
    assert cron.next_after("30 2 * * *", BERLIN, found.at).at == at("2026-03-30T02:30", BERLIN)


def test_a_time_in_the_hour_that_comes_twice_comes_once() -> None:
    first = at("2026-10-25T02:30", BERLIN)
    assert cron.next_after("30 2 * * *", BERLIN, at("2026-10-24T12:00", BERLIN)).at == first
    assert cron.next_after("30 2 * * *", BERLIN, first).at == at("2026-10-26T02:30", BERLIN)
    again = at("2026-10-25T02:10", BERLIN, fold=1)
    assert cron.next_after("30 2 * * *", BERLIN, again).at == at("2026-10-26T02:30", BERLIN)


def test_what_follows_real_time_comes_in_each_of_them() -> None:
    times, now = [], at("2026-10-25T01:59", BERLIN)
    for _ in range(4):
        now = cron.next_after("0 * * * *", BERLIN, now).at or 0.0
        times.append(now)
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [3600.0] * 3


fields = st.sampled_from(["*", "*/7", "5", "1,3", "2-5", "0-23/4"])


@given(
    minute=st.sampled_from(["*", "*/7", "59", "0,30", "10-50/20"]), hour=fields, day=st.sampled_from(["*", "1", "L", "31", "*/9"]),
    month=st.sampled_from(["*", "2", "JAN-MAR", "*/5"]), weekday=st.sampled_from(["*", "MON", "6L", "1#5", "0,7"]),
    zone=st.sampled_from(["UTC", BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    after=st.floats(1.7e9, 1.9e9),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_the_next_time_is_later_and_there_is_none_between(  # noqa: PLR0917 - drawn one by one
    minute: str, hour: str, day: str, month: str, weekday: str, zone: str, after: float
) -> None:
    expression = f"{minute} {hour} {day} {month} {weekday}"
    if cron.problem(expression, zone):
        return
    found = cron.next_after(expression, zone, after).at
    assert found is not None
    assert found > after
    assert cron.next_after(expression, zone, (after + found) / 2).at == found


@given(text=st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    assert isinstance(cron.problem(text), str)


def test_a_sign_shortly_before_its_time_is_that_times() -> None:
    daily = Cron(expression="0 4 * * *")
    due = at("2026-11-24T04:00")
    assert rhythm.expected_after(daily, due - 60).at == due + 86_400
    assert rhythm.expected_after(daily, due - 91).at == due
    assert rhythm.expected_after(daily, due).at == due + 86_400
    # Each minute, a quarter of it is shortly.
    assert rhythm.expected_after(Cron(expression="* * * * *"), due - 14).at == due + 60
    assert rhythm.expected_after(Cron(expression="* * * * *"), due - 16).at == due
    assert rhythm.expected_after(Every(seconds=60), due).at == due + 60


def test_a_period_has_bounds() -> None:
    assert rhythm.problem(Every(seconds=60), 0.0) == ""
    assert rhythm.problem(Every(seconds=9), 0.0) == rhythm.problem(Every(seconds=1e9), 0.0) != ""
    assert "five fields" in rhythm.problem(Cron(expression="x"), 0.0)
