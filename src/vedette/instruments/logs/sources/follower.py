"""One path and the files it led to: the one it leads to now, renamed ones that are still written to, and what is left of others.

Whatever rotation does, what was handed out is found again by its place (device, inode) and its bytes (`marks`), and what
lies between is read in the order in which it was written.
"""

import contextlib
import errno
from collections.abc import Callable
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.logs.sources import rotated, silence
from vedette.instruments.logs.sources.rotated import BROKEN, Packed, Sibling
from vedette.instruments.logs.sources.tail import NoFile, Rewritten, Tail, opened
from vedette.instruments.logs.sources.types import Chunk, Position, Record, Rhythm, Standing, Start

IDLE = 3_600.0  # seconds a renamed file may be quiet before it is let go
IDLE_UNLINKED = 60.0
MOST_RETIRED = 4
_MOST_PAST = 8  # positions of files that were let go, kept so that nothing of them is read again
_TURN = 16  # chunks of one path before others have their turn
_SETTLES, _SETTLES_AT_MOST = 0.1, 0.5
_REASONS = {errno.EACCES: "the agent may not read it: give it CAP_DAC_READ_SEARCH (`vedette agent unit` does) or the file's group"}


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
        self._past: list[Position] = []
        self.rhythm = record.rhythm if record else Rhythm()
        self._bytes = self._lines = self._skipped = 0
        self.silent = self.rhythm.told
        self._settling: Settling | None = None
        self._trouble = ""

    def knows(self, tail: Tail) -> bool:
        """Tell whether a file is this path's, now or before."""
        if any(one.identity == tail.identity for one in [*self._tails(), *self._left]):
            return True
        return self._before(tail) is not None

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
        if self._back(tail, now) or any(one.identity == tail.identity for one in self._left) or self._taken(tail):
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
        reading = self._left[0] if self._left else self.current
        rhythm = msgspec.structs.replace(self.rhythm, told=self.silent)
        if self._record is not None and reading is None:
            return msgspec.structs.replace(self._record, rhythm=rhythm, seen=0.0)
        known = (*((reading.position,) if reading else ()), *(tail.position for tail, _ in self.retired), *self._past)
        return Record(known, rhythm=rhythm)

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
            over = len(self.retired) > MOST_RETIRED or quiet > IDLE or (quiet > IDLE_UNLINKED and not tail.linked)
            if over:
                halves.append(tail.rest())
                self._drop(tail)
        return [half for half in halves if half]

    def close(self) -> None:
        """Close everything."""
        for tail in self._tails():
            self._unwatch(tail)
            tail.close()
        for one in self._left:
            one.close()
        self.current, self.retired, self._left = None, [], []

    def _tails(self) -> list[Tail]:
        return [tail for tail in (self.current, *(tail for tail, _ in self.retired)) if tail is not None]

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
                self._remember(one.position)
                one.close()
        return data

    def _of_retired(self, tail: Tail) -> bytes:
        try:
            return tail.read()
        except Rewritten:  # a name of it was cut, too: what comes is new
            tail.to_beginning()
            return b""

    def _of_current(self, now: float) -> bytes:
        tail = self.current
        if tail is None:
            return b""
        try:
            return tail.read()
        except Rewritten:
            self._rewritten(tail)
        return self._next(now) if self._left else self._again(tail)

    def _again(self, tail: Tail) -> bytes:
        try:
            return b"" if self._settling else tail.read()
        except Rewritten:  # once more meanwhile: the next wake looks again
            return b""

    def _rewritten(self, tail: Tail) -> None:
        """Go on in a file that was cut or rewritten in place; what was cut off unread may be in a copy (copytruncate).

        Without a copy somebody may be writing the old lines anew (a head that was cut off): that is let come to an end.
        """
        before = tail.position
        if tail.find(before.mark):
            return
        self._left = self._rest_of(before, rotated.siblings(self.path))
        if self._left:
            tail.to_beginning()
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
        before = self._before(tail)
        if before is not None:
            tail = Tail(tail.fd, before)
        elif self._record is not None or not (self.current or self.retired):
            self._begin(tail, now)
            return
        else:
            self._go_on_from_unlinked(tail)
        self._make_way(now)
        self.current = tail
        self._watch(tail)

    def _go_on_from_unlinked(self, tail: Tail) -> None:
        """Find where a file goes on that an editor made of the old one, which has no name any more."""
        for old in self._tails():
            if not old.linked and tail.find(old.position.mark):
                old.to_end()
                return

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
        record, self._record = self._record, None
        if record and record.positions:
            self._resume(tail, record.positions, now)
        elif self._start is Start.END and not self._fresh and not record:
            tail.to_end()
        self._fresh = True  # whatever comes under this path later is new

    def _resume(self, tail: Tail, positions: tuple[Position, ...], now: float) -> None:
        first, *others = positions
        around = rotated.siblings(self.path)
        self._others(others, around, now)
        if (first.device, first.inode) == tail.identity:
            self.current = resumed = Tail(tail.fd, first)
            if not resumed.fits():
                self._rewritten(resumed)
            return
        self._left = self._rest_of(first, around)
        if not self._left and not tail.find(first.mark) and first.offset:
            self._say(
                "lost",
                f"{self.path} is another file than was read before, and that one is gone with what may have been left to read; "
                "this one is read from its beginning.",
            )

    def _others(self, positions: list[Position], around: list[Sibling], now: float) -> None:
        """Go on with renamed files that somebody may still write to."""
        for position in positions:
            one = next((s for s in around if s.identity == (position.device, position.inode) and not s.packed), None)
            tail = self._at(one, position) if one else None
            if tail is None:
                self._remember(position)
            else:
                self._retire(tail, now)

    def _rest_of(self, position: Position, around: list[Sibling]) -> list[Tail | Packed]:
        """Return what is left to read of the file of a position and of those that were written after it, the oldest first."""
        open_now = {tail.identity for tail in self._tails()}
        free = [one for one in around if one.identity not in open_now]
        same = [one for one in free if one.identity == (position.device, position.inode)]
        for one in [*same, *(one for one in free if one not in same)]:
            found = self._at(one, position)
            if found is not None:
                later = [other for other in reversed(free) if other.written > one.written]
                return [found, *self._wholes(later)]
        return []

    def _at(self, one: Sibling, position: Position) -> Tail | Packed | None:
        """Open a predecessor at a position, when it is its content."""
        if one.identity != (position.device, position.inode) and position.mark.length < 16:
            return None  # too little to know it by
        opened_one: Tail | Packed | None = None
        with contextlib.suppress(*BROKEN, NoFile):
            opened_one = Packed(one, position) if one.packed else Tail(opened(one.path), position)
            if opened_one.fits():
                return opened_one
        if opened_one is not None:
            opened_one.close()
        return None

    def _wholes(self, later: list[Sibling]) -> list[Tail | Packed]:
        """Open predecessors of which nothing was read."""
        found: list[Tail | Packed] = []
        for one in later:
            with contextlib.suppress(*BROKEN, NoFile):
                opened_one = Packed(one) if one.packed else Tail(opened(one.path))
                if isinstance(opened_one, Tail) and self._before(opened_one) is not None:
                    opened_one.close()
                    continue
                found.append(opened_one)
        return found

    def _before(self, tail: Tail) -> Position | None:
        """Return up to where a file was read before it was let go, or before this process."""
        remembered = self._record.positions if self._record else ()
        for position in (*self._past, *remembered):
            if (position.device, position.inode) == tail.identity and Tail(tail.fd, position).fits():
                return position
        return None

    def _retire(self, tail: Tail, now: float) -> None:
        self.retired.append((tail, now))
        self._watch(tail)

    def _drop(self, tail: Tail) -> None:
        self._count(tail)
        self._remember(tail.position)
        self._unwatch(tail)
        tail.close()
        self.retired = [pair for pair in self.retired if pair[0] is not tail]

    def _count(self, one: Tail | Packed) -> None:
        self._skipped += one.skipped
        one.skipped = 0

    def _remember(self, position: Position) -> None:
        self._past = [position, *self._past][:_MOST_PAST]

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
