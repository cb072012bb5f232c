"""The detector of series: what it tells, what it keeps to itself, and how its state is kept."""

import math
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.detect.detector import WARM, step
from vedette.alerts.detect.learnt import SIZE, Learnt, pack, unpack
from vedette.alerts.detect.verdict import Cause, Verdict

STEP = 300.0
DAY = 288  # values
MONDAY = 4 * 86_400.0
LOUD = 1 / 3  # half as much again as its record


def _fed(values: Sequence[float], learnt: Learnt | None = None) -> list[Verdict]:
    state = learnt or Learnt()
    return [step(state, MONDAY + (state.n + 1) * STEP, value) for value in values]


def _noisy(n: int, shape: Callable[[int], float] = lambda _: 0.0) -> list[float]:
    chance = random.Random(7)
    return [100 + shape(i) + chance.gauss(0, 3) for i in range(n)]


def _daily(i: int) -> float:
    return 60 * math.sin(2 * math.pi * i / DAY)


def test_noise_is_rarely_told() -> None:
    assert sum(v.score > LOUD for v in _fed(_noisy(14 * DAY))[DAY:]) == 0


def test_a_spike_is_told_once_with_what_was_usual() -> None:
    values = _noisy(7 * DAY)
    values[6 * DAY] = 300.0
    told = [v for v in _fed(values)[2 * DAY :] if v.score > LOUD]
    assert [v.value for v in told] == [300.0]
    assert told[0].side == 1
    assert told[0].low < told[0].usual < told[0].high < 300
    assert told[0].usual == pytest.approx(100, abs=6)


def test_a_rhythm_is_learnt_and_its_absence_told() -> None:
    values = _noisy(10 * DAY, _daily)
    peak = 9 * DAY + DAY // 4
    values[peak - 20 : peak + 20] = [
        100.0 + n % 3 for n in range(40)
    ]  # quite usual at another time of the day
    told = [i for i, v in enumerate(_fed(values)) if v.score > LOUD / 2 and i > 3 * DAY]
    assert any(peak - 20 <= i < peak + 20 for i in told)
    assert all(peak - 20 <= i < peak + 60 for i in told)


def test_a_small_lasting_shift_is_told_as_one() -> None:
    values = _noisy(10 * DAY)
    values[9 * DAY :] = [value + 6 for value in values[9 * DAY :]]
    told = [v for v in _fed(values)[9 * DAY :] if v.score > 0.15]
    assert any(v.cause is Cause.SHIFT for v in told)
    assert all(v.side == 1 for v in told)


def test_a_line_that_goes_flat_is_told_once() -> None:
    told = [v for v in _fed(_noisy(3 * DAY) + [101.5] * 2 * DAY)[DAY:] if v.cause is Cause.FLAT]
    assert len(told) == 1


def test_what_never_moved_is_not_flat() -> None:
    assert all(v.score == 0 for v in _fed([5.0] * 1_000))


def test_nothing_is_told_while_it_is_new() -> None:
    assert all(v.score == 0 for v in _fed([1.0, 900.0] * (WARM // 2)))


def test_the_past_alone_decides() -> None:
    values = _noisy(5 * DAY, _daily)
    assert _fed(values)[: 3 * DAY] == _fed(values[: 3 * DAY])


def test_the_state_is_small_and_goes_on_where_it_was() -> None:
    values = _noisy(3 * DAY, _daily)
    whole, first = Learnt(), Learnt()
    _fed(values, whole)
    _fed(values[:DAY], first)
    body = pack(first)
    assert len(body) == SIZE <= 2_048
    kept = unpack(body)
    _fed(values[DAY:], kept)
    assert pack(kept) == pack(whole)


@given(st.binary(max_size=3 * SIZE))
def test_a_damaged_state_is_learnt_anew(body: bytes) -> None:
    assert unpack(body).n == 0 or body[0] == 1
    assert 0 <= step(unpack(body), MONDAY, 1.0).score <= 1


@given(st.binary(min_size=SIZE - 1, max_size=SIZE - 1))
def test_noise_of_the_right_length_never_breaks_it(noise: bytes) -> None:
    learnt = unpack(b"\x01" + noise)
    for n in range(3):
        verdict = step(learnt, MONDAY + n * STEP, float(n))
        assert 0 <= verdict.score <= 1


@given(st.lists(st.floats(-1e12, 1e12), max_size=300))
def test_scores_lie_between_0_and_1_whatever_comes(values: list[float]) -> None:
    assert all(0 <= v.score <= 1 and (v.score > 0) == (v.cause is not Cause.NONE) for v in _fed(values))
