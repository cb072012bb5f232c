"""Batches of many agents, recorded together: one commit for all that came while the last one was written.

What was measured may wait a little for more; what happened is written at once. A batch that cannot be read is refused for
itself, and one that cannot be recorded is tried alone. What waits is bounded by its size once unpacked.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import msgspec

from vedette.app import logs
from vedette.core.errors import Invalid, Unavailable, VedetteError
from vedette.hosts.taking import Taker
from vedette.wire.agent import batches
from vedette.wire.agent.batches import Batch, Receipt

LOG = logs.logger("vedette.agents")
GATHER = 0.2  # seconds that measures wait for more
MOST_AT_ONCE = 64
MOST_WAITING, MOST_TOGETHER = 64 * 1024 * 1024, 16 * 1024 * 1024  # bytes, once unpacked
_SMALL = (
    65_536  # bytes, once unpacked; what is larger is read on the thread, so that nobody's answer waits for it
)


class Sent(msgspec.Struct, frozen=True):
    """A batch as it came: of which host, its body, and how that is packed."""

    host: int
    body: bytes
    kind: str
    encoding: str


class _Waiting(msgspec.Struct, frozen=True):
    """A batch that waits, how large it is once unpacked, and who waits for its receipt."""

    host: int
    batch: Batch | Sent
    size: int
    future: "asyncio.Future[Receipt]"


_Taken = Receipt | Invalid


class Recorder:
    """Lives on the event loop; records on a thread of its own, `now` tells the instant."""

    def __init__(self, taker: Taker, now: Callable[[], float]) -> None:
        self._taker, self._now = taker, now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agents-recorder")
        self._waiting: list[_Waiting] = []
        self._size = 0  # of all that waits
        self._urgent = asyncio.Event()
        self._going: asyncio.Task[None] | None = None

    async def put(self, sent: Sent) -> Receipt:
        """Have a batch recorded and return its receipt; raises `Invalid`, `Unavailable`."""
        size = batches.size_of(sent.body, sent.encoding)
        if self._waiting and self._size + size > MOST_WAITING:
            raise Unavailable("Other agents' reports are being recorded; send it again in a moment.", 3.0)
        batch = sent if size > _SMALL else batches.read(sent.body, sent.kind, sent.encoding)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(sent.host, batch, size, future))
        self._size += size
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
            n = self._fitting()
            now_due, self._waiting = self._waiting[:n], self._waiting[n:]
            self._size -= sum(one.size for one in now_due)
            await self._record(now_due)

    def _fitting(self) -> int:
        """Return how many of those that wait are recorded together: at least one."""
        sizes = accumulate(one.size for one in self._waiting[:MOST_AT_ONCE])
        return max(1, sum(size <= MOST_TOGETHER for size in sizes))

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
        future = found[0].future
        if not future.done():
            future.set_exception(_told(error))

    async def _tried(self, found: Sequence[_Waiting]) -> BaseException | None:
        """Record some batches, and return what kept that from being done."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, self._take, found)
        await asyncio.wait([done])
        error = done.exception()
        if error is None:
            for one, taken in zip(found, done.result(), strict=True):
                if one.future.done():
                    continue
                if isinstance(taken, Invalid):
                    one.future.set_exception(taken)
                else:
                    one.future.set_result(taken)
        return error

    def _take(self, found: Sequence[_Waiting]) -> list[_Taken]:
        """Record what can be read of some batches; what cannot keeps no other from it."""
        read = [_read(one.batch) for one in found]
        fit = [(one.host, batch) for one, batch in zip(found, read, strict=True) if isinstance(batch, Batch)]
        receipts = iter(self._taker.take(fit, self._now()) if fit else ())
        return [batch if isinstance(batch, Invalid) else next(receipts) for batch in read]


def _read(batch: Batch | Sent) -> Batch | Invalid:
    if isinstance(batch, Batch):
        return batch
    try:
        return batches.read(batch.body, batch.kind, batch.encoding)
    except Invalid as error:
        return error


def _told(error: BaseException) -> VedetteError:
    """Return what the host is told; what is no fault of its own is to be sent again."""
    if isinstance(error, Invalid | Unavailable):
        return error
    LOG.warning("a batch could not be recorded", error=f"{type(error).__name__}: {error}")
    return Unavailable("The batch could not be recorded; send it again.", 5.0)
