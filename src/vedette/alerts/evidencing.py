"""What an unusual value is seen against: the series about it, and the band its detector thinks usual."""

import math
from collections.abc import Mapping

import msgspec

from vedette.alerts import learning, observing
from vedette.alerts.conditions import registry
from vedette.alerts.detect import detector, kept
from vedette.alerts.detect.profile import HOUR, Profile, usual
from vedette.alerts.store import detectors as store
from vedette.alerts.types import Alert, Rule
from vedette.signals import service as signals

SHOWN = 72  # values


class Evidence(msgspec.Struct, frozen=True):
    """A series about an alert, and the band that was usual: one value each `step` seconds from `start` on."""

    start: float
    step: float
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    unit: str

    @property
    def layers(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """Return the band as layers of a chart: what lies below it, and how wide it is."""
        width = tuple(high - low for low, high in zip(self.low, self.high, strict=True))
        return ("below the usual", self.low), ("usual", width)

    @property
    def line(self) -> tuple[str, tuple[float, ...]]:
        """Return the values as the line of a chart."""
        return "seen", self.values

    @property
    def outside(self) -> int:
        """Return how many values lie outside the band."""
        return sum(
            not low <= v <= high for v, low, high in zip(self.values, self.low, self.high, strict=True)
        )


def of_alert(alert: Alert, rule: Rule | None, now: float) -> Evidence | None:
    """Return the evidence of an alert of a detector; None for any other, and where nothing is known any more."""
    if rule is None or not registry.of(rule.kind).learns:
        return None
    return _about(rule, alert.labels, alert.standing.starts, now)


def _about(rule: Rule, labels: Mapping[str, str], at: float, now: float) -> Evidence | None:
    series = signals.catalogue().get(rule.params.series)
    if series is None:
        return None
    step = learning.step_of(rule, series)
    mine = {name: labels[name] for name in observing.labels_of(rule, [series]) if name in labels}
    body = store.find(rule.id, learning.key_of(series, step, mine))
    if body is None:
        return None
    end = math.floor(min(now, at + SHOWN // 4 * step) / step) * step
    start = end - SHOWN * step
    values = series.read(learning.scope_of(rule, mine), start, end, step)
    band = [_band(kept.read(body).learnt.profile, start + i * step) for i in range(len(values))]
    low, high = zip(*band, strict=True)
    return Evidence(start, step, tuple(values), tuple(low), tuple(high), series.unit)


def _band(profile: Profile, at: float) -> tuple[float, float]:
    middle = usual(profile, at)
    reach = detector.BAND * profile.spread[int(at // HOUR) % 24]
    return max(0.0, middle - reach), max(0.0, middle + reach)
