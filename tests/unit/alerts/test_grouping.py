"""When a group looks: after its wait, then at its interval, at once for what is critical."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.flapping import flipped, judge
from vedette.alerts.grouping import Pulse, again, arrival, tick
from vedette.alerts.routing import Timing

TIMING = Timing(wait=30.0, interval=300.0, repeat=3_600.0)
NEW, LOOKED = Pulse(), Pulse(first=1_000.0, last=1_300.0)


def test_a_new_group_waits_and_another_alert_does_not_make_it_wait_longer() -> None:
    assert arrival(NEW, TIMING, 100.0, 100.0, critical=False).at == 130.0
    assert arrival(Pulse(due=130.0), TIMING, 120.0, 120.0, critical=False).at == 130.0


def test_what_began_long_ago_does_not_wait_again() -> None:
    assert arrival(NEW, TIMING, 60.0, 100.0, critical=False).at == 100.0


def test_what_is_critical_waits_for_nothing() -> None:
    for pulse in (NEW, LOOKED):
        assert arrival(pulse, TIMING, 1_400.0, 1_400.0, critical=True).at == 1_400.0


def test_a_group_that_looked_looks_at_its_interval() -> None:
    assert arrival(LOOKED, TIMING, 1_350.0, 1_350.0, critical=False).at == 1_600.0
    assert arrival(LOOKED, TIMING, 1_350.0, 5_000.0, critical=False).at == 5_200.0


def test_a_group_rests_until_there_is_cause() -> None:
    assert again(LOOKED, TIMING, 1_300.0, muted=False, repeat_at=None) is None
    assert again(LOOKED, TIMING, 1_300.0, muted=False, repeat_at=4_850.0) == 4_900.0
    assert again(LOOKED, TIMING, 1_300.0, muted=True, repeat_at=None) == 1_600.0


@given(
    interval=st.sampled_from([0.0, 0.5, 300.0]),
    first=st.floats(0, 1e6),
    later=st.floats(0, 1e6),
    muted=st.booleans(),
    repeat=st.one_of(st.none(), st.floats(0, 2e6)),
)
def test_a_group_never_looks_twice_at_one_instant(
    interval: float, first: float, later: float, muted: bool, repeat: float | None
) -> None:
    now = first + later
    due = again(Pulse(first=first, last=now), Timing(interval=interval), now, muted=muted, repeat_at=repeat)
    assert due is None or due >= now + 1.0


@given(first=st.integers(0, 10**6), at=st.integers(0, 10**6))
def test_a_tick_lies_on_the_grid_and_not_before(first: int, at: int) -> None:
    found = tick(Pulse(first=float(first)), TIMING, float(first + at))
    assert found >= first + at
    assert (found - first) % 300.0 == 0
    assert found - (first + at) < 300.0


@pytest.mark.parametrize(("n", "flaps"), [(5, False), (6, True), (20, True)])
def test_six_changes_in_half_an_hour_are_flapping(n: int, flaps: bool) -> None:
    flips: tuple[float, ...] = ()
    for k in range(n):
        flips = flipped(flips, 60.0 * k)
    last = 60.0 * (n - 1)
    assert (judge(flips, last + 1) is not None) is flaps
    assert judge(flips, last + 900.0) is None, "calm for a quarter of an hour"
    assert len(flips) <= 12


def test_changes_far_apart_are_no_flapping() -> None:
    assert judge(tuple(600.0 * k for k in range(6)), 3_001.0) is None
