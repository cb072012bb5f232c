"""What the log knows in memory: the segments, what each group still has to do, and bodies fresh from the writer."""

import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from vedette.core.clock import monotonic
from vedette.core.errors import NotFound
from vedette.plumbing.log.cursor import Cursor, pause, readers
from vedette.plumbing.log.frame import Head
from vedette.plumbing.log.port import Lag, Message
from vedette.plumbing.log.segment import Segment

Taken = list[tuple[int, int]]


class Shelf:
    """Guards all of it with one lock; no method touches a disk.

    `fresh_bytes` bounds the bodies kept for groups that follow closely; one that lags reads from the segments.
    """

    def __init__(self, groups: Mapping[str, frozenset[str]], fresh_bytes: int) -> None:
        self._readers = readers(groups)
        self._cursors = {group: Cursor() for group in groups}
        self._segments: list[Segment] = []
        self._fresh: dict[int, Message] = {}
        self._room = fresh_bytes
        self._changed = threading.Condition()
        self._closed = False

    def take(self, group: str, n: int, now: float, wait: float) -> Taken:
        """Hand out up to `n` messages as (seq, attempt); blocks up to `wait` seconds for the first."""
        cursor = self._cursor(group)
        start = monotonic()
        with self._changed:
            while True:
                passed = monotonic() - start
                taken = [] if self._closed else cursor.take(n, now + passed)
                if taken or passed >= wait or self._closed:
                    return taken
                self._changed.wait(pause(cursor.next_due(), now + passed, wait - passed))

    def find(self, seqs: Sequence[int]) -> tuple[dict[int, Message], list[tuple[Segment, int]]]:
        """Return the messages that are in memory, and the frames (segment, first seq) that hold the others."""
        with self._changed:
            fresh = {seq: self._fresh[seq] for seq in seqs if seq in self._fresh}
            places: dict[int, Segment] = {}
            for seq in seqs:
                if seq not in fresh and (segment := self._segment_of(seq)) is not None:
                    places[segment.frame_of(seq)] = segment
            return fresh, [(segment, first) for first, segment in places.items()]

    def ack(self, group: str, seqs: Sequence[int]) -> None:
        """Count messages as done by a group."""
        cursor = self._cursor(group)
        with self._changed:
            for seq in cursor.ack(seqs):
                self._forget_body(seq)
                segment = self._segment_of(seq)
                if segment is not None:
                    segment.open -= 1
                    segment.acked.setdefault(group, []).append(seq)

    def nak(self, group: str, seqs: Sequence[int], due: float) -> None:
        """Take messages back until the instant `due`."""
        cursor = self._cursor(group)
        with self._changed:
            cursor.nak(seqs, due)
            self._changed.notify_all()

    def lag(self, group: str) -> Lag:
        """Return how far a group is behind."""
        cursor = self._cursor(group)
        with self._changed:
            return Lag(cursor.waiting, cursor.oldest())

    def begin(self, segment: Segment) -> None:
        """Add a segment, younger than every other."""
        with self._changed:
            self._segments.append(segment)

    def add(self, segment: Segment, messages: Sequence[Message]) -> None:
        """Make committed messages ready for their groups."""
        with self._changed:
            segment.added([message.seq for message in messages])
            for message in messages:
                groups = self._readers.get(message.subject, ())
                segment.open += len(groups)
                for group in groups:
                    self._cursors[group].add(message.seq, message.at)
                if groups and len(message.body) <= self._room:
                    self._fresh[message.seq] = message
                    self._room -= len(message.body)
            self._changed.notify_all()

    def restore(self, segment: Segment, heads: Sequence[Head], acked: Mapping[str, set[int]]) -> None:
        """Add a segment that an earlier process left, with what its groups have acked."""
        with self._changed:
            self._segments.append(segment)
            for head in heads:
                for group in self._readers.get(head.subject, ()):
                    if head.seq not in acked.get(group, ()):
                        segment.open += 1
                        self._cursors[group].add(head.seq, head.at)
            self._changed.notify_all()

    def pop_done(self, current: Segment | None) -> list[Segment]:
        """Remove and return the segments nobody needs any more, except the one being written."""
        with self._changed:
            done = [s for s in self._segments if s.open == 0 and s is not current]
            self._segments = [s for s in self._segments if s not in done]
            return done

    def pop_acked(self) -> list[tuple[Segment, dict[str, list[int]]]]:
        """Return what was acked and is not stored yet, by segment; segments that will go anyway are left out."""
        with self._changed:
            found = [(s, s.acked) for s in self._segments if s.acked and s.open]
            for segment, _ in found:
                segment.acked = {}
            return found

    def keep_acked(self, segment: Segment, acked: dict[str, list[int]]) -> None:
        """Take back what `pop_acked` returned and could not be stored."""
        with self._changed:
            for group, seqs in acked.items():
                segment.acked.setdefault(group, []).extend(seqs)

    def segments(self) -> list[Segment]:
        """Return the segments, oldest first."""
        with self._changed:
            return list(self._segments)

    def close(self) -> None:
        """Hand out nothing more and wake whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _cursor(self, group: str) -> Cursor:
        if group not in self._cursors:
            raise NotFound(
                f"The event log has no group {group!r}; it has {', '.join(sorted(self._cursors))}."
            )
        return self._cursors[group]

    def _segment_of(self, seq: int) -> Segment | None:
        place = bisect_right(self._segments, seq, key=lambda segment: segment.first) - 1
        return self._segments[place] if place >= 0 else None

    def _forget_body(self, seq: int) -> None:
        message = self._fresh.pop(seq, None)
        if message is not None:
            self._room += len(message.body)
