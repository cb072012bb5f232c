"""Quantiles of durations that can be merged: minutes into hours into days. Pure.

DDSketch (Masson, Rim, Lee: DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees, VLDB 2019):
values fall into bins whose bounds grow by a factor, so that a quantile is off by at most 2 % of itself.
"""

import math
from collections.abc import Iterable, Mapping

import msgspec

ACCURACY = 0.02
_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG = math.log(_GAMMA)
_LEAST, _MOST = 0.01, 1e7  # milliseconds: what is outside counts as the bound


class Sketch(msgspec.Struct, frozen=True, array_like=True):
    """How many values (milliseconds) fell into each bin."""

    bins: Mapping[int, int] = {}

    @classmethod
    def of(cls, values: Iterable[float]) -> "Sketch":
        """Return the sketch of values; what is no number is left out."""
        bins: dict[int, int] = {}
        for value in values:
            if not math.isnan(value):
                bin_ = math.ceil(math.log(min(max(value, _LEAST), _MOST)) / _LOG)
                bins[bin_] = bins.get(bin_, 0) + 1
        return cls(bins)

    @classmethod
    def union(cls, sketches: Iterable["Sketch"]) -> "Sketch":
        """Return the sketch of the values of many."""
        bins: dict[int, int] = {}
        for one in sketches:
            for bin_, n in one.bins.items():
                bins[bin_] = bins.get(bin_, 0) + n
        return cls(bins)

    def merged(self, other: "Sketch") -> "Sketch":
        """Return the sketch of the values of both."""
        bins = dict(self.bins)
        for bin_, n in other.bins.items():
            bins[bin_] = bins.get(bin_, 0) + n
        return Sketch(bins)

    @property
    def count(self) -> int:
        """Return how many values there are."""
        return sum(self.bins.values())

    def quantile(self, q: float) -> float | None:
        """Return the quantile `q` (0 to 1) in milliseconds, None when there is no value."""
        rank, seen = int(q * (self.count - 1)), 0
        for bin_, n in sorted(self.bins.items()):
            seen += n
            if seen > rank:
                return 2 * _GAMMA**bin_ / (_GAMMA + 1)
        return None
