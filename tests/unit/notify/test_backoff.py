"""When to try again, and when to give up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.notify import backoff
from vedette.notify.backoff import Failure, after

NOW = 1_764_000_000.0


def failure(tries: int = 1, **changes: object) -> Failure:
    return Failure(**{"tries": tries, "queued_at": NOW, "permanent": False, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("tries", "wait"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (19, 3600)])
def test_waits_double_up_to_an_hour(tries: int, wait: float) -> None:
    assert after(failure(tries), NOW).at == NOW + wait


def test_chance_spreads_the_waits() -> None:
    assert after(failure(1), NOW, 1.2).at == NOW + 6


def test_a_permanent_error_ends_it_at_once() -> None:
    assert after(failure(permanent=True), NOW).at is None


def test_twenty_tries_are_enough() -> None:
    assert after(failure(19), NOW).at is not None
    assert after(failure(20), NOW).at is None


def test_a_day_is_enough() -> None:
    assert after(failure(18, queued_at=NOW - 86_400 + 3_600), NOW).at == NOW + 3600
    assert after(failure(18, queued_at=NOW - 86_400 + 3_599), NOW).at is None


@pytest.mark.parametrize(("asked", "wait"), [(1.0, 5.0), (90.0, 90.0), (7_200.0, 7_200.0)])
def test_a_longer_wait_that_was_asked_for_is_honoured(asked: float, wait: float) -> None:
    follows = after(failure(retry_after=asked), NOW)
    assert follows.at == NOW + wait
    assert ("as the receiver asked" in follows.reason) is (wait > 5)


@given(
    st.integers(1, 30),
    st.floats(0, 90_000),
    st.booleans(),
    st.none() | st.floats(0, 1e6),
    st.floats(0.8, 1.2),
)
def test_it_is_never_too_early_and_never_after_a_day(
    tries: int, age: float, permanent: bool, asked: float | None, spread: float
) -> None:
    given_up = Failure(tries=tries, queued_at=NOW - age, permanent=permanent, retry_after=asked)
    follows = after(given_up, NOW, spread)
    assert follows.reason
    if follows.at is not None:
        assert not permanent
        assert tries < backoff.MOST_TRIES
        assert follows.at >= NOW + max(4.0, asked or 0.0)
        assert follows.at <= NOW - age + backoff.GIVE_UP_AFTER
