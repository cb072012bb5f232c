"""A streaming detector of what is unusual for a series, whatever it measures. Pure: it reads no clock and no store.

Five kinds of evidence are weighed, each against this very series: the error of the seasonal guess, its short mean (a
shift of the level), the short mean of its swings (unrest), the range it was in, and how long it stood still. The first
four are scored by how far they beat their own record (see `record`), so no constant belongs to a series. The idea to
judge the errors of a prediction by their own history, over a short against a long time, is that of Lavin and Ahmad,
"Evaluating Real-time Anomaly Detection Algorithms - the Numenta Anomaly Benchmark" (2015).
"""

from vedette.alerts.detect import profile as profiles
from vedette.alerts.detect.learnt import Learnt
from vedette.alerts.detect.record import FADE, SLOWEST, beaten
from vedette.alerts.detect.verdict import Cause, Verdict

WARM = 50  # values before anything is told
BAND = 3.0  # mean errors to each side of the usual
_NEAR = 1 / 3
_SHORT = 1 / 20  # the weight of a new value in a short mean
_FLOOR = 0.1  # of the scale: what is smaller is no evidence
_STILL = 3.0  # times the longest run

Evidence = tuple[float, Cause, int]


def step(learnt: Learnt, at: float, value: float) -> Verdict:
    """Say how unusual the next value of a series is, and learn it; about 10 microseconds.

    `learnt` is changed in place. `at` is the instant of the value (seconds, UTC), later than those before; a value
    that is no finite number is not to be given.
    """
    if learnt.n == 0:
        _begin(learnt, at, value)
    learnt.n += 1
    usual = profiles.usual(learnt.profile, at)
    error = value - usual
    ratio, cause, side = _strongest(learnt, value, error)
    warm = learnt.n > WARM
    score = 1.0 - 1.0 / ratio if warm and ratio > 1.0 else 0.0
    reach = BAND * learnt.profile.spread[int(at // 3600) % 24]
    _learn(learnt, at, value, error)
    cause = cause if score else Cause.NONE
    return Verdict(at, value, score, cause, side if score else 0, usual, usual - reach, usual + reach)


def _begin(learnt: Learnt, at: float, value: float) -> None:
    learnt.since = at
    learnt.last = learnt.near = learnt.low = learnt.high = value
    learnt.profile.level = value


def _strongest(learnt: Learnt, value: float, error: float) -> Evidence:
    floor = _FLOOR * learnt.scale
    weight = max(1.0 / learnt.n, SLOWEST)
    learnt.drift += _SHORT * (error - learnt.drift)
    learnt.unrest += _SHORT * (abs(value - learnt.near) - learnt.unrest)
    side, drift = 1 if error > 0 else -1, learnt.drift
    return max(
        (beaten(learnt.errors, abs(error), floor, weight), Cause.ERROR, side),
        (beaten(learnt.drifts, abs(drift), floor / 2, weight), Cause.SHIFT, 1 if drift > 0 else -1),
        (beaten(learnt.unrests, learnt.unrest, floor / 2, weight), Cause.UNREST, side),
        _range(learnt, value),
        _flat(learnt, value),
        key=_by_ratio,
    )


def _by_ratio(evidence: Evidence) -> float:
    return evidence[0]


def _range(learnt: Learnt, value: float) -> Evidence:
    span = learnt.high - learnt.low
    if learnt.low <= value <= learnt.high or span <= 0:
        return 0.0, Cause.RANGE, 0
    if value > learnt.high:
        return 1.0 + (value - learnt.high) / span, Cause.RANGE, 1
    return 1.0 + (learnt.low - value) / span, Cause.RANGE, -1


def _flat(learnt: Learnt, value: float) -> Evidence:
    bound = _STILL * max(learnt.longest, WARM)
    if value == learnt.last:
        learnt.run += 1
    else:
        learnt.longest = max(learnt.longest * (1 - FADE), learnt.run)
        learnt.run = 1
    # Told once, and only of what moved for long before.
    told = learnt.run == int(bound) and learnt.n - learnt.run > bound
    return (2.0 if told else 0.0), Cause.FLAT, 0


def _learn(learnt: Learnt, at: float, value: float, error: float) -> None:
    n, level = learnt.n, learnt.profile.level
    learnt.high = max(learnt.high, value) - FADE * (learnt.high - level)
    learnt.low = min(learnt.low, value) + FADE * (level - learnt.low)
    away = abs(value - level)
    profiles.learn(learnt.profile, at, value, error, scale=learnt.scale, n=n)
    most = 10.0 * learnt.scale if n > 2 and learnt.scale else away
    learnt.scale += max(1.0 / n, SLOWEST) * (min(away, most) - learnt.scale)
    learnt.near += _NEAR * (value - learnt.near)
    learnt.last, learnt.at = value, at
