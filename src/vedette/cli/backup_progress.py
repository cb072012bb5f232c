"""How far a backup, drill or restore is, on a terminal, once it takes longer than a second."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vedette.core.clock import monotonic
from vedette.instruments.backup.phrasing import size, span
from vedette.instruments.backup.types import Tell, untold
from vedette.wire.backup import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

_PATIENCE, _BETWEEN = 1.0, 0.1
_WIDEST = 60


@contextlib.contextmanager
def shown(*, quiet: bool) -> Iterator[Tell]:
    """Yield whom to tell: a bar on standard error, nobody where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield untold
        return
    bar = _Bar()
    try:
        yield bar.tell
    finally:
        bar.end()


class _Bar:
    """A bar that appears late, so that what is quick does not flicker."""

    def __init__(self) -> None:
        self._began = self._last = monotonic()
        self._bars: Bars | None = None

    def tell(self, progress: Progress) -> None:
        """Show how far it is; more often than ten times a second nobody can read."""
        now = monotonic()
        if now - self._began < _PATIENCE or (self._bars is not None and now - self._last < _BETWEEN):
            return
        self._last = now
        bars = self._bars = self._bars or _made()
        done, total = _figures(progress)
        bars.update(bars.task_ids[0], description=line(progress)[:_WIDEST], total=total, completed=done)

    def end(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()


def line(progress: Progress) -> str:
    """Return how far it is in words."""
    done = [f"{progress.files:,} files"] if progress.files else []
    done += [size(progress.bytes)] if progress.bytes else []
    done += [f"{span(progress.eta)} left"] if progress.eta is not None else []
    return ", ".join([progress.step, *done])


def _figures(progress: Progress) -> tuple[float, float | None]:
    if progress.of_bytes:
        return float(min(progress.bytes, progress.of_bytes)), float(progress.of_bytes)
    if progress.of_files:
        return float(min(progress.files, progress.of_files)), float(progress.of_files)
    return 0.0, None


def _made() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.add_task("", total=None)
    bars.start()
    return bars
