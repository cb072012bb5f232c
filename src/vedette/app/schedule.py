"""When jobs run: a job is due `every` seconds after it last began, or once its topic was woken.

Some are due only where the lease is held.
"""

from collections.abc import Callable, Iterable

import msgspec


class Job(msgspec.Struct, frozen=True):
    """Work that comes back. A `shared` one runs in one process at a time (the one that holds the lease).

    One with a `topic` is due as soon as that was woken in this process, and comes back for what others began.
    """

    name: str
    every: float
    run: Callable[[], None]
    shared: bool = True
    topic: str = ""


class Schedule:
    """Knows what is due; `tick` is seconds on any clock that does not go back, `seen` counts how often a topic was woken."""

    def __init__(
        self, jobs: Iterable[Job], tick: float, first: float = 5.0, seen: Callable[[str], int] = lambda _: 0
    ) -> None:
        self._next = {job: tick + min(first, job.every) for job in jobs}
        self._seen = seen
        self._woken = {job: seen(job.topic) for job in self._next if job.topic}

    def due(self, tick: float, *, leading: bool) -> Job | None:
        """Return the job that waits the longest and mark it as begun; shared ones wait until this process leads."""
        may = [job for job in self._next if leading or not job.shared]
        found = [job for job in may if self._next[job] <= tick or self._is_woken(job)]
        if not found:
            return None
        chosen = min(found, key=lambda job: self._next[job])
        self._next[chosen] = tick + chosen.every
        if chosen.topic:
            self._woken[chosen] = self._seen(chosen.topic)
        return chosen

    def _is_woken(self, job: Job) -> bool:
        return bool(job.topic) and self._seen(job.topic) > self._woken[job]
