from hypothesis import given
from hypothesis import strategies as st

from vedette.intake import quota
from vedette.intake.ports import ProjectKey
from vedette.intake.quota import ADMITTED, Admission, Window

NOON = 1_764_072_000.0
FREE = ProjectKey("k", 1)


def key(per_minute: int | None = None, per_day: int | None = None) -> ProjectKey:
    return ProjectKey("k", 1, per_minute=per_minute, per_day=per_day)


def test_without_quotas_everything_comes_in() -> None:
    assert quota.admit(FREE, Window(current=10**9, day=10**9), NOON) is ADMITTED


def test_the_last_of_the_day_comes_in_and_the_next_waits_for_midnight() -> None:
    assert quota.admit(key(per_day=5), Window(day=4), NOON).allowed
    refused = quota.admit(key(per_day=5), Window(day=5), NOON)
    assert refused == Admission(allowed=False, retry_after=43_200, reason="daily_quota")


def test_a_minute_takes_its_quota() -> None:
    assert quota.admit(key(per_minute=10), Window(current=9), NOON).allowed
    refused = quota.admit(key(per_minute=10), Window(current=10), NOON)
    assert (refused.allowed, refused.reason) == (False, "minute_quota")


def test_the_previous_minute_fades() -> None:
    window = Window(previous=10)
    assert not quota.admit(key(per_minute=10), window, NOON).allowed
    assert quota.admit(key(per_minute=10), window, NOON + 6).allowed
    assert quota.admit(key(per_minute=10), window, NOON).retry_after == 6


def test_the_default_guards_only_keys_without_a_quota() -> None:
    assert quota.admit(FREE, Window(current=10), NOON, default_per_minute=10).reason == "abuse_limit"
    assert quota.admit(key(per_minute=20), Window(current=10), NOON, default_per_minute=10).allowed


def test_a_quota_of_zero_lets_nothing_in() -> None:
    assert not quota.admit(key(per_minute=0), Window(), NOON).allowed
    assert not quota.admit(key(per_day=0), Window(), NOON).allowed


def test_windows_slide_with_the_minutes() -> None:
    window = Window(minute=100, current=7, previous=3)
    assert quota.at(window, 100 * 60 + 59.9) is window
    assert quota.at(window, 101 * 60.0) == Window(101, 0, 7)
    assert quota.at(window, 102 * 60.0) == Window(102, 0, 0)


@given(
    st.integers(1, 1000),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.floats(NOON, NOON + 60, exclude_max=True),
)
def test_after_the_wait_it_told_the_next_comes_in(
    limit: int, current: int, previous: int, now: float
) -> None:
    window = Window(int(now // 60), current, previous)
    decision = quota.admit(key(per_minute=limit), window, now)
    if decision.allowed:
        return
    later = now + decision.retry_after
    assert 1 <= decision.retry_after <= 120
    assert quota.admit(key(per_minute=limit), quota.at(window, later), later).allowed
