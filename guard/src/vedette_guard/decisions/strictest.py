"""Of two policies what is stricter: for a path that could be read as another, which must escape neither."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vedette_guard.durations import certain
from vedette_guard.policy import Inspect, Limits, PathPolicy, Policy

_LOOKS = ("off", "monitor", "block")
_SIZES = ("body", "headers", "json_depth", "parts", "part_headers", "preamble")


def stricter(policy: Policy, part: PathPolicy) -> Policy:
    """Return a policy that looks, limits, redirects and minds foreign pages where either does; the rest is as everywhere."""
    changes: dict[str, Any] = {"inspect": _inspect(policy.inspect, part.inspect)}
    if part.limits is not None:
        changes["limits"] = _limits(policy.limits, part.limits)
    if part.csrf is not None and not policy.csrf.on:
        changes["csrf"] = part.csrf
    if part.https is not None and part.https.redirect and not policy.https.redirect:
        changes["https"] = replace(policy.https, redirect=True, port=part.https.port)
    return replace(policy, paths={}, **changes)


def _limits(one: Limits, other: Limits) -> Limits:
    sizes = {name: _least(getattr(one, name), getattr(other, name)) for name in _SIZES}
    times = [text for text in (one.body_time, other.body_time) if certain(text)]
    rates = (one.body_rate, other.body_rate)
    return replace(
        one,
        **sizes,
        body_time=min(times, key=certain) if times else one.body_time,
        body_rate=max(rates) if all(rates) else 0,
    )


def _least(one: int, other: int) -> int:
    """Return the smaller limit; 0 is none."""
    return min(one or other, other or one)


def _inspect(one: Inspect | None, other: Inspect | None) -> Inspect | None:
    said = [each for each in (one, other) if each is not None]
    return max(said, key=lambda each: (_LOOKS.index(each.mode), -each.threshold), default=None)
