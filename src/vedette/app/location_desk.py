"""What one location was told last, and the poll that waits for what is new; lives on the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from vedette.app.polling import Poll
from vedette.core import ids
from vedette.core.errors import Throttled
from vedette.monitors import service as monitors
from vedette.monitors.locations.types import Errands, Location, Task
from vedette.monitors.rounds.types import Orders

MOST_TASKS = 1_000  # of one answer; the rest follows with the next
_REVISION = 12


class Run(Protocol):
    """Does something that asks the database, off the event loop."""

    async def __call__(self, act: Callable[[], "Told"]) -> "Told":
        """Return what came of it."""
        ...


class Told(msgspec.Struct, frozen=True):
    """What is to be told, and what the location knows then."""

    orders: Orders
    known: Mapping[int, float]


class Desk(Poll[Errands]):
    """The desk of one location.

    It remembers what the location knows as of the last revision it was told; a poll that names another one (the server was
    started again, an answer was lost) is told everything.
    """

    def __init__(self, location: Location, most: int = MOST_TASKS) -> None:
        super().__init__("location", "token")
        self._most = most
        self._slug, self._name = location.slug, location.name
        self._revision = ""
        self._known: Mapping[int, float] = {}
        self._batch = asyncio.Lock()

    def turn(self) -> asyncio.Lock:
        """Return the lock of batches; raises `Throttled` when one is being recorded already."""
        if self._batch.locked():
            raise Throttled("Another batch of this location is being recorded; send it again.", 1.0)
        return self._batch

    async def wait(
        self, since: str, seconds: float, gone: "asyncio.Future[None]", run: Run
    ) -> Errands | None:
        """Return what is new since a revision, nothing new after `seconds`; None when who asked has left.

        Raises `Conflict` when a newer poll came, `Unavailable` when Vedette stops.
        """
        found = await self.waited(lambda: self._look(since, run), seconds, gone)
        if found is None and gone.done():
            return None
        return found or Errands(revision=since, name=self._name, whole=False)

    async def _look(self, since: str, run: Run) -> Errands | None:
        """Return what is new, and remember that it was told; None when nothing is."""
        whole = not since or since != self._revision
        known = {} if whole else self._known
        told = await run(lambda: Told(*monitors.orders(known, self._slug, self._most)))
        self._known = told.known
        if not (whole or told.orders.put or told.orders.drop):
            return None
        self._revision = ids.new_id()[:_REVISION]
        return Errands(
            revision=self._revision, name=self._name, whole=whole, more=told.orders.more, drop=told.orders.drop,
            put=tuple(
                Task(monitor=one.monitor, kind=one.kind, interval=one.interval, retry=one.retry, request=one.request)
                for one in told.orders.put
            ),
        )  # fmt: skip
