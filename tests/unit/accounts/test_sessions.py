"""Sessions end by idling and by age, and are noted at most once a minute."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.sessions import SEEN_EVERY, Ending, judge

HOUR, DAY = 3_600.0, 86_400.0
NOW = 1_764_000_000.0
spans = st.floats(0, 60 * DAY)


@given(spans, spans, st.floats(1, 100), st.floats(1, 60))
def test_it_lives_exactly_within_both_limits(age: float, idle: float, hours: float, days: float) -> None:
    age = max(age, idle)
    verdict = judge(NOW - age, NOW - idle, NOW, hours * HOUR, days * DAY)
    within = (NOW - (NOW - age) < days * DAY) and (NOW - (NOW - idle) < hours * HOUR)
    assert verdict.alive == within
    assert verdict.alive == (verdict.ending is Ending.NONE)
    assert not (verdict.note_seen and not verdict.alive)


@given(st.floats(0, 3_000))
def test_being_seen_is_written_once_a_minute(idle: float) -> None:
    verdict = judge(NOW - DAY, NOW - idle, NOW, 72 * HOUR, 30 * DAY)
    assert verdict.note_seen == (NOW - (NOW - idle) >= SEEN_EVERY)


def test_reasons_are_told() -> None:
    assert (
        judge(NOW - 31 * DAY, NOW, NOW, 72 * HOUR, 30 * DAY).reason == "Signed in 30 days ago; sign in again."
    )
    assert (
        judge(NOW - 4 * DAY, NOW - 73 * HOUR, NOW, 72 * HOUR, 30 * DAY).reason
        == "Unused for 72 hours; sign in again."
    )


def test_a_clock_that_went_back_ends_nothing() -> None:
    assert judge(NOW + HOUR, NOW + HOUR, NOW, HOUR, DAY).alive
