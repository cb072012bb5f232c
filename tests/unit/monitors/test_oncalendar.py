"""OnCalendar expressions: they elapse when systemd says, also where the clock changes, or are refused in words."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import calendars
from tests.support.calendar_sample import SAMPLE

from vedette.core.clock import to_datetime
from vedette.monitors import oncalendar, rhythm
from vedette.monitors.types import OnCalendar

NOW = calendars.utc("2026-11-24 02:14:00")

DIFFERENCES = {
    # systemd refuses a step that comes to no second value (of twelve months, 6/7), and one second as a range.
    "Thu..Fri 2026-6/7-18,06,12 4/2:12:10",
    "12:*:44..44 Australia/Lord_Howe",
    # In an hour that comes twice it takes the second; here it is the first.
    "*-2,02,10,7~7/1 *:*:2/3 Europe/Berlin",
}


def ours(expression: str, base: str) -> str | None:
    try:
        found = oncalendar.next_after(expression, "UTC", calendars.utc(base)).at
    except ValueError:
        return None
    return "never" if found is None else to_datetime(found).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(("expression", "base", "expected"), SAMPLE)
def test_it_elapses_when_systemd_said(expression: str, base: str, expected: str | None) -> None:
    assert ours(expression, base) == expected


@pytest.mark.deep
def test_it_elapses_when_systemd_says() -> None:
    """Two thousand expressions: what differs is the list above."""
    assert shutil.which("systemd-analyze"), "install systemd: tools/system-packages names it"
    asked = [pair for seed in (6, 7) for pair in calendars.expressions(1_000, seed)]
    found = [one for one in asked if ours(*one) != calendars.elapses(*one)]
    assert {expression for expression, _ in found} == DIFFERENCES


@pytest.mark.parametrize(
    ("expression", "zone", "said"),
    [
        ("Mon *-*-* 25:00", "UTC", "its hour cannot be read"),
        ("*-*-1x", "UTC", "its day-of-month cannot be read"),
        ("*:0/0", "UTC", "its minute cannot be read"),
        ("*-*-* *:*:0/0.5", "UTC", "its second cannot be read"),
        ("@1395716396", "UTC", "is no OnCalendar expression"),
        ("12:00 Mars/Olympus", "UTC", "is no OnCalendar expression"),
        ("12:00 Europe", "UTC", "is no OnCalendar expression"),
        ("2020-01-01", "UTC", "names no time that is yet to come"),
        ("*-02-30", "UTC", "names no time that is yet to come"),
        ("", "UTC", "is empty"),
        ("daily", "Mars/Olympus", "no time zone"),
        ("daily\n" * 11, "UTC", "at most"),
        ("1" * 500, "UTC", "at most"),
    ],
)
def test_what_is_refused_says_why(expression: str, zone: str, said: str) -> None:
    assert said in rhythm.problem(OnCalendar(expression=expression, zone=zone), NOW)


def test_several_lines_elapse_with_the_first_of_them_each_in_its_zone() -> None:
    found = oncalendar.next_after("2030-01-01\n 09:00 Asia/Tokyo \n\nMon 08:00", "Europe/Berlin", NOW)
    assert found.at == calendars.utc("2026-11-25 00:00:00")
    assert "Mon 08:00" in found.reason


@given(
    text=st.text(alphabet="Mon,Tue..-*/~:0123456789 UTCEurope/Berlin\n", max_size=40) | st.text(max_size=20)
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    assert isinstance(rhythm.problem(OnCalendar(expression=text), NOW), str)
