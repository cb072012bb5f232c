"""Days and weeks by the wall clock: none twice, none left out, whatever the clocks do."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.clock import parse_iso
from vedette.reports import periods
from vedette.reports.types import Period, Subscription

ZONES = ("UTC", "America/Chicago", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe")
YEAR = st.integers(
    min_value=int(parse_iso("2026-01-01T00:00:00Z")), max_value=int(parse_iso("2027-06-01T00:00:00Z"))
)


def wall(at: float, zone: str) -> str:
    return f"{dt.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/London", "2026-03-30T08:00:00Z", 23.0),
        ("Europe/London", "2026-10-26T08:00:00Z", 25.0),
        ("America/Chicago", "2026-11-02T14:00:00Z", 25.0),
        ("Australia/Lord_Howe", "2026-04-05T22:00:00Z", 24.5),
        ("Asia/Kathmandu", "2026-06-10T03:00:00Z", 24.0),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(zone: str, now: str, hours: float) -> None:
    start, end = periods.last_whole(Period.DAILY, parse_iso(now), zone)
    assert (end - start) / 3_600 == hours
    assert wall(start, zone).endswith("00:00")
    assert wall(end, zone).endswith("00:00")


@given(YEAR, st.sampled_from(ZONES), st.sampled_from(list(Period)))
def test_periods_follow_each_other(now: float, zone: str, period: Period) -> None:
    start, end = periods.last_whole(period, now, zone)
    assert start < end <= now
    assert periods.last_whole(period, start, zone)[1] == start  # the one before ends where this begins
    assert now - end <= (8 if period is Period.WEEKLY else 1.1) * 86_400


@given(YEAR, st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 6), st.sampled_from(list(Period)))
def test_mails_come_once_a_period(now: float, zone: str, hour: int, weekday: int, period: Period) -> None:
    asked = Subscription(user=1, period=period, hour=hour, weekday=weekday, zone=zone)
    first = periods.next_due(asked, now)
    second = periods.next_due(asked, first)
    assert first > now
    days = (
        dt.date.fromisoformat(wall(second, zone)[:10]) - dt.date.fromisoformat(wall(first, zone)[:10])
    ).days
    assert days == (7 if period is Period.WEEKLY else 1)


def test_a_time_that_is_skipped_falls_behind_the_change_and_one_shown_twice_is_its_first() -> None:
    chicago = Subscription(user=1, period=Period.DAILY, hour=2, zone="America/Chicago")
    skipped = periods.next_due(chicago, parse_iso("2026-03-08T06:30:00Z"))
    assert wall(skipped, "America/Chicago") == "2026-03-08 03:00"
    twice = Subscription(user=1, period=Period.DAILY, hour=1, zone="America/Chicago")
    assert periods.next_due(twice, parse_iso("2026-11-01T05:30:00Z")) == parse_iso("2026-11-01T06:00:00Z")


def test_names() -> None:
    assert periods.named(Period.DAILY, parse_iso("2026-11-24T00:00:00Z"), "UTC") == "Tuesday, 24 Nov 2026"
    assert periods.named(Period.WEEKLY, parse_iso("2026-11-16T00:00:00Z"), "UTC") == "16 to 22 Nov 2026"
    assert periods.named(Period.WEEKLY, parse_iso("2026-10-26T00:00:00Z"), "UTC") == "26 Oct to 1 Nov 2026"
