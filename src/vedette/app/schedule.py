"""When jobs run: a job is due `every` seconds after it last began; some only where the lease is held."""

from collections.abc import Callable, Iterable

import msgspec


class Job(msgspec.Struct, frozen=True):
    """Work that comes back. A `shared` one runs in one process at a time (the one that holds the lease)."""

    name: str
    every: float
    run: Callable[[], None]
    shared: bool = True


class Schedule:
    """Knows what is due; `tick` is seconds on any clock that does not go back."""

    def __init__(self, jobs: Iterable[Job], tick: float, first: float = 5.0) -> None:
        self._next = {job: tick + min(first, job.every) for job in jobs}

    def due(self, tick: float, *, leading: bool) -> Job | None:
        """Return the job that waits the longest and mark it as begun; shared ones wait until this process leads."""
        found = [job for job, at in self._next.items() if at <= tick and (leading or not job.shared)]
        if not found:
            return None
        chosen = min(found, key=lambda job: self._next[job])
        self._next[chosen] = tick + chosen.every
        return chosen
