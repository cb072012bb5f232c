"""Rates by the generic cell rate algorithm (ITU-T I.371), told as `RateLimit` fields.

A client's state is one number: the instant at which all it may do is restored. The fields are those of
draft-ietf-httpapi-ratelimit-headers-10: `q` the quota, `w` the window, `r` what is left, `t` until all is there again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vedette_guard import structured
from vedette_guard.decisions.paths import Prefixes
from vedette_guard.durations import certain
from vedette_guard.policy import Rate


@dataclass(frozen=True)
class Step:
    """What one request does to a state: whether it is allowed, the new state, and what is left and when (seconds)."""

    allowed: bool
    state: float
    left: int
    wait: float
    restored: float


class Metre:
    """A rate, compiled: seconds between requests, seconds of burst, and the constant parts of its fields."""

    __slots__ = ("by", "interval", "methods", "name", "paths", "policy", "prefix", "rate", "span")

    def __init__(self, rate: Rate) -> None:
        window = certain(rate.per)
        self.rate, self.name, self.by = rate, rate.name, rate.by
        self.interval = window / rate.limit
        self.span = self.interval * (rate.burst or rate.limit)
        self.paths, self.methods = Prefixes(rate.paths), frozenset(rate.methods)
        self.policy = structured.item(rate.name, {"q": rate.limit, "w": window})
        self.prefix = structured.item(rate.name)

    def concerns(self, method: str, path: str) -> bool:
        """Tell whether a request is counted."""
        return (not self.methods or method in self.methods) and (not self.paths or path in self.paths)

    def field(self, step: Step) -> str:
        """Return the member of `RateLimit` about this rate."""
        return f"{self.prefix};r={step.left};t={math.ceil(step.restored)}"


def step(state: float, now: float, interval: float, span: float) -> Step:
    """Return what a request at `now` does to a state; the first one's state is `now` or less."""
    used = state - now if state > now else 0.0
    after = used + interval
    # A billionth is what floats lose over a day of adding intervals.
    if after > span + 1e-9:
        return Step(False, state, 0, after - span, used)
    return Step(True, now + after, int((span - after) / interval + 1e-6), 0.0, after)


def why_refused(metre: Metre) -> str:
    """Return the sentence of a refusal."""
    return f"more than {metre.rate.limit} requests in {metre.rate.per} ({metre.name})"
