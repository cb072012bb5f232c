"""What a scan looks at just now, on a terminal, once it takes longer than a second."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vedette.core.clock import monotonic
from vedette.instruments.scan.telling.words import plain
from vedette.instruments.scan.types import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

_PATIENCE = 1.0
_WIDEST = 60


@contextlib.contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """Yield whom to tell: a bar on standard error, nobody where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    bar = _Bar()
    try:
        yield bar.tell
    finally:
        bar.end()


class _Bar:
    """A bar that appears late, so that quick scans do not flicker."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._bars: Bars | None = None

    def tell(self, what: str, done: float | None = None) -> None:
        """Show what is looked at, and how much is done."""
        if self._bars is None and monotonic() - self._began < _PATIENCE:
            return
        bars = self._bars = self._bars or _made()
        total = None if done is None else 1.0
        bars.update(bars.task_ids[0], description=plain(what)[:_WIDEST], total=total, completed=done or 0.0)

    def end(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()


def _made() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.add_task("", total=None)
    bars.start()
    return bars
