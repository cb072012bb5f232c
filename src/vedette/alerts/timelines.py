"""A series as a line of sums over time, so that any window of it is two look-ups. Pure."""

import bisect
import itertools
import math
from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts import holding, rules
from vedette.alerts.conditions import registry
from vedette.alerts.types import Decision, Observation, Rule, Window

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
FINE = 2 * DAY  # how far back a rule is looked at by the minute


class Sums(msgspec.Struct, frozen=True):
    """What had come until each of some instants; between two of them it is taken to have come evenly."""

    instants: Sequence[float]
    until: Sequence[float]

    def at(self, instant: float) -> float:
        """Return what had come until an instant."""
        place = bisect.bisect_right(self.instants, instant)
        if place == 0:
            return 0.0
        if place == len(self.instants):
            return self.until[-1]
        left, right = self.instants[place - 1], self.instants[place]
        share = (instant - left) / (right - left)
        return self.until[place - 1] + share * (self.until[place] - self.until[place - 1])

    def between(self, start: float, end: float) -> float:
        """Return what came in `start` <= t < `end`; whole numbers where it came evenly are rounded."""
        return round(self.at(end) - self.at(start), 3)


class Turn(msgspec.Struct, frozen=True):
    """An instant at which a rule began or ceased to fire for one set of labels: what it saw, and the decision."""

    at: float
    fires: bool
    seen: Observation
    decision: Decision


def sums(parts: Sequence[tuple[float, float, Sequence[float]]]) -> Sums:
    """Return the line of sums of parts that follow each other, each as (start, step, values)."""
    instants = [at + k * step for at, step, values in parts for k in range(len(values) + 1)]
    added = itertools.chain.from_iterable((0.0, *values) for _, _, values in parts)
    return Sums(instants, list(itertools.accumulate(added)))


def looks(start: float, end: float, coarse: float) -> list[float]:
    """Return the instants at which a rule is looked at: by the minute in the last two days, `coarse` before."""
    edge = max(start, math.floor((end - FINE) / HOUR) * HOUR)
    before = [start + k * coarse for k in range(math.ceil((edge - start) / coarse))]
    return [*before, *(edge + k * MINUTE for k in range(int((end - edge) // MINUTE) + 1))]


def turns(
    rule: Rule,
    labels: Mapping[str, str],
    lines: Sequence[Sums],
    annotations: Mapping[str, str],
    instants: Sequence[float],
) -> list[Turn]:
    """Return when a rule would have begun and ceased to fire for one set of labels; `lines` are those of its windows."""
    windows = registry.of(rule.kind).windows
    if windows is None:
        return []
    found: list[Turn] = []
    since: Mapping[str, float] = {}
    decided: dict[tuple[float, ...], Decision] = {}  # most looks see what the one before saw
    firing = False
    for now in instants:
        windows_now = zip(lines, windows(rule.params, now), strict=True)
        values = tuple(_value(line, window, now) for line, window in windows_now)
        if values not in decided:
            decided = {values: rules.decide(rule, _observation(labels, values, annotations, now), now)}
        held = holding.step(since, ["it"] if decided[values].fire else [], rule.params.hold * MINUTE, now)
        since = held.since
        if bool(held.firing) is not firing:
            firing = bool(held.firing)
            found.append(Turn(now, firing, _observation(labels, values, annotations, now), decided[values]))
    return found


def _observation(
    labels: Mapping[str, str], values: tuple[float, ...], annotations: Mapping[str, str], now: float
) -> Observation:
    return Observation(labels=labels, value=values[0], others=values[1:], at=now, annotations=annotations)


def reach(rule: Rule, now: float) -> float:
    """Return how many seconds before an instant the rule's windows begin."""
    windows = registry.of(rule.kind).windows
    return now - min(window.start for window in windows(rule.params, now)) if windows else 0.0


def _value(line: Sums, window: Window, now: float) -> float:
    if window.sliding:
        return line.between(window.start + now % MINUTE, now)
    return line.between(window.start, window.end)
