"""One rule for the days on which clocks change: on call, quiet hours, silences and digests alike."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.silencing import Recurrence, Silence, window
from vedette.core import zones
from vedette.core.clock import parse_iso
from vedette.notify import hours
from vedette.notify.types import QuietHours
from vedette.reports import periods
from vedette.reports.types import Period, Subscription

BERLIN = "Europe/Berlin"
JUMP = parse_iso("2026-03-29T01:00:00Z")  # 2:00 in Berlin: it is 3:00
EVERY_DAY = tuple(range(7))
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1))
ZONES = st.sampled_from(
    ("UTC", BERLIN, "America/Chicago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe", "a\0b", "x" * 500])
def test_what_is_no_zone(name: str) -> None:
    assert zones.problem(name).startswith("There is no time zone")


@pytest.mark.parametrize("name", ["UTC", BERLIN, "America/Argentina/Ushuaia"])
def test_what_is_one(name: str) -> None:
    assert not zones.problem(name)
    assert zones.local(0.0, name).utcoffset() is not None


@given(DAYS, st.integers(0, 1_439), ZONES)
def test_the_clock_shows_the_wall_time_unless_it_never_comes(day: dt.date, minute: int, zone: str) -> None:
    wall = f"{minute // 60:02}:{minute % 60:02}"
    first, last = zones.first(day.toordinal(), wall, zone), zones.last(day.toordinal(), wall, zone)
    assert first <= last
    for at in (first, last):
        seen = zones.local(at, zone).replace(tzinfo=None)
        meant = dt.datetime.combine(day, dt.time(minute // 60, minute % 60))
        before = zones.local(at - 1, zone).replace(tzinfo=None)
        assert seen == meant or before < meant < seen  # the jump: just before it was earlier, now it is later


def test_what_never_comes_is_the_jump_for_everybody() -> None:
    saturday = JUMP - 12 * 3_600
    asked = Subscription(user=1, period=Period.DAILY, hour=2, weekday=0, zone=BERLIN)
    assert periods.next_due(asked, saturday) == JUMP
    quiet = QuietHours(start="02:30", end="05:00", days=EVERY_DAY, zone=BERLIN)
    assert hours.until(quiet, JUMP - 1) is None
    assert hours.until(quiet, JUMP) == parse_iso("2026-03-29T03:00:00Z")
    weekly = Recurrence(days=EVERY_DAY, start="02:30", minutes=60, zone=BERLIN)
    silence = Silence(
        id="s", matchers=(), starts=0.0, ends=JUMP + 1e9, author="", comment="", updated_at=0.0, recurrence=weekly
    )  # fmt: skip
    assert window(silence, JUMP) == (JUMP, JUMP + 3_600)


def test_what_comes_twice_begins_at_its_first_and_ends_at_its_last() -> None:
    quiet = QuietHours(start="22:00", end="02:30", days=EVERY_DAY, zone=BERLIN)
    assert hours.until(quiet, parse_iso("2026-10-25T00:00:00Z")) == parse_iso("2026-10-25T01:30:00Z")
    starting = QuietHours(start="02:30", end="06:00", days=EVERY_DAY, zone=BERLIN)
    assert hours.until(starting, parse_iso("2026-10-25T00:30:00Z")) is not None
