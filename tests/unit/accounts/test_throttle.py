"""Tries wait longer and longer, but never for ever; a known address is judged by itself."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.throttle import LIMITS, Bucket, Scope, Tries, admit, failed, judge, spend

NOW = 1_764_000_000.0
scopes = st.sampled_from(Scope)


@given(scopes, st.integers(0, 10_000), st.floats(0, 10_000))
def test_a_wait_is_bounded_and_over_when_it_says(scope: Scope, failures: int, ago: float) -> None:
    tries = Tries(failures, NOW - ago)
    verdict = admit(tries, scope, NOW)
    assert verdict.allowed == (verdict.wait == 0)
    assert verdict.wait <= LIMITS[scope].most
    assert admit(tries, scope, NOW + verdict.wait + 0.001).allowed


@given(scopes, st.integers(1, 60))
def test_each_failure_waits_at_least_as_long_as_the_one_before(scope: Scope, failures: int) -> None:
    waits = [admit(Tries(n, NOW), scope, NOW).wait for n in (failures - 1, failures)]
    assert waits == sorted(waits)


@given(scopes)
def test_some_failures_are_free_and_the_next_is_not(scope: Scope) -> None:
    tries = Tries()
    for _ in range(LIMITS[scope].free):
        assert admit(tries, scope, NOW).allowed
        tries = failed(tries, scope, NOW)
    verdict = admit(tries, scope, NOW)
    assert not verdict.allowed
    assert verdict.wait == LIMITS[scope].first


@given(scopes, st.integers(1, 10_000))
def test_quiet_time_forgets(scope: Scope, failures: int) -> None:
    later = NOW + LIMITS[scope].quiet
    assert admit(Tries(failures, NOW), scope, later).allowed
    assert failed(Tries(failures, NOW), scope, later) == Tries(1, later)


def test_strangers_do_not_keep_the_owner_out() -> None:
    attacked = {Scope.ACCOUNT: Tries(500, NOW), Scope.ADDRESS: Tries(0, 0.0), Scope.PAIR: Tries(1, NOW)}
    assert not judge(known=False, found=attacked, now=NOW).allowed
    assert judge(known=True, found=attacked, now=NOW).allowed


def test_a_known_address_is_throttled_too() -> None:
    found = {Scope.PAIR: Tries(50, NOW)}
    assert judge(known=True, found=found, now=NOW).wait == LIMITS[Scope.PAIR].most


@given(st.integers(1, 2_000), st.lists(st.floats(0, 5), max_size=200))
def test_a_bucket_lets_through_its_rate_and_one_burst(per_minute: int, gaps: list[float]) -> None:
    bucket, now, through = Bucket(), NOW, 0
    for gap in gaps:
        now += gap
        verdict, bucket = spend(bucket, now, per_minute)
        through += verdict.allowed
    assert through <= per_minute + (now - NOW) / 60 * per_minute + 1


@given(st.integers(1, 1_000))
def test_a_full_bucket_holds_a_minute_and_says_when_there_is_room(per_minute: int) -> None:
    bucket = Bucket()
    for _ in range(per_minute):
        verdict, bucket = spend(bucket, NOW, per_minute)
        assert verdict.allowed
    verdict, bucket = spend(bucket, NOW, per_minute)
    assert not verdict.allowed
    assert 0 < verdict.wait <= 60.0 / per_minute + 1e-3
    assert spend(bucket, NOW + verdict.wait, per_minute)[0].allowed
