"""The scoring of the Numenta Anomaly Benchmark, from its published description.

Source: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms - the Numenta Anomaly Benchmark" (2015), and
the benchmark's white paper. Each labelled anomaly has a window. Of the detections in a window only the one worth most
counts, and the earlier the more; a detection outside costs the more the further it lies behind the window before it;
a window without one costs, too. The detector's threshold is one for all series, the one with the best sum. The sum is
told on a scale where detecting nothing is 0 and detecting each window at its first value, and nothing else, is 100.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Window = tuple[int, int]  # the first and the last value of it
FURTHEST = 3.0  # windows behind the last one: from there on all cost the same
PROBATION, LONGEST = 0.15, 750  # of a series: its share, and at most so many values, in which nothing counts


class Profile(NamedTuple):
    """What a detection in a window is worth, and what one outside and a missed window cost."""

    hit: float
    false: float
    missed: float


PROFILES = {
    "standard": Profile(1.0, 0.11, 1.0),
    "reward low FP": Profile(1.0, 0.22, 1.0),
    "reward low FN": Profile(1.0, 0.11, 2.0),
}


class Scored(NamedTuple):
    """The scores (0..1) a detector gave the values of a series, and the windows of the series."""

    scores: Sequence[float]
    windows: Sequence[Window]


class Point(NamedTuple):
    """A value: its score, the window it lies in (None: none), and what detecting it is worth."""

    score: float
    window: tuple[str, int] | None
    worth: float


def scaled_sigmoid(position: float) -> float:
    """Return the worth of a detection at a place relative to a window: -1 its begin, 0 its end, in windows' widths."""
    return -1.0 if position > FURTHEST else 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def probation(n: int) -> int:
    """Return how many of the first of n values do not count."""
    return min(int(PROBATION * n), LONGEST)


def points(name: str, series: Scored, profile: Profile) -> Iterable[Point]:
    """Return the values of a series that count."""
    for i in range(probation(len(series.scores)), len(series.scores)):
        yield _point(name, series, profile, i)


def _point(name: str, series: Scored, profile: Profile, i: int) -> Point:
    score = series.scores[i]
    last: Window | None = None
    for n, (first, end) in enumerate(series.windows):
        if first <= i <= end:
            position = -(end - i + 1) / (end - first + 1)
            return Point(score, (name, n), profile.hit * scaled_sigmoid(position) / scaled_sigmoid(-1.0))
        if end < i:
            last = first, end
    if last is None:
        return Point(score, None, -profile.false)
    return Point(score, None, profile.false * scaled_sigmoid((i - last[1]) / (last[1] - last[0])))


def raw(
    corpus: Mapping[str, Scored], profile: Profile, threshold: float | None = None
) -> tuple[float, float]:
    """Return the sum over the corpus and its threshold: the one given, or that with the best sum."""
    best = {(name, n): -profile.missed for name, one in corpus.items() for n in range(len(one.windows))}
    every = sorted(
        (p for name, one in corpus.items() for p in points(name, one, profile)), key=lambda p: -p.score
    )
    total = highest = sum(best.values())
    at = 1.1  # above every score: nothing is detected
    for n, point in enumerate(every):
        if threshold is not None and point.score < threshold:
            break
        total += _gain(best, point)
        whole = n + 1 == len(every) or every[n + 1].score < point.score  # values of one score go together
        if whole and total > highest:
            highest, at = total, point.score
    return (highest, at) if threshold is None else (total, threshold)


def _gain(best: dict[tuple[str, int], float], point: Point) -> float:
    if point.window is None:
        return point.worth
    gain = max(0.0, point.worth - best[point.window])
    best[point.window] += gain
    return gain


def score(
    corpus: Mapping[str, Scored], profile: Profile, threshold: float | None = None
) -> tuple[float, float]:
    """Return the score on the scale of 0 to 100 (it can be less than 0), and the threshold it was reached with."""
    total, at = raw(corpus, profile, threshold)
    windows = sum(len(one.windows) for one in corpus.values())
    nothing, perfect = -profile.missed * windows, profile.hit * windows
    return 100.0 * (total - nothing) / (perfect - nothing), at
