"""EventLog in memory: for tests and for trying things out; nothing outlives the process."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import NotFound, Unavailable
from vedette.plumbing.log.cursor import Cursor, pause, readers
from vedette.plumbing.log.port import Lag, Message


class MemoryEventLog:
    """Implements `plumbing.log.port.EventLog`.

    `groups` maps each consumer group to the subjects it reads; `max_bytes` bounds the bodies held.
    """

    def __init__(self, groups: Mapping[str, frozenset[str]], max_bytes: int = 64 << 20) -> None:
        self._readers = readers(groups)
        self._cursors = {group: Cursor() for group in groups}
        self._open: dict[int, tuple[Message, set[str]]] = {}
        self._changed = threading.Condition()
        self._free = max_bytes
        self._last = 0
        self._closed = False

    def publish(self, subject: str, body: bytes, msg_id: str, now: float) -> "Future[int]":
        """Keep a message; see the port."""
        future: Future[int] = Future()
        with self._changed:
            if self._closed or len(body) > self._free:
                future.set_exception(Unavailable("The event log is closed or full; try again later."))
                return future
            self._last = max(self._last + 1, int(now * 1e6))
            self._add(Message(self._last, subject, body, msg_id, now))
            future.set_result(self._last)
        return future

    def pull(self, group: str, n: int, now: float, wait: float = 0.0) -> Sequence[Message]:
        """Hand out messages; see the port."""
        start = monotonic()
        cursor = self._cursor(group)
        with self._changed:
            while True:
                passed = monotonic() - start
                taken = cursor.take(n, now + passed)
                if taken or passed >= wait or self._closed:
                    return [self._message(seq, attempt) for seq, attempt in taken]
                self._changed.wait(pause(cursor.next_due(), now + passed, wait - passed))

    def ack(self, group: str, seqs: Sequence[int]) -> None:
        """Forget messages; see the port."""
        cursor = self._cursor(group)
        with self._changed:
            for seq in cursor.ack(seqs):
                self._settle(seq, group)

    def nak(self, group: str, seqs: Sequence[int], now: float, delay: float) -> None:
        """Take messages back; see the port."""
        cursor = self._cursor(group)
        with self._changed:
            cursor.nak(seqs, now + delay)
            self._changed.notify_all()

    def lag(self, group: str) -> Lag:
        """Return how far the group is behind."""
        cursor = self._cursor(group)
        with self._changed:
            return Lag(cursor.waiting, cursor.oldest())

    def tidy(self) -> int | None:
        """Return the least `seq` that is kept; what is acked has gone already."""
        with self._changed:
            return min(self._open, default=None)

    def close(self) -> None:
        """Refuse what comes later and wake whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _cursor(self, group: str) -> Cursor:
        if group not in self._cursors:
            raise NotFound(
                f"The event log has no group {group!r}; it has {', '.join(sorted(self._cursors))}."
            )
        return self._cursors[group]

    def _add(self, message: Message) -> None:
        groups = self._readers.get(message.subject, ())
        if not groups:
            return
        self._open[message.seq] = (message, set(groups))
        self._free -= len(message.body)
        for group in groups:
            self._cursors[group].add(message.seq, message.at)
        self._changed.notify_all()

    def _message(self, seq: int, attempt: int) -> Message:
        message = self._open[seq][0]
        return message if attempt == 1 else msgspec.structs.replace(message, attempt=attempt)

    def _settle(self, seq: int, group: str) -> None:
        message, groups = self._open[seq]
        groups.discard(group)
        if not groups:
            del self._open[seq]
            self._free += len(message.body)
