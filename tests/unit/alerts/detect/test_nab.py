"""The scoring of the Numenta Anomaly Benchmark: examples worked by hand from its paper."""

import math

import pytest
from benchmarks import nab

STANDARD = nab.PROFILES["standard"]
QUIET = [0.0] * 1_000
WINDOW = (500, 599)


def _spoke(*places: int) -> nab.Scored:
    scores = list(QUIET)
    for place in places:
        scores[place] = 0.9
    return nab.Scored(scores, [WINDOW])


def test_the_sigmoid_is_as_printed() -> None:
    assert nab.scaled_sigmoid(0.0) == 0.0
    assert nab.scaled_sigmoid(-1.0) == pytest.approx(0.98661, abs=1e-5)
    assert nab.scaled_sigmoid(1.0) == pytest.approx(-0.98661, abs=1e-5)
    assert nab.scaled_sigmoid(3.1) == -1.0


def test_the_first_value_of_the_window_and_nothing_else_is_perfect() -> None:
    assert nab.score({"a": _spoke(500)}, STANDARD)[0] == pytest.approx(100.0)


def test_nothing_detected_is_0() -> None:
    assert nab.score({"a": _spoke()}, STANDARD) == (0.0, 1.1)


@pytest.mark.parametrize(("place", "share"), [(549, -0.51), (574, -0.26), (599, -0.01)])
def test_the_later_in_the_window_the_less(place: int, share: float) -> None:
    worth = (2 / (1 + math.exp(5 * share)) - 1) / nab.scaled_sigmoid(-1.0)
    assert nab.score({"a": _spoke(place)}, STANDARD)[0] == pytest.approx(50 * (1 + worth))


def test_only_the_earliest_in_a_window_counts() -> None:
    assert nab.score({"a": _spoke(500, 540, 599)}, STANDARD)[0] == pytest.approx(100.0)


def test_a_false_alarm_before_any_window_costs_all_of_it() -> None:
    assert nab.score({"a": _spoke(300, 500)}, STANDARD, 0.5)[0] == pytest.approx(100 - 50 * 0.11)
    assert nab.score({"a": _spoke(300, 500)}, nab.PROFILES["reward low FP"], 0.5)[0] == pytest.approx(
        100 - 50 * 0.22
    )


def test_a_false_alarm_just_behind_a_window_costs_little() -> None:
    near = nab.score({"a": _spoke(500, 601)}, STANDARD, 0.5)[0]
    far = nab.score({"a": _spoke(500, 950)}, STANDARD, 0.5)[0]
    assert 99.0 < near < 100.0
    assert far == pytest.approx(100 - 50 * 0.11)


def test_a_missed_window_costs_twice_where_misses_weigh_more() -> None:
    corpus = {"a": _spoke(500), "b": _spoke()}
    assert nab.score(corpus, STANDARD, 0.5)[0] == pytest.approx(50.0)
    assert nab.raw(corpus, nab.PROFILES["reward low FN"], 0.5)[0] == pytest.approx(1.0 - 2.0)


def test_the_threshold_is_one_for_all_and_the_best() -> None:
    loud = nab.Scored([*QUIET[:300], 0.4, *QUIET[301:]], [])
    reached, threshold = nab.score({"a": _spoke(500), "b": loud}, STANDARD)
    assert reached == pytest.approx(100.0)
    assert threshold == 0.9


def test_what_lies_in_the_probation_does_not_count() -> None:
    assert nab.probation(1_000) == 150
    assert nab.probation(10_000) == 750
    assert nab.score({"a": _spoke(100, 500)}, STANDARD, 0.5)[0] == pytest.approx(100.0)
