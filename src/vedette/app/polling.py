"""A poll that waits for something new without a thread; of one who asks only the newest poll waits. On the event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from vedette.core.errors import Conflict, Unavailable

T = TypeVar("T")


class Poll(Generic[T]):
    """The polls of one who asks; `who` and `secret` are words for what is said when two ask as one."""

    def __init__(self, who: str, secret: str) -> None:
        self._who, self._secret = who, secret
        self._ring = asyncio.Event()
        self._lock = asyncio.Lock()
        self._newest: object = None
        self._closed = False

    def ring(self) -> None:
        """Have the poll that waits look again."""
        self._ring.set()

    def close(self) -> None:
        """End the poll that waits."""
        self._closed = True
        self._ring.set()

    async def waited(
        self, look: Callable[[], Awaitable[T | None]], seconds: float, gone: "asyncio.Future[None]"
    ) -> T | None:
        """Return what `look` finds, None when it is nothing for so many seconds or who asked has left.

        Raises `Conflict` when a newer poll came, `Unavailable` when Vedette stops.
        """
        mine = self._newest = object()
        self._ring.set()  # the poll before ends
        end = asyncio.get_running_loop().time() + seconds
        while not gone.done():
            async with self._lock:
                self._refuse_to_wait(mine)
                self._ring.clear()
                found = await look()
            left = end - asyncio.get_running_loop().time()
            if found is not None or left <= 0:
                return found
            await self._rung(gone, left)
        return None

    def _refuse_to_wait(self, mine: object) -> None:
        if self._closed:
            raise Unavailable("Vedette is stopping; ask again in a moment.", 1.0)
        if self._newest is not mine:
            raise Conflict(
                f"Another poll of this {self._who} came after this one; is its {self._secret} used twice?"
            )

    async def _rings(self) -> None:
        await self._ring.wait()

    async def _rung(self, gone: "asyncio.Future[None]", seconds: float) -> None:
        ring = asyncio.ensure_future(self._rings())
        try:
            await asyncio.wait([ring, gone], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ring.cancel()
