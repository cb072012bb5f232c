"""Feeds the detectors of a rule what came since they were fed last, and tells what they make of it.

Only whole values are fed, each once, so a look costs as many as came. A detector that is new learns from what its
series still knows; one that was away for long learns the last days and leaves out what was before.
"""

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence

from vedette.alerts import observing, rules, timelines
from vedette.alerts.conditions import anomaly
from vedette.alerts.detect import detector, kept
from vedette.alerts.detect.kept import Kept
from vedette.alerts.detect.learnt import Learnt
from vedette.alerts.detect.profile import usual
from vedette.alerts.detect.verdict import Cause, Verdict
from vedette.alerts.store import detectors as store
from vedette.alerts.types import Observation, Rule
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.signals.types import Series

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
REACH = 28 * DAY  # from where a new detector learns
MOST_SERIES = 200  # of a rule, the busiest
MOST_VALUES = 20_000  # fed in one look; the rest waits for the next
LASTS = 2  # so many steps an unusual value is told, then it is over unless it goes on
_LONGEST_KEY = 300

Labels = Mapping[str, str]


def observations(rule: Rule, now: float) -> tuple[Observation, ...]:
    """Return what the detectors of a rule say now, after they were fed; empty when nobody offers the series."""
    series = signals.catalogue().get(rule.params.series)
    if series is None:
        return ()
    step = step_of(rule, series)
    known, fed, left = store.of_rule(rule.id), dict[str, bytes](), MOST_VALUES
    seen = []
    for labels, annotations in watched(rule, series, now):
        key = key_of(series, step, labels)
        mine = kept.read(known.get(key, b""))
        points = _news(series, scope_of(rule, labels), mine, step, now)[:left] if left else ()
        if points:
            left -= len(points)
            feed(mine, points, rule)
            fed[key] = kept.write(mine)
        seen.append(_seen(mine, labels, annotations, step, now))
    if fed:
        with transaction():
            store.save(rule.id, fed, now)
    return tuple(each for each in seen if each is not None)


def feed(mine: Kept, points: Sequence[tuple[float, float]], rule: Rule) -> list[Verdict]:
    """Feed values, remember the last that is worth telling, and return what is said of each."""
    verdicts = [detector.step(mine.learnt, at, value) for at, value in points]
    ripe = mine.learnt.since + anomaly.LEARNING
    worth = [each for each in verdicts if each.at >= ripe and anomaly.worth_telling(rule.params, each)]
    mine.told = worth[-1] if worth else mine.told
    return verdicts


def step_of(rule: Rule, series: Series) -> float:
    """Return the seconds of one value of a rule: as many as it says, and as the series can tell apart."""
    return max(rule.params.minutes * MINUTE, series.finest)


def key_of(series: Series, step: float, labels: Labels) -> str:
    """Return the key of a series with its labels; a long one ends in a digest."""
    key = "|".join([series.name, f"{step:.0f}", *(f"{name}={labels[name]}" for name in sorted(labels))])
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"{key[: _LONGEST_KEY - 33]}|{digest}"


def watched(rule: Rule, series: Series, now: float) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the sets of labels a rule watches, the busiest of the week first, with what is told beside them."""
    by = observing.labels_of(rule, [series])
    if not by or series.totals is None:
        return [({}, {})]
    rows = series.totals(by, observing.scope_of(rule), now - anomaly.LEARNING, now)
    return [
        ({n: labels.get(n, "") for n in by}, {n: v for n, v in labels.items() if n not in by})
        for labels in itertools.islice(anomaly.busiest_first(rows), MOST_SERIES)
    ]


def turns(
    rule: Rule, series: Series, labels: Labels, annotations: Labels, now: float
) -> list[timelines.Turn]:
    """Return when a rule would have begun and ceased to speak of one set of labels, as far as its series is known."""
    step = step_of(rule, series)
    step = max(step, HOUR) if series.fine < REACH else step  # what was finer is gone
    mine, firing = Kept(Learnt()), False
    found: list[timelines.Turn] = []
    for at, value in _news(series, scope_of(rule, labels), mine, step, now):
        feed(mine, [(at, value)], rule)
        seen = _seen(mine, labels, annotations, step, at + step)
        if seen is not None and bool(seen.value) is not firing:
            firing = not firing
            found.append(timelines.Turn(at + step, firing, seen, rules.decide(rule, seen, at + step)))
    return found


def points(series: Series, scope: Labels, start: float, end: float, step: float) -> list[tuple[float, float]]:
    """Return the values of a series by their instants; a level of 0 is one nobody knows, and is left out."""
    values = series.read(scope, start, end, step)
    return [
        (start + i * step, float(value))
        for i, value in enumerate(values)
        if math.isfinite(value) and (value or not series.level)
    ]


def reach_of(series: Series, step: float) -> float:
    """Return how far back a series can be read in steps: those finer than an hour, as long as it keeps them."""
    return min(REACH, series.fine) if step < HOUR else REACH


def _news(series: Series, scope: Labels, mine: Kept, step: float, now: float) -> list[tuple[float, float]]:
    end = math.floor(now / step) * step
    start = math.floor((end - reach_of(series, step)) / step) * step
    if mine.learnt.n:
        start = max(start, mine.learnt.at + step)
    if start >= end:
        return []
    found = points(series, scope, start, end, step)
    if mine.learnt.n or series.level:
        return found
    return list(itertools.dropwhile(lambda point: not point[1], found))  # it begins with what came first


def scope_of(rule: Rule, labels: Labels) -> dict[str, str]:
    """Return the labels by which a rule reads one of its series."""
    return observing.scope_of(rule) | {name: value for name, value in labels.items() if value}


def _seen(mine: Kept, labels: Labels, annotations: Labels, step: float, now: float) -> Observation | None:
    learnt, told = mine.learnt, mine.told
    if not learnt.n:
        return None
    if told is None or told.at + (LASTS + 1) * step <= now:
        expected = usual(learnt.profile, learnt.at)
        told = Verdict(learnt.at, learnt.last, 0.0, Cause.NONE, 0, expected, expected, expected)
    return anomaly.seen_as(told, learnt.since, labels, annotations, now)
