"""What waits for the writer: publishes, bounded in bytes, and requests to keep house."""

import queue
import threading
from concurrent.futures import Future

import msgspec

from vedette.core.errors import Unavailable

_BATCH_BYTES = 4 << 20


class Pending(msgspec.Struct, frozen=True, gc=False):
    """A message on its way to the disk, and the future of whoever published it."""

    subject: str
    body: bytes
    msg_id: str
    at: float
    future: "Future[int]"


class Tick(msgspec.Struct, frozen=True):
    """A request to keep house as if it were `now`; `done` is resolved afterwards."""

    now: float
    done: "Future[None]"


class Inbox:
    """The writer's queue; `max_bytes` bounds the bodies in it (a larger one passes while the queue is empty)."""

    def __init__(self, max_bytes: int) -> None:
        self._items: queue.SimpleQueue[Pending | Tick | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._max = max_bytes
        self.closed = ""
        self.bytes = 0

    def put(self, pending: Pending) -> None:
        """Queue a message; raises `Unavailable` when the queue is full or closed."""
        size = len(pending.body)
        with self._lock:
            self._refuse_closed()
            if self.bytes and self.bytes + size > self._max:
                raise Unavailable(
                    "Events arrive faster than the disk takes them; send again in a moment.", 1.0
                )
            self.bytes += size
            self._items.put(pending)

    def ask(self, tick: Tick) -> None:
        """Queue a request to keep house; raises `Unavailable` when the queue is closed."""
        with self._lock:
            self._refuse_closed()
            self._items.put(tick)

    def close(self, reason: str) -> None:
        """Refuse whatever comes later; what is queued is still taken."""
        with self._lock:
            if not self.closed:
                self.closed = reason
                self._items.put(None)

    def take(self, n: int, timeout: float | None) -> tuple[list[Pending], list[Tick], bool]:
        """Return what is queued (at most `n` messages and about 4 MiB) and whether the queue goes on.

        Blocks for the first up to `timeout` seconds (None: for ever).
        """
        batch: list[Pending] = []
        ticks: list[Tick] = []
        size = 0
        try:
            item = self._items.get(timeout=timeout)
            while True:
                if item is None:
                    return self._taken(batch, size), ticks, False
                if isinstance(item, Tick):
                    ticks.append(item)
                else:
                    batch.append(item)
                    size += len(item.body)
                if ticks or len(batch) >= n or size >= _BATCH_BYTES:
                    break
                item = self._items.get_nowait()
        except queue.Empty:
            pass
        return self._taken(batch, size), ticks, True

    def drain(self) -> list[Pending | Tick]:
        """Return what is left of a closed queue."""
        left: list[Pending | Tick] = []
        while not self._items.empty():
            item = self._items.get_nowait()
            if item is not None:
                left.append(item)
        return left

    def _taken(self, batch: list[Pending], size: int) -> list[Pending]:
        with self._lock:
            self.bytes -= size
        return batch

    def _refuse_closed(self) -> None:
        if self.closed:
            raise Unavailable(self.closed)
