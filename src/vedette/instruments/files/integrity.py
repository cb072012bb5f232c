"""File integrity: files that are not as they were, seen within seconds, and all of them looked at once a day.

A thread asks `look` again and again. What was seen is told when it has settled, so that an editor's or dpkg's way of replacing
a file is one change, and while dpkg is at work nothing is told: an upgrade is one report.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.files import explaining, reading
from vedette.instruments.files.baseline import Baseline
from vedette.instruments.files.tree import Tree
from vedette.instruments.files.types import FileChange, FileSet
from vedette.instruments.files.walking import Walk
from vedette.instruments.files.witnesses import Witnesses
from vedette.wire.agent.types import HostChange

SETTLES = 1.0  # seconds without an event
LATEST = 4.0  # seconds after the first event, however busy it is
DPKG_RESTS = 20.0  # seconds without a line in its log
DPKG_AT_MOST = 900.0
DAY = 86_400.0
SLICE = 0.05  # seconds of work of the daily look at a time
PAUSE = 0.2  # seconds between two slices: it takes a fifth of a core at most
MOST_CHANGES = 20_000


class Integrity:
    """The files of a set against their baseline. `unwatched` counts folders that are looked at once a day alone."""

    def __init__(self, files: FileSet, baseline: Path, witnesses: Witnesses, root: Path = Path("/")) -> None:
        self._walk = Walk(files, root)
        self._baseline = Baseline(baseline)
        self._witnesses = witnesses
        self._tree = Tree(self._walk)
        self._changes: dict[str, FileChange] = {}
        self._first_event = self._last_event = self._first_change = 0.0
        self._sweep: Iterator[str] | None = None
        self._swept = self._baseline.fact("swept")

    @property
    def unwatched(self) -> int:
        """Return how many folders could not be watched."""
        return self._tree.unwatched

    def fileno(self) -> int:
        """Return what may be waited for."""
        return self._tree.fileno()

    def close(self) -> None:
        """Give up watches and baseline."""
        self._tree.close()
        self._baseline.close()

    @property
    def learning(self) -> bool:
        """Tell whether the baseline is still being made: what is seen for the first time is learned and not told."""
        return self._baseline.fact("swept") == 0.0

    def start(self) -> None:
        """Watch, and look at everything, a slice at each look: to learn it, or for what changed while nobody watched."""
        self._tree.start()
        self._sweep = self._everything()

    def look(self, now: float, seconds: float) -> Sequence[HostChange]:
        """Wait so long at most for something to happen, and return what is to be told."""
        if self._tree.take(min(seconds, PAUSE) if self._sweep else seconds):
            self._first_event = self._first_event or now
            self._last_event = now
        if self._tree.missed or now - self._swept >= DAY:
            self._begin_sweep()
        if self._first_event and (now - self._last_event >= SETTLES or now - self._first_event >= LATEST):
            self._compare(now)
        self._advance(now)
        return self._told(now)

    def _begin_sweep(self) -> None:
        self._tree.missed = False
        self._sweep = self._sweep or self._everything()

    def _everything(self) -> Iterator[str]:
        """Yield what is there, then what is known and may be gone."""
        yield from self._walk.everything()
        for top in self._walk.tops():
            yield from self._baseline.below(top)

    def _compare(self, now: float) -> None:
        paths, self._tree.paths = self._tree.paths, set()
        self._first_event = 0.0
        for path in paths:
            self._look_at(path, now)

    def _look_at(self, path: str, now: float) -> None:
        """Compare a path with what it was; where a folder went, so did all below it."""
        before, after = self._baseline.get(path), reading.entry(self._walk.real(path))
        if before == after:
            self._changes.pop(path, None)
            return
        if before is not None and before.kind == "folder" and (after is None or after.kind != "folder"):
            for gone in self._baseline.below(path):
                self._changed(FileChange(gone, self._baseline.get(gone), None), now)
        self._changed(FileChange(path, before, after), now)

    def _changed(self, change: FileChange, now: float) -> None:
        """Keep a change until it is told: the baseline learns of it then, so that a restart forgets nothing."""
        if change.before is None and self.learning:
            self._baseline.put(change.path, change.after)
            return
        if not self._changes:
            self._first_change = now
        if change.path in self._changes or len(self._changes) < MOST_CHANGES:
            self._changes[change.path] = change

    def _advance(self, now: float) -> None:
        """Look at some more of everything; the day is over when all was looked at."""
        if self._sweep is None:
            return
        until = monotonic() + SLICE
        learning = self.learning
        with self._baseline.together():
            for path in self._sweep:
                if learning and self._baseline.get(path) is None:
                    self._baseline.put(path, reading.entry(self._walk.real(path)))
                else:
                    self._look_at(path, now)
                if monotonic() >= until:
                    return
            self._baseline.note("swept", now)
        self._swept = now
        self._sweep = None

    def _told(self, now: float) -> list[HostChange]:
        waiting = now - self._first_change < DPKG_AT_MOST and self._witnesses.dpkg.busy(now, DPKG_RESTS)
        if not self._changes or waiting or self._first_event:
            return []
        changes, self._changes = list(self._changes.values()), {}
        with self._baseline.together():
            for change in changes:
                self._baseline.put(change.path, change.after)
        return explaining.told(changes, self._witnesses, self._first_change, now)
