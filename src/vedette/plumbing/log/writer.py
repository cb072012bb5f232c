"""The one thread that writes the journal: takes what is queued, commits it as a group, tells whoever waits."""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError

from vedette.core.clock import Clock
from vedette.core.errors import Unavailable
from vedette.plumbing import faults
from vedette.plumbing.log.folder import Folder
from vedette.plumbing.log.frame import Packer
from vedette.plumbing.log.port import Message
from vedette.plumbing.log.queue import Inbox, Pending, Tick
from vedette.plumbing.log.segment import Segment
from vedette.plumbing.log.shelf import Shelf

_LOG = logging.getLogger("vedette.journal")
_GROUP = 512
_ACKS_EVERY = 1.0
_CHORES_EVERY = 5.0
CLOSED = "The event log is closed."


class Writer:
    """Owns the folder while it runs. `start` returns at once; until the folder's lock is free, publishes queue."""

    def __init__(
        self,
        folder: Folder,
        inbox: Inbox,
        shelf: Shelf,
        clock: Clock,
        *,
        segment_bytes: int,
        segment_seconds: float,
        lock_timeout: float,
    ) -> None:
        self._folder, self._inbox, self._shelf, self._clock = folder, inbox, shelf, clock
        self._segment_bytes, self._segment_seconds = segment_bytes, segment_seconds
        self._lock_timeout = lock_timeout
        self._packer = Packer()
        self._current: Segment | None = None
        self._last = 0
        self._parked = 0
        self._in_hand: list[Pending | Tick] = []
        self._acks_stored_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self.opened = threading.Event()
        self.stored = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what is queued, then stop; returns when the folder is free."""
        self._stop.set()
        self._inbox.close(CLOSED)
        self._thread.join()

    def _run(self) -> None:
        try:
            if self._folder.lock(self._stop):
                self._recover()
                self.opened.set()
                self._loop()
        finally:
            self._inbox.close("The event log has stopped; restart Vedette and look into its log.")
            self._finish()

    def _loop(self) -> None:
        goes_on = True
        while goes_on:
            batch, ticks, goes_on = self._inbox.take(_GROUP, self._pause())
            self._in_hand = [*batch, *ticks]
            if batch:
                self._commit(batch)
            if not goes_on:
                self._retire()  # so that it is unlinked when all of it is acked: its last acks are not stored
            self._keep_house(self._clock.now(), force=not goes_on)
            for tick in ticks:
                self._keep_house(tick.now, force=True)
                tick.done.set_result(None)
            self._in_hand = []

    def _finish(self) -> None:
        """Refuse what was not written (after a failure, or without the lock), close files, free the folder."""
        self.opened.clear()
        for item in (*self._in_hand, *self._inbox.drain()):
            _fail(item.future if isinstance(item, Pending) else item.done, Unavailable(self._inbox.closed))
        for segment in self._shelf.segments():
            segment.close()
        self._shelf.close()
        self._folder.unlock()

    def _recover(self) -> None:
        self._last = self._folder.last()
        for path in self._folder.segments():
            segment = Segment(path, self._clock.now(), self._lock_timeout)
            try:
                heads, acked = segment.recover(), segment.acked_before()
            except sqlite3.DatabaseError as error:
                _set_aside(segment, error)
                continue
            segment.close()
            self._shelf.restore(segment, heads, acked)
            self._last = max(self._last, segment.last)
        self._keep_house(self._clock.now(), force=True)

    def _commit(self, batch: Sequence[Pending]) -> None:
        messages = [self._number(pending) for pending in batch]
        try:
            segment = self._segment(messages[0].seq)
            segment.append(self._packer.pack(messages))
        except (sqlite3.Error, OSError) as error:
            self._retire()
            for pending in batch:
                _fail(pending.future, _unavailable(error))
            return
        self._shelf.add(segment, messages)
        for pending, message in zip(batch, messages, strict=True):
            with contextlib.suppress(InvalidStateError):
                pending.future.set_result(message.seq)
        self.stored = self._parked + segment.bytes()

    def _number(self, pending: Pending) -> Message:
        self._last = max(self._last + 1, int(pending.at * 1e6))
        return Message(self._last, pending.subject, pending.body, pending.msg_id, pending.at)

    def _segment(self, first: int) -> Segment:
        if self._current is not None and self._is_full(self._current, self._clock.now()):
            self._retire()
        if self._current is None:
            path = self._folder.path / f"{first:020d}.db"
            segment = Segment(path, self._clock.now(), self._lock_timeout)
            try:
                segment.create()
                self._folder.sync()
            except (sqlite3.Error, OSError):
                segment.remove()
                raise
            self._shelf.begin(segment)
            self._current = segment
        return self._current

    def _is_full(self, segment: Segment, now: float) -> bool:
        young = 0 <= now - segment.opened_at < self._segment_seconds
        return not young or segment.bytes() >= self._segment_bytes

    def _retire(self) -> None:
        """Write no more to the current segment."""
        if self._current is not None:
            self._current.close()
            self._current = None
            self._measure()

    def _pause(self) -> float | None:
        """Return how long the thread may sleep: for ever when there is nothing to clean up."""
        segments = self._shelf.segments()
        if any(segment.acked and segment.open for segment in segments):
            return _ACKS_EVERY
        return _CHORES_EVERY if segments else None

    def _keep_house(self, now: float, *, force: bool) -> None:
        """Store acks, close a segment that is old enough, unlink those that nobody needs."""
        if not force and 0 <= now - self._acks_stored_at < _ACKS_EVERY:
            return
        self._acks_stored_at = now
        if self._current is not None and self._is_full(self._current, now):
            self._retire()
        self._unlink_done()
        self._store_acks()
        self._measure()

    def _unlink_done(self) -> None:
        done = self._shelf.pop_done(self._current)
        if done:
            self._folder.remember(self._last)
        for segment in done:
            segment.remove()

    def _store_acks(self) -> None:
        for segment, acked in self._shelf.pop_acked():
            try:
                segment.write_acks(acked)
            except (sqlite3.Error, OSError) as error:
                self._shelf.keep_acked(segment, acked)
                _LOG.warning(
                    "Acks could not be stored yet (%s); after a restart these messages come again.", error
                )
            if segment is not self._current:
                segment.close()

    def _measure(self) -> None:
        sizes = {segment: segment.bytes() for segment in self._shelf.segments()}
        self.stored = sum(sizes.values())
        self._parked = self.stored - (sizes.get(self._current, 0) if self._current else 0)


def _fail(future: "Future[int] | Future[None]", error: Unavailable) -> None:
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)


def _unavailable(error: Exception) -> Unavailable:
    told = faults.unavailable(error, "The journal")
    return told or Unavailable(f"The journal cannot be written: {error}.", 30.0)


def _set_aside(segment: Segment, error: Exception) -> None:
    segment.close()
    aside = segment.path.with_suffix(".corrupt")
    segment.path.rename(aside)
    _LOG.error("%s cannot be read (%s); it was renamed to %s and left out.", segment.path, error, aside.name)
