"""Follows files and patterns of files by inotify, in one thread; nothing is asked again and again while nothing happens.

What is read is handed to `take` in the same thread: while it works nothing is read, and what was handed out is remembered
when it returns. So a slow reader slows reading, nothing waits in a queue, and after a restart no line is missing or doubled
(after a `kill -9`, those of the last second come again).
"""

import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vedette.core.clock import Clock
from vedette.instruments.logs.sources import places, silence
from vedette.instruments.logs.sources.follower import Follower
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.tail import Tail
from vedette.instruments.logs.sources.types import Chunk, FileSource, Notice, Standing, Take, Tell
from vedette.instruments.logs.sources.watching import Inotify, Watching, Woken

TICK = (
    60.0  # seconds after which silence is judged and everything looked at, for file systems that wake nobody
)
_SHORT_TICK = 1.0
_SETTLING = 0.02
_SHORT = (
    "The kernel watches no more files for this user, so logs are looked at once a second: raise fs.inotify.max_user_watches "
    "(sysctl) and restart the agent."
)


class Files:
    """Follows sources until `stop`. `run` belongs to one thread, the rest to any. `started` says that all sources are followed."""

    def __init__(
        self, sources: Iterable[FileSource], ledger: Ledger, clock: Clock, take: Take, tell: Tell, *, watching: Watching | None = None
    ) -> None:  # fmt: skip
        self._sources, self._ledger, self._clock = tuple(sources), ledger, clock
        self._take, self._tell = take, tell
        self._watching = watching or Inotify()
        self._followers: dict[Path, Follower] = {}
        self._of: dict[Path, FileSource] = {}
        self._folders: dict[str, set[FileSource]] = {}
        self._watches: dict[int, Follower] = {}
        self._fds: dict[int, int] = {}
        self._busy: set[Follower] = set()
        self._settling: set[Follower] = set()
        self._stopping = threading.Event()
        self._told_short = self.started = False
        self._ticked_at = 0.0
        self._tick_every = min([TICK, *(one.silent_after for one in self._sources if one.silent_after)])

    def run(self) -> None:
        """Follow until `stop`; what is remembered is written at the end."""
        try:
            self._start()
            while not self._stopping.is_set():
                self._turn()
        finally:
            self._end()

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()
        self._watching.wake()

    def standings(self) -> tuple[Standing, ...]:
        """Return how each source fares."""
        return tuple(one.standing() for one in list(self._followers.values()))

    def _start(self) -> None:
        for source in self._sources:
            self._find(source, fresh=self._ledger.knew(source.path))
            self._ledger.follow(source.path)
        now = self._clock.now()
        for follower in self._sorted():
            follower.look(now)
        self._watch_folders()
        self._look_again(self._sources)  # what changed before the folders were watched
        self._busy = set(self._followers.values())
        for follower in self._busy:
            self._remember(follower)
        self._ledger.save()
        self._ticked_at = now
        self.started = True

    def _turn(self) -> None:
        woken = self._watching.wait(0.0 if self._busy else self._patience())
        now = self._clock.now()
        if woken.everything or (self._watching.short and not self._busy):
            woken = Woken(frozenset(self._watches), frozenset(self._folders))
            self._busy |= set(self._followers.values())
        self._busy |= self._settling | {
            self._watches[watch] for watch in woken.files if watch in self._watches
        }
        changed = {source for folder in woken.folders for source in self._folders.get(folder, ())}
        if changed:
            self._look_again(changed)
            if self._watch_folders():  # what changed there before it was watched
                self._look_again(changed)
        self._pump()
        if now - self._ticked_at >= self._tick_every or now < self._ticked_at:
            self._tick(now)
        self._ledger.save_if_due()

    def _patience(self) -> float:
        due = self._ledger.due()
        tick = (
            _SHORT_TICK
            if self._watching.short
            else max(0.0, self._ticked_at + self._tick_every - self._clock.now())
        )
        settling = _SETTLING if self._settling else TICK
        return min(tick, TICK, settling, due if due is not None else TICK)

    def _pump(self) -> None:
        """Give every path with something new its turn; in `_busy` stay those with more."""
        for follower in list(self._busy):
            if self._stopping.is_set():
                return
            if not self._pumped(follower):
                self._busy.discard(follower)
            (self._settling.add if follower.settling else self._settling.discard)(follower)
            self._heard(follower)
            self._remember(follower)

    def _pumped(self, follower: Follower) -> bool:
        try:
            return follower.pump(self._take, self._clock.now)
        except OSError as error:  # one log that cannot be read must not end the watch over the others
            follower.broke(error)
            return False

    def _heard(self, follower: Follower) -> None:
        if follower.silent and not silence.silent(
            follower.rhythm, self._bearable(follower), self._clock.now()
        ):
            follower.silent = False
            self._say(str(follower.path), "silent", f"{follower.path} has lines again.", resolved=True)

    def _tick(self, now: float) -> None:
        self._ticked_at = now
        self._look_again(self._sources)
        self._watch_folders()
        for follower in self._sorted():
            for half in follower.let_go(now):
                self._take(Chunk(str(follower.path), half, now))
            self._judge(follower, now)
            self._remember(follower)
        self._busy |= set(self._followers.values())

    def _judge(self, follower: Follower, now: float) -> None:
        if not follower.silent and silence.silent(follower.rhythm, self._bearable(follower), now):
            follower.silent = True
            self._say(
                str(follower.path), "silent", silence.sentence(str(follower.path), follower.rhythm, now)
            )

    def _bearable(self, follower: Follower) -> float:
        return self._of[follower.path].silent_after

    def _look_again(self, sources: Iterable[FileSource]) -> None:
        now = self._clock.now()
        wanted = set(sources)
        for source in wanted:
            if places.is_pattern(source.path):
                self._find(source, fresh=True)
        for follower in self._sorted():
            if self._of[follower.path] in wanted:
                follower.look(now)
                self._busy.add(follower)

    def _find(self, source: FileSource, *, fresh: bool) -> None:
        """Follow the paths that a source names and nobody follows yet."""
        for path in places.matches(source.path):
            if path not in self._followers:
                self._of[path] = source
                self._followers[path] = self._follower(path, source, fresh=fresh)

    def _follower(self, path: Path, source: FileSource, *, fresh: bool) -> Follower:
        def watch(tail: Tail) -> None:
            number = self._watching.file(tail.fd)
            self._fds[tail.fd] = number
            if number >= 0:
                self._watches[number] = made

        made = Follower(
            path, source.start, self._ledger.get(str(path)), fresh=fresh, watch=watch, unwatch=self._unwatch,
            taken=lambda tail: self._taken(made, tail), say=lambda kind, text: self._say(str(path), kind, text),
        )  # fmt: skip
        made.rhythm = (
            made.rhythm
            if made.rhythm.since
            else msgspec.structs.replace(made.rhythm, since=self._clock.now())
        )
        return made

    def _unwatch(self, tail: Tail) -> None:
        number = self._fds.pop(tail.fd, -1)
        self._watches.pop(number, None)
        self._watching.unfile(tail.fd, number)

    def _taken(self, mine: Follower, tail: Tail) -> bool:
        return any(other.knows(tail) for other in self._followers.values() if other is not mine)

    def _watch_folders(self) -> bool:
        """Watch the folders that decide what sources are now; tell whether they are others than before."""
        before, self._folders = self._folders.keys(), {}
        for source in self._sources:
            for folder in places.folders(source.path):
                self._folders.setdefault(folder, set()).add(source)
        self._watching.folders(self._folders)
        if self._watching.short and not self._told_short:
            self._told_short = True
            self._say("files", "slow", _SHORT)
        return before != self._folders.keys()

    def _remember(self, follower: Follower) -> None:
        record = follower.record
        if record.positions:
            self._ledger.put(str(follower.path), record)

    def _sorted(self) -> list[Follower]:
        return [self._followers[path] for path in sorted(self._followers)]

    def _say(self, source: str, kind: str, text: str, *, resolved: bool = False) -> None:
        self._tell(Notice(source, kind, text, self._clock.now(), resolved))

    def _end(self) -> None:
        for follower in self._sorted():
            self._remember(follower)
            follower.close()
        self._ledger.save()
        self._watching.close()
