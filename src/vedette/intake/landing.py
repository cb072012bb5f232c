"""Waiting on the event loop for what a writer thread makes durable, at one wake-up for many."""

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial


class Landing:
    """Lets coroutines await the log's futures.

    A group commit completes dozens of futures at once. `asyncio.wrap_future` would wake the loop for each;
    here the first one wakes it and the rest ride along.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._landed: deque[tuple[asyncio.Future[int], Future[int]]] = deque()
        self._woken = False

    async def wait(self, future: "Future[int]") -> int:
        """Return the future's result, or raise what it raises."""
        if not future.done():
            waiter: asyncio.Future[int] = self.loop.create_future()
            future.add_done_callback(partial(self._land, waiter))
            return await waiter
        return future.result()

    def _land(self, waiter: "asyncio.Future[int]", future: "Future[int]") -> None:
        self._landed.append((waiter, future))
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False
        while self._landed:
            waiter, future = self._landed.popleft()
            if waiter.done():
                continue
            error = future.exception()
            if error is None:
                waiter.set_result(future.result())
            else:
                waiter.set_exception(error)
