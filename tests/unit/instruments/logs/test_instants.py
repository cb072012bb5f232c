"""Stamps of logs: without a year, without a zone, in the hour that a clock shows twice."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.instruments.logs.instants import AHEAD, Stamps, instant

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("stamp", "meant"),
    [
        ("Nov  2 15:40:14", "2026-11-02T15:40:14+00:00"),
        ("Nov 2 15:40:14.25", "2026-11-02T15:40:14.25+00:00"),
        ("Nov  2 2021 15:40:14", "2021-11-02T15:40:14+00:00"),
        ("2023-11-14T00:20:42.738197+01:00", "2023-11-13T23:20:42.738197+00:00"),
        ("2023-11-14T00:20:42+0100", "2023-11-13T23:20:42+00:00"),
        ("2023-11-14T00:20:42Z", "2023-11-14T00:20:42+00:00"),
        ("2021-11-09  5:13:12", "2021-11-09T05:13:12+00:00"),
        ("2021/11/18 08:34:27", "2021-11-18T08:34:27+00:00"),
        ("2021-09-28 09:22:18.536 UTC", "2021-09-28T09:22:18.536+00:00"),
        ("2026-01-01 12:00:00,123", "2026-01-01T12:00:00.123+00:00"),
        ("14/Oct/2022:09:55:53 +0200", "2022-10-14T07:55:53+00:00"),
        ("14/Jan/2015:12:48:57.127", "2015-01-14T12:48:57.127+00:00"),
        ("01 Jan 2024 12:00:00.123", "2024-01-01T12:00:00.123+00:00"),
        ("Thu Sep 30 13:27:06.009964 2021", "2021-09-30T13:27:06.009964+00:00"),
        ("Mon Jun  8 12:08:53 2020", "2020-06-08T12:08:53+00:00"),
        ("221128 14:49:17", "2022-11-28T14:49:17+00:00"),
        ("1684329817.579", "2023-05-17T13:23:37.579+00:00"),
        ("1684329817579", "2023-05-17T13:23:37.579+00:00"),
        ("1684329817", "2023-05-17T13:23:37+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
    ],
)
def test_forms(stamp: str, meant: str) -> None:
    found = instant(stamp, at("2026-11-26T17:19:27+00:00"), datetime.UTC)
    assert found == pytest.approx(at(meant), abs=1e-5)


@pytest.mark.parametrize(
    "stamp", ["", "x", "Foo  2 15:40:14", "Feb 30 01:00:00", "2026-13-01T00:00:00Z", "99:99:99"]
)
def test_what_is_no_stamp_is_none(stamp: str) -> None:
    assert instant(stamp, at("2026-11-26T17:19:27+00:00"), datetime.UTC) is None


@pytest.mark.parametrize(
    ("stamp", "read", "meant"),
    [
        ("Dec 31 23:59:59", "2027-01-01T00:00:01+00:00", "2026-12-31T23:59:59+00:00"),
        ("Jan  1 00:00:01", "2026-12-31T23:59:58+00:00", "2027-01-01T00:00:01+00:00"),
        ("Jan  1 00:00:01", "2027-01-01T00:00:02+00:00", "2027-01-01T00:00:01+00:00"),
        ("Nov 27 10:00:00", "2026-11-26T17:00:00+00:00", "2026-11-27T10:00:00+00:00"),
        ("Nov 28 10:00:00", "2026-11-26T17:00:00+00:00", "2025-11-28T10:00:00+00:00"),
        ("Feb 29 10:00:00", "2026-11-26T17:00:00+00:00", "2024-02-29T10:00:00+00:00"),
    ],
)
def test_a_stamp_without_a_year_is_of_the_last_such_day(stamp: str, read: str, meant: str) -> None:
    assert instant(stamp, at(read), datetime.UTC) == at(meant)


def test_a_new_year_is_of_the_sources_zone() -> None:
    """At 23:30 UTC it is next year in Berlin already."""
    now = at("2026-12-31T23:30:00+00:00")
    assert instant("Jan  1 00:29:00", now, BERLIN) == at("2026-12-31T23:29:00+00:00")


def test_a_file_runs_on_where_the_clock_is_put_back() -> None:
    """On 25 October 2026 Berlin shows 02:00 to 02:59:59 twice; lines are told apart by those before them."""
    now = at("2026-10-25T12:00:00+01:00")
    stamps = Stamps(BERLIN)
    faces = ["01:59:59", "02:10:00", "02:50:00", "02:49:58", "02:59:59", "02:00:00", "02:30:00", "03:00:00"]
    found = [stamps.at(f"Oct 25 {face}", now) for face in faces]
    first = at("2026-10-25T01:59:59+02:00")
    assert [one - first for one in found] == [0, 601, 3001, 2999, 3600, 3601, 5401, 7201]


def test_a_stamp_far_ahead_is_not_believed() -> None:
    now = at("2026-11-26T17:00:00+00:00")
    stamps = Stamps(datetime.UTC)
    assert stamps.at("2027-06-01T00:00:00Z", now) == now
    assert stamps.at("nonsense", now) == now
    assert stamps.at("2026-11-26T16:55:00Z", now) == now - 300


@settings(max_examples=40)
@given(st.integers(946_684_800, 2_145_916_800), st.floats(-AHEAD, 363 * 86_400))
def test_a_bsd_stamp_is_found_again(seconds: int, age: float) -> None:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    if (moment.month, moment.day) == (2, 29):
        return
    stamp = f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S}"
    assert instant(stamp, moment.timestamp() + age, datetime.UTC) == moment.timestamp()


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    found = instant(text, 1_795_713_567.0, BERLIN)
    assert found is None or isinstance(found, float)


@pytest.mark.parametrize(
    "minute",
    ["Nov 26 17:14:{} ", "26/Nov/2026:17:14:{} +0100", "2026-11-26T17:14:{}+00:00", "2026-11-26 17:14:{}.5", "2026-11-26T17:14:{}Z"],
)  # fmt: skip
def test_stamps_of_one_minute_are_what_each_is_by_itself(minute: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime.datetime(2026, 11, 26, 18, 0, tzinfo=zone).timestamp()
    stamps = Stamps(zone)
    for second in ("05", "59", "00", "60", "31", "6 ", "+7", "61", "30"):
        text = minute.format(second).rstrip()
        assert stamps.at(text, now) == Stamps(zone).at(text, now), text
