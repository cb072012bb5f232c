"""One path and the files it led to: the one it leads to now, renamed ones that are still written to, and what is left of others.

Whatever rotation does, what was handed out is found again by its place (device, inode) and its bytes (`marks`), and what
lies between is read in the order in which it was written.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.logs.sources import rotated, silence
from vedette.instruments.logs.sources.past import Past
from vedette.instruments.logs.sources.rotated import Packed, Sibling
from vedette.instruments.logs.sources.tail import NoFile, Rewritten, Tail, opened
from vedette.instruments.logs.sources.types import Chunk, Identity, Position, Record, Rhythm, Standing, Start

IDLE = 3_600.0  # seconds a renamed file may be quiet before it is let go
IDLE_UNLINKED = 60.0
MOST_RETIRED = 4
_TURN = 16  # chunks of one path before others have their turn
_COARSE = 0.01  # seconds that a file's time may be behind the clock
_SETTLES, _SETTLES_AT_MOST = 0.1, 0.5
_REASONS = {
    errno.EACCES: "the agent may not read it: give it CAP_DAC_READ_SEARCH (`vedette agent unit` does) or the file's group"
}


class Settling:
    """Waits for the end of a rewriting: a tenth of a second without a change of size, half a second at most."""

    def __init__(self) -> None:
        self._size, self._until, self._latest = -1, 0.0, 0.0

    def over(self, size: int, now: float) -> bool:
        """Tell whether it came to an end; `now` never goes back."""
        self._latest = self._latest or now + _SETTLES_AT_MOST
        if size != self._size:
            self._size, self._until = size, min(now + _SETTLES, self._latest)
        return now >= self._until


class Follower:
    """Follows one path. All methods are called by one thread.

    `take` gets each chunk; `say(kind, text)` what a person should know; `watch` and `unwatch` are told of open files;
    `taken` tells whether somebody else follows a file; `fresh` says that the path appeared after its source was followed.
    """

    def __init__(
        self, path: Path, start: Start, record: Record | None, *, fresh: bool, watch: Callable[[Tail], None],
        unwatch: Callable[[Tail], None], taken: Callable[[Tail], bool], say: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        self.path, self._start, self._record, self._fresh = path, start, record, fresh
        self._watch, self._unwatch, self._taken, self._say = watch, unwatch, taken, say
        self.current: Tail | None = None
        self.retired: list[tuple[Tail, float]] = []  # with the instant of their last lines
        self._left: list[Tail | Packed] = []  # what is read before the current file is
        self._past = Past(record, self._open)
        self.rhythm = record.rhythm if record else Rhythm()
        self._bytes = self._lines = self._skipped = 0
        self.silent = self.rhythm.told
        self._settling: Settling | None = None
        self._trouble = ""

    def knows(self, tail: Tail) -> bool:
        """Tell whether a file is this path's, now or before."""
        return tail.identity in self._open() or self._past.before(tail) is not None

    def look(self, now: float) -> None:
        """See where the path leads to now, and follow that."""
        try:
            fd = opened(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return self._missing(now)
        except (OSError, NoFile) as error:
            return self._unreadable(error)
        self._trouble = ""
        tail = Tail(fd)
        if self.current is not None and self.current.identity == tail.identity:
            return tail.close()
        if self._back(tail, now) or tail.identity in self._open() or self._taken(tail):
            return tail.close()
        return self._follow(tail, now)

    def pump(self, take: Callable[[Chunk], None], clock: Callable[[], float]) -> bool:
        """Hand out what is there, up to a turn; tell whether more may be."""
        for _ in range(_TURN if self._settled() else 0):
            data = self._next(clock())
            if not data:
                return bool(self._left)
            now = clock()
            take(Chunk(str(self.path), data, now))
            self._lines += data.count(b"\n")
            self._bytes += len(data)
            self.rhythm = silence.heard(self.rhythm, data.count(b"\n"), now)
        return self._settling is None

    @property
    def settling(self) -> bool:
        """Tell whether it is waited for somebody who rewrites the file: look again soon."""
        return self._settling is not None and self.current is not None and self.current.size > 0

    @property
    def record(self) -> Record:
        """Return what is to be remembered."""
        rhythm = msgspec.structs.replace(self.rhythm, told=self.silent)
        if self._record is not None:
            return msgspec.structs.replace(self._record, rhythm=rhythm, seen=0.0)
        findable = [tail for tail in self._tails() if tail is self.current or not tail.done]
        known = (*(tail.position for tail in findable), *self._past.positions)
        return Record(known, self._left[0].position if self._left else None, rhythm=rhythm)

    def standing(self) -> Standing:
        """Return how the path fares."""
        skipped = self._skipped + sum(one.skipped for one in [*self._tails(), *self._left])
        state = "followed" if self.current else "unreadable" if self._trouble else "missing"
        return Standing(
            source=str(self.path), state=state, since=self.rhythm.since, last=self.rhythm.last, lines=self._lines,
            bytes=self._bytes, skipped=skipped, detail=self._trouble,
        )  # fmt: skip

    def let_go(self, now: float) -> list[bytes]:
        """Close renamed files that are quiet for long, or too many; return the half lines they end with."""
        halves = []
        for tail, last in list(self.retired):
            quiet = now - last
            over = (
                len(self.retired) > MOST_RETIRED
                or quiet > IDLE
                or (quiet > IDLE_UNLINKED and not tail.linked)
            )
            if over:
                halves.append(tail.rest())
                self._drop(tail)
        return [half for half in halves if half]

    def broke(self, error: OSError) -> None:
        """Let go of files that can no longer be read (a disk or a network fails); `look` opens them again."""
        self._record = self.record
        self._past = Past(self._record, self._open)
        self.close()
        self._unreadable(error)

    def close(self) -> None:
        """Close everything."""
        for tail in self._tails():
            self._unwatch(tail)
        for one in [*self._tails(), *self._left]:
            with contextlib.suppress(OSError):
                one.close()
        self._settling = None
        self.current, self.retired, self._left = None, [], []

    def _tails(self) -> list[Tail]:
        return [tail for tail in (self.current, *(tail for tail, _ in self.retired)) if tail is not None]

    def _open(self) -> set[Identity]:
        return {one.identity for one in [*self._tails(), *self._left]}

    def _next(self, now: float) -> bytes:
        """Return the next lines of whatever comes first."""
        while self._left:
            data = self._left_over(now)
            if data:
                return data
        for place, (tail, _) in enumerate(self.retired):
            data = self._of_retired(tail)
            if data:
                self.retired[place] = (tail, now)
                return data
        if self._left:
            return self._next(now)
        return self._of_current(now)

    def _left_over(self, now: float) -> bytes:
        one = self._left[0]
        try:
            data = one.read()
        except Rewritten:
            data = b""
        if not data:
            self._left.pop(0)
            self._count(one)
            if isinstance(one, Tail):  # somebody may write to it still
                self._retire(one, now)
            else:
                self._past.remember(one.position)
                one.close()
        return data

    def _of_retired(self, tail: Tail) -> bytes:
        try:
            return tail.read()
        except Rewritten:  # it was cut before it was renamed, or by one of its other names
            before = tail.position
            if not tail.find(before.mark):
                tail.to_beginning()
                self._left += self._past.rest_of(before, rotated.siblings(self.path))
            return self._again(tail)

    def _of_current(self, now: float) -> bytes:
        tail = self.current
        if tail is None:
            return b""
        try:
            return tail.read()
        except Rewritten:
            self._rewritten(tail)
        if self._left:
            return self._next(now)
        return b"" if self._settling else self._again(tail)

    def _again(self, tail: Tail) -> bytes:
        try:
            return tail.read()
        except Rewritten:  # once more meanwhile: the next wake looks again
            return b""

    def _rewritten(self, tail: Tail) -> None:
        """Go on in a file that was cut or rewritten in place; what was cut off unread may be in a copy (copytruncate).

        Without a copy somebody may be writing the old lines anew (a head that was cut off): that is let come to an end.
        """
        before = tail.position
        if tail.find(before.mark):
            return
        rest = self._past.rest_of(before, rotated.siblings(self.path))
        if rest:
            tail.to_beginning()
            self._left += rest
        else:
            self._settling = Settling()

    def _settled(self) -> bool:
        """Tell whether reading goes on."""
        if self._settling is None or self.current is None:
            return True
        if not self.current.size:
            return False
        if not self.current.find(self.current.position.mark):
            if not self._settling.over(self.current.size, monotonic()):
                return False
            self.current.to_beginning()
        self._settling = None
        return True

    def _follow(self, tail: Tail, now: float) -> None:
        """Follow another file than until now: the first, a successor, or one that was let go."""
        before = self._past.before(tail)
        if self._record is not None or not (before or self.current or self.retired):
            self._begin(tail, now)
            return
        if before is not None:
            tail = Tail(tail.fd, before)
        else:
            self._go_on_from_unlinked(tail)
            self._left += self._missed(tail)
        self._make_way(now)
        self.current = tail
        self._watch(tail)

    def _missed(self, new: Tail) -> list[Tail | Packed]:
        """Return files that came before the new one and were rotated away again before anybody looked."""
        last = max((os.fstat(tail.fd).st_mtime_ns for tail in self._tails()), default=0)
        around = [one for one in reversed(rotated.siblings(self.path)) if one.identity != new.identity]
        found = self._past.wholes([one for one in around if one.written[0] > last])
        for one in found:
            if isinstance(one, Tail):
                self._go_on_from_unlinked(one)
        return found

    def _go_on_from_unlinked(self, tail: Tail) -> None:
        """Find where a file goes on that an editor made of the old one, which has no name any more.

        Where that cannot be told yet it is treated as one that was rewritten, which is waited for.
        """
        old = self.current or (self.retired[-1][0] if self.retired else None)
        if old is None or old.linked or not old.position.mark.length:
            return
        if tail.find(old.position.mark):
            old.to_end()
        else:
            tail.expect(old.position)

    def _make_way(self, now: float) -> None:
        """Let the file be one that was renamed."""
        if self.current is not None:
            self.retired.append((self.current, now))
        self.current = self._settling = None

    def _back(self, tail: Tail, now: float) -> bool:
        """Take a renamed file back that lies under the path again; tell whether it is one."""
        for one, last in self.retired:
            if one.identity == tail.identity:
                self.retired.remove((one, last))
                self._make_way(now)
                self.current = one
                return True
        return False

    def _begin(self, tail: Tail, now: float) -> None:
        self.current = tail
        self._watch(tail)
        if self._record and self._record.positions:
            self._resume(tail, self._record, now)
        elif self._start is Start.END and not self._fresh and not self._record:
            tail.to_end()
        self._record = None
        self._past.forget()
        self._fresh = True  # whatever comes under this path later is new

    def _resume(self, tail: Tail, record: Record, now: float) -> None:
        first, *others = record.positions
        around = rotated.siblings(self.path)
        self._others(others, around, now)
        if (first.device, first.inode) == tail.identity:
            self._resume_same(Tail(tail.fd, first), around, record.seen)
        else:
            self._resume_other(tail, first, around, record.seen)
        if record.left is not None:
            self._left = self._past.rest_of(record.left, around) + self._left

    def _resume_other(self, tail: Tail, first: Position, around: list[Sibling], seen: float) -> None:
        """Read what is left of the file that was read before another one came to lie under the path."""
        if not first.offset:  # nothing was read of it: what was written since is known by its time alone
            self._left += self._since(seen, around)
        rest = self._past.rest_of(first, around) or self._since(seen, around)
        self._left += rest
        if not rest and not tail.find(first.mark) and first.offset:
            self._say(
                "lost",
                f"{self.path} is another file than was read before, and that one is gone with what may have been left to read; "
                "this one is read from its beginning.",
            )

    def _resume_same(self, tail: Tail, around: list[Sibling], seen: float) -> None:
        self.current = tail
        if not tail.fits():
            self._rewritten(tail)
        elif not tail.position.offset:  # the same of what was copied away
            self._left += self._since(seen, around)

    def _since(self, seen: float, around: list[Sibling]) -> list[Tail | Packed]:
        """Return files that were written after something was last remembered."""
        return self._past.wholes([one for one in reversed(around) if one.written[0] > (seen - _COARSE) * 1e9])

    def _others(self, positions: list[Position], around: list[Sibling], now: float) -> None:
        """Go on with renamed files that somebody may still write to, and with what is left of those that were packed or cut."""
        for position in positions:
            same = [one for one in around if one.identity == (position.device, position.inode)]
            found = self._past.located(position, [*same, *(one for one in around if one not in same)])
            if found is None:
                self._past.remember(position)
            elif isinstance(found[1], Tail):
                self._retire(found[1], now)
            else:
                self._left.append(found[1])
            if same and (found is None or found[0] is not same[0]):  # it was cut: what is in it now is new
                self._left += self._past.wholes(same)

    def _retire(self, tail: Tail, now: float) -> None:
        self.retired.append((tail, now))
        self._watch(tail)

    def _drop(self, tail: Tail) -> None:
        self._count(tail)
        self._past.remember(tail.position)
        self._unwatch(tail)
        tail.close()
        self.retired = [pair for pair in self.retired if pair[0] is not tail]

    def _count(self, one: Tail | Packed) -> None:
        self._skipped += one.skipped
        one.skipped = 0

    def _missing(self, now: float) -> None:
        """Nothing lies there: what was there was renamed and goes on being read, and what comes is new."""
        self._trouble = ""
        self._fresh = self._fresh or self._record is None
        self._make_way(now)

    def _unreadable(self, error: OSError | NoFile) -> None:
        if isinstance(error, NoFile):
            reason = "it is no file (a folder, a pipe or a device): name the file the program writes to"
        else:
            reason = _REASONS.get(error.errno or 0, error.strerror or "it cannot be opened")
        if reason != self._trouble:
            self._say("unreadable", f"{self.path} is not read: {reason}.")
        self._trouble = reason
