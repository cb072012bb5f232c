"""Rates by the generic cell rate algorithm (ITU-T I.371), told as `RateLimit` fields.

A client's state is one number: the instant at which all it may do is restored. The fields are those of
draft-ietf-httpapi-ratelimit-headers-10: `q` the quota, `w` the window, `r` what is left, `t` until all is there again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vedette_guard import structured
from vedette_guard.decisions.asked import Refusal
from vedette_guard.decisions.paths import Prefixes, read_as
from vedette_guard.durations import certain
from vedette_guard.policy import Rate

# What one request does to a state: whether it is allowed, the new state, how many more are left at once, for how many
# seconds to wait when it is refused, and in how many seconds all is restored. A tuple, as one is made for every request.
Step = tuple[bool, float, int, float, float]


class Metre:
    """A rate, compiled: seconds between requests, seconds of burst, and the constant parts of its fields."""

    __slots__ = (
        "address_only",
        "by",
        "everywhere",
        "interval",
        "methods",
        "name",
        "paths",
        "policy",
        "policy_bytes",
        "policy_text",
        "prefix",
        "rate",
        "span",
    )

    def __init__(self, rate: Rate) -> None:
        window = certain(rate.per)
        self.rate, self.name, self.by = rate, rate.name, rate.by
        self.interval = window / rate.limit
        self.span = self.interval * (rate.burst or rate.limit)
        self.paths, self.methods = Prefixes(rate.paths), frozenset(rate.methods)
        self.address_only = rate.by == ("address",)
        self.policy = structured.item(rate.name, {"q": rate.limit, "w": window})
        self.policy_text = ("ratelimit-policy", self.policy)
        self.policy_bytes = (b"ratelimit-policy", self.policy.encode())
        self.prefix = structured.item(rate.name)

    def concerns(self, method: str, path: str, read: str) -> bool:
        """Tell whether a request is counted, by its path or by how that may be `read`."""
        if self.methods and method not in self.methods:
            return False
        return not self.paths or read in self.paths or path in self.paths

    def route(self, path: str) -> str:
        """Return the path of the rate that a request lies under, however it is written; empty when none."""
        return self.paths.find(read_as(path)) or self.paths.find(path)

    def field(self, step: Step) -> str:
        """Return the member of `RateLimit` about this rate."""
        _, _, left, _, restored = step
        return f"{self.prefix};r={left};t={math.ceil(restored)}"


def step(state: float, now: float, interval: float, span: float) -> Step:
    """Return what a request at `now` does to a state; the first one's state is `now` or less."""
    used = state - now if state > now else 0.0
    after = used + interval
    # A billionth is what floats lose over a day of adding intervals.
    if after > span + 1e-9:
        return False, state, 0, after - span, used
    return True, now + after, int((span - after) / interval + 1e-6), 0.0, after


def rate_fields(metres: Sequence[Metre], steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Return `RateLimit-Policy` and `RateLimit` of a request that all these metres counted."""
    fields = [metre.field(step) for metre, step in zip(metres, steps, strict=True)]
    return [
        ("ratelimit-policy", ", ".join(metre.policy for metre in metres)),
        ("ratelimit", ", ".join(fields)),
    ]


def any_refused(steps: Sequence[Step]) -> bool:
    """Tell whether a metre refuses."""
    for allowed, *_ in steps:  # noqa: SIM110 - a generator costs more than the whole loop
        if not allowed:
            return True
    return False


def refusal(metres: Sequence[Metre], steps: Sequence[Step]) -> Refusal:
    """Return the refusal by the metre that has to be waited for longest."""
    longest, by = max(
        zip((wait for _, _, _, wait, _ in steps), metres, strict=True), key=lambda pair: pair[0]
    )
    reason = f"more than {by.rate.limit} requests in {by.rate.per} ({by.name})"
    return Refusal(429, "rates", reason, (("retry-after", str(math.ceil(longest))),))
