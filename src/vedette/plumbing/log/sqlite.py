"""EventLog in SQLite segments under one folder: the journal."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec

from vedette.core.clock import Clock, SystemClock
from vedette.core.errors import Unavailable
from vedette.plumbing.disk import DiskWatch
from vedette.plumbing.log.folder import Folder
from vedette.plumbing.log.frame import Packer
from vedette.plumbing.log.port import Lag, Message
from vedette.plumbing.log.queue import Inbox, Pending, Tick
from vedette.plumbing.log.segment import Segment
from vedette.plumbing.log.shelf import Shelf
from vedette.plumbing.log.writer import Writer

_MIB = 1 << 20


class Stats(msgspec.Struct, frozen=True):
    """Figures for `/metrics`: bytes queued for the writer, bytes of segments on disk, number of segments."""

    queued_bytes: int
    stored_bytes: int
    segments: int


class SqliteEventLog:
    """Implements `plumbing.log.port.EventLog`, durable at `synchronous=FULL` by group commit.

    `groups` maps each consumer group to the subjects it reads. `max_bytes` bounds the files, `queue_bytes` what
    waits for the writer, `fresh_bytes` the bodies kept for groups that follow closely. A segment is full at
    `segment_bytes` or after `segment_seconds`; one that all groups have acked goes at most a few seconds later.
    A locked file is waited for during `lock_timeout` seconds.
    """

    def __init__(
        self,
        folder: Path,
        groups: Mapping[str, frozenset[str]],
        *,
        max_bytes: int = 1024 * _MIB,
        min_free_disk_bytes: int = 0,
        clock: Clock | None = None,
        queue_bytes: int = 24 * _MIB,
        fresh_bytes: int = 8 * _MIB,
        segment_bytes: int = 64 * _MIB,
        segment_seconds: float = 30.0,
        lock_timeout: float = 5.0,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._max = max_bytes
        self._folder, self._clock, self._segment_seconds = (
            Folder(folder),
            clock or SystemClock(),
            segment_seconds,
        )
        self._disk = DiskWatch(folder, min_free_disk_bytes)
        self._inbox = Inbox(queue_bytes)
        self._shelf = Shelf(groups, fresh_bytes)
        self._unpacking = threading.Lock()
        self._packer = Packer()
        self._reading: Segment | None = None
        self._decoded: tuple[int, dict[int, Message]] = (-1, {})
        self._writer = Writer(
            self._folder,
            self._inbox,
            self._shelf,
            self._clock,
            segment_bytes=segment_bytes,
            segment_seconds=segment_seconds,
            lock_timeout=lock_timeout,
        )
        self._writer.start()

    def wait_open(self, timeout: float) -> bool:
        """Tell whether the folder is ours and what was left in it is read; waits up to `timeout` seconds for that.

        False again once the log is closed or its writer has fallen.
        """
        return self._writer.opened.wait(timeout)

    def publish(self, subject: str, body: bytes, msg_id: str, now: float) -> "Future[int]":
        """Queue a message; see the port."""
        future: Future[int] = Future()
        try:
            self._refuse_when_full(len(body), now)
            self._inbox.put(Pending(subject, body, msg_id, now, future))
        except Unavailable as error:
            future.set_exception(error)
        return future

    def pull(self, group: str, n: int, now: float, wait: float = 0.0) -> Sequence[Message]:
        """Hand out messages; see the port. Raises `Unavailable` when they cannot be read (they are kept)."""
        taken = self._shelf.take(group, n, now, wait)
        try:
            found = self._load([seq for seq, _ in taken])
        except (sqlite3.Error, OSError) as error:
            self._shelf.nak(group, [seq for seq, _ in taken], now)
            raise Unavailable(f"The journal cannot be read: {error}.") from error
        return [_attempt(found[seq], attempt) for seq, attempt in taken]

    def ack(self, group: str, seqs: Sequence[int]) -> None:
        """Count messages as done by the group; see the port."""
        self._shelf.ack(group, seqs)

    def nak(self, group: str, seqs: Sequence[int], now: float, delay: float) -> None:
        """Take messages back; see the port."""
        self._shelf.nak(group, seqs, now + delay)

    def lag(self, group: str) -> Lag:
        """Return how far the group is behind."""
        return self._shelf.lag(group)

    def tick(self, now: float) -> None:
        """Keep house at once, as if it were `now`; the writer also does it by itself every few seconds."""
        done: Future[None] = Future()
        self._inbox.ask(Tick(now, done))
        done.result()

    def tidy(self) -> int | None:
        """Let go at once of what every group has acked; see the port. A segment goes when all of it is acked.

        Looks at the folder, which may be another process's.
        """
        if self._writer.opened.is_set():
            self.tick(self._clock.now() + self._segment_seconds)
        return min((int(path.stem) for path in self._folder.segments()), default=None)

    def stats(self) -> Stats:
        """Return figures for `/metrics`."""
        return Stats(self._inbox.bytes, self._writer.stored, len(self._shelf.segments()))

    def close(self) -> None:
        """Flush what was queued, then release the folder."""
        self._writer.close()

    def _refuse_when_full(self, size: int, now: float) -> None:
        if self._writer.stored + self._inbox.bytes + size > self._max:
            raise Unavailable(
                "The journal is full: digestion is behind. Events are refused until it catches up."
            )
        if self._disk.low(now):
            raise Unavailable("The disk is nearly full: free space where `data` lies.", 30.0)

    def _load(self, seqs: Sequence[int]) -> dict[int, Message]:
        found, frames = self._shelf.find(seqs)
        for segment, first in frames:
            found.update(self._frame(segment, first))
        return found

    def _frame(self, segment: Segment, first: int) -> dict[int, Message]:
        """Return the messages of a frame; the last one read stays decoded, as pulls go on within it."""
        with self._unpacking:
            if self._decoded[0] != first:
                if self._reading is not None and self._reading is not segment:
                    self._reading.close_reader()
                self._reading = segment
                self._decoded = (first, {m.seq: m for m in self._packer.unpack(segment.read(first))})
            return self._decoded[1]


def _attempt(message: Message, attempt: int) -> Message:
    return message if attempt == 1 else msgspec.structs.replace(message, attempt=attempt)
