"""Wake-ups for coroutines: wakes from any thread, gathered until the one who listens takes them."""

import asyncio
from collections.abc import Iterable

from vedette.plumbing.bus.port import Bus


class Listener:
    """Listens to topics within the running event loop; wakes between two `changed` are merged.

    Use it as a context manager: leaving it ends the subscription.
    """

    def __init__(self, bus: Bus, topics: Iterable[str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._topics: set[str] = set()
        self._any = asyncio.Event()
        self._end = bus.subscribe(topics, self._from_any_thread)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    async def changed(self, timeout: float | None = None) -> frozenset[str]:
        """Return the topics woken since the last call, at the latest after `timeout` seconds (then maybe none)."""
        try:
            await asyncio.wait_for(self._any.wait(), timeout)
        except TimeoutError:
            return frozenset()
        topics, self._topics = frozenset(self._topics), set()
        self._any.clear()
        return topics

    def _from_any_thread(self, topic: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, topic)

    def _note(self, topic: str) -> None:
        self._topics.add(topic)
        self._any.set()
