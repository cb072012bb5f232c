"""Silences: when they hold, also by the wall clock; one that ended never comes back."""

import datetime as dt

import pytest

from vedette.alerts.matching import parse
from vedette.alerts.silencing import Recurrence, Silence, SilenceState, quiet, state, window

WHAT = parse('alertname="Down"')
LABELS = {"alertname": "Down"}


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def make(starts: float, ends: float, recurrence: Recurrence | None = None, name: str = "s") -> Silence:
    return Silence(
        id=name, matchers=WHAT, starts=starts, ends=ends, author="Anna", comment="work", updated_at=starts,
        recurrence=recurrence,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "expected"),
    [(99.0, SilenceState.PENDING), (100.0, SilenceState.ACTIVE), (199.9, SilenceState.ACTIVE), (200.0, SilenceState.EXPIRED)],
)  # fmt: skip
def test_a_silence_holds_from_its_start_to_its_end(now: float, expected: SilenceState) -> None:
    made = make(100.0, 200.0)
    assert state(made, now) is expected
    assert (quiet([made], LABELS, now) is not None) is (expected is SilenceState.ACTIVE)


def test_only_what_is_meant_is_quiet() -> None:
    assert quiet([make(0.0, 100.0)], {"alertname": "Up"}, 50.0) is None


def test_of_two_silences_the_longer_one_counts() -> None:
    found = quiet([make(0.0, 100.0, name="short"), make(0.0, 300.0, name="long")], LABELS, 50.0)
    assert found is not None
    assert (found.silence, found.until) == ("long", 300.0)
    assert "Anna silenced it until" in found.reason
    assert "work" in found.reason


NIGHTS = Recurrence(days=(5, 6), start="23:30", minutes=120, zone="Europe/Berlin")
WHOLE = (at("2026-01-01T00:00+00:00"), at("2027-01-01T00:00+00:00"))


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        ("2026-11-28T23:29+01:00", False),
        ("2026-11-28T23:30+01:00", True),
        ("2026-11-29T01:29+01:00", True),
        ("2026-11-29T01:30+01:00", False),
        ("2026-11-30T01:00+01:00", True),
        ("2026-11-27T23:45+01:00", False),
        ("2026-07-04T23:30+02:00", True),
    ],
)
def test_a_recurring_silence_holds_by_the_wall_clock_of_its_zone(now: str, holds: bool) -> None:
    assert (window(make(*WHOLE, NIGHTS), at(now)) is not None) is holds


@pytest.mark.parametrize(
    "midnight", ["2026-03-29T00:00+01:00", "2026-10-25T00:00+02:00", "2026-11-01T00:00+01:00"]
)
def test_it_begins_at_its_wall_time_also_on_the_days_the_clock_is_put(midnight: str) -> None:
    sunday = Recurrence(days=(6,), start="00:00", minutes=60, zone="Europe/Berlin")
    made, start = make(*WHOLE, sunday), at(midnight)
    assert window(made, start - 1) is None
    assert window(made, start) == (start, start + 3_600)
    assert window(made, start + 3_600) is None


def test_a_recurring_silence_ends_with_the_whole() -> None:
    made = make(WHOLE[0], at("2026-11-28T23:45+01:00"), NIGHTS)
    assert window(made, at("2026-11-28T23:40+01:00")) == (
        at("2026-11-28T23:30+01:00"),
        at("2026-11-28T23:45+01:00"),
    )
    assert state(made, at("2026-12-05T23:40+01:00")) is SilenceState.EXPIRED
