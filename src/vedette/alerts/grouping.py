"""When does a group of alerts speak? Pure.

Source of the semantics: Prometheus' documentation, "Alertmanager, Grouping". A group speaks `wait` after its
first alert, then looks every `interval` whether there is something new. Two differences, both wanted: what is
critical waits for nothing, and after a restart what was due waits `wait` once more, so that an alert whose
source has not been told again yet does not slip out.
"""

import math

import msgspec

from vedette.alerts.routing import Timing

MUTED_EVERY = 60.0  # how often a group without an interval looks whether what keeps it quiet is over


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """When a group looks: the instant of its first look (None before it), of the last, and of the next.

    `due` is None while there is nothing to look for.
    """

    first: float | None = None
    last: float | None = None
    due: float | None = None


class When(msgspec.Struct, frozen=True):
    """The instant a group looks next, and why then."""

    at: float
    reason: str


def arrival(pulse: Pulse, timing: Timing, started: float, now: float, *, critical: bool) -> When:
    """Return when a group looks after an alert that began at `started` came or changed."""
    if critical:
        return When(now, "It is critical, so nothing is waited for.")
    if pulse.first is None:
        return _first(pulse, timing, started, now)
    at = tick(pulse, timing, now)
    return When(at if pulse.due is None else min(at, pulse.due), "The group looks again at its interval.")


def again(pulse: Pulse, timing: Timing, now: float, *, muted: bool, repeat_at: float | None) -> float | None:
    """Return when a group looks again after a look at `now`, None when only a change can give it cause.

    `muted` says that something in it is silenced or inhibited; `repeat_at` is the first instant at which a
    lasting state is to be told again.
    """
    if muted:
        return max(tick(pulse, timing, now), now + (1.0 if timing.interval > 0 else MUTED_EVERY))
    return None if repeat_at is None else max(tick(pulse, timing, repeat_at), now + 1.0)


def tick(pulse: Pulse, timing: Timing, at: float) -> float:
    """Return the first instant of the group's interval at or after `at`, and after its last look."""
    if pulse.first is None or timing.interval <= 0:
        return at
    steps = math.ceil((at - pulse.first) / timing.interval)
    if pulse.last is not None:
        steps = max(steps, math.floor((pulse.last - pulse.first) / timing.interval) + 1)
    return pulse.first + steps * timing.interval


def _first(pulse: Pulse, timing: Timing, started: float, now: float) -> When:
    if started + timing.wait <= now:
        return When(now, "It began longer ago than a new group waits.")
    at = now + timing.wait if pulse.due is None else min(pulse.due, now + timing.wait)
    return When(at, f"A new group waits {timing.wait:.0f} s for others.")
