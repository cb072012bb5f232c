"""Batches of many agents, recorded together: one commit for all that came while the last one was written.

What was measured may wait a little for more; what happened is written at once. A batch that cannot be recorded is tried
alone, so that it fails for itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from vedette.app import logs
from vedette.core.errors import Invalid, Unavailable, VedetteError
from vedette.hosts.taking import Taker
from vedette.wire.agent import batches
from vedette.wire.agent.batches import Batch, Receipt

LOG = logs.logger("vedette.agents")
GATHER = 0.2  # seconds that measures wait for more
MOST_AT_ONCE = 64
_SMALL = 16_384  # bytes; larger bodies are unpacked on the thread, so that nobody's answer waits for it


class Sent(msgspec.Struct, frozen=True):
    """A batch as it came: of which host, its body, and how that is packed."""

    host: int
    body: bytes
    kind: str
    encoding: str


_Waiting = tuple[int, Batch | Sent, "asyncio.Future[Receipt]"]


class Recorder:
    """Lives on the event loop; records on a thread of its own, `now` tells the instant."""

    def __init__(self, taker: Taker, now: Callable[[], float]) -> None:
        self._taker, self._now = taker, now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agents-recorder")
        self._waiting: list[_Waiting] = []
        self._urgent = asyncio.Event()
        self._going: asyncio.Task[None] | None = None

    async def put(self, sent: Sent) -> Receipt:
        """Have a batch recorded and return its receipt; raises `Invalid`, `Unavailable`."""
        large = len(sent.body) > _SMALL
        batch = sent if large else batches.read(sent.body, sent.kind, sent.encoding)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((sent.host, batch, future))
        if isinstance(batch, Sent) or not all(map(batches.is_measured, batch.reports)):
            self._urgent.set()
        if self._going is None or self._going.done():
            self._going = asyncio.ensure_future(self._work())
        return await future

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _work(self) -> None:
        while self._waiting:
            if len(self._waiting) < MOST_AT_ONCE:
                await self._gathered()
            self._urgent.clear()
            now_due, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._record(now_due)

    async def _gathered(self) -> None:
        try:
            await asyncio.wait_for(self._urgent.wait(), GATHER)
        except TimeoutError:
            return

    async def _record(self, found: Sequence[_Waiting]) -> None:
        """Record some batches, and each for itself when that fails."""
        error = await self._tried(found)
        if error is None:
            return
        if len(found) > 1:
            for one in found:
                await self._record([one])
            return
        future = found[0][2]
        if not future.done():
            future.set_exception(_told(error))

    async def _tried(self, found: Sequence[_Waiting]) -> BaseException | None:
        """Record some batches, and return what kept that from being done."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, self._take, [(host, batch) for host, batch, _ in found])
        await asyncio.wait([done])
        error = done.exception()
        if error is None:
            for (_, _, future), receipt in zip(found, done.result(), strict=True):
                if not future.done():
                    future.set_result(receipt)
        return error

    def _take(self, found: Sequence[tuple[int, Batch | Sent]]) -> list[Receipt]:
        read = [
            (host, batches.read(one.body, one.kind, one.encoding) if isinstance(one, Sent) else one)
            for host, one in found
        ]
        return self._taker.take(read, self._now())


def _told(error: BaseException) -> VedetteError:
    """Return what the host is told; what is no fault of its own is to be sent again."""
    if isinstance(error, Invalid | Unavailable):
        return error
    LOG.warning("a batch could not be recorded", error=f"{type(error).__name__}: {error}")
    return Unavailable("The batch could not be recorded; send it again.", 5.0)
