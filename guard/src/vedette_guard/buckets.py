"""States of rates in the memory of the process, bounded however many clients there are."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from vedette_guard.decisions.rates import Metre, Step, any_refused, step

MOST = 100_000


class Buckets:
    """One state a key, in two generations: when the young one is full, it becomes the old one, which is forgotten.

    Whoever keeps asking keeps their state; who fell silent while `MOST` others came begins anew. For one thread, as an
    event loop has; SharedBuckets are for several.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[object, float] = {}
        self._old: dict[object, float] = {}

    def take(self, wanted: Sequence[tuple[Metre, object]], now: float) -> list[Step]:
        """Count a request against all its metres, or, when one of them refuses, against none; `now` in seconds."""
        steps = [step(self._state(key), now, metre.interval, metre.span) for metre, key in wanted]
        if not any_refused(steps):
            for (_, key), (_, state, *_) in zip(wanted, steps, strict=True):
                self._keep(key, state)
        return steps

    def take_one(self, metre: Metre, key: object, now: float) -> Step:
        """Count a request against one metre, which is the usual case and worth a way of its own."""
        young = self._young
        known = young.get(key)
        done = step(self._state(key) if known is None else known, now, metre.interval, metre.span)
        if not done[0]:
            return done
        if known is None:
            self._keep(key, done[1])
        else:  # it has its place
            young[key] = done[1]
        return done

    def _state(self, key: object) -> float:
        state = self._young.get(key)
        if state is None:
            state = self._old.get(key, 0.0)
            if state:  # asked for, so not to be forgotten, also when the request is refused
                self._keep(key, state)
        return state

    def _keep(self, key: object, state: float) -> None:
        if len(self._young) >= self._most and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = state

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class SharedBuckets(Buckets):
    """Buckets that several threads count in."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(most)
        self._lock = threading.Lock()

    def take(self, wanted: Sequence[tuple[Metre, object]], now: float) -> list[Step]:
        """Count a request as Buckets do, one thread at a time."""
        with self._lock:
            return super().take(wanted, now)

    def take_one(self, metre: Metre, key: object, now: float) -> Step:
        """Count a request as Buckets do, one thread at a time."""
        with self._lock:
            return super().take_one(metre, key, now)
