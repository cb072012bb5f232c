"""Logs that a test writes, and what the sources hand out of them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.instruments.logs.sources.files import Files
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.types import Chunk, FileSource, Notice, Start
from vedette.instruments.logs.sources.watching import Watching

PATIENCE = 10.0


def until(true: Callable[[], bool], what: Callable[[], object] = lambda: "") -> None:
    """Wait until something holds; fail after ten seconds."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it never came: {what()}")
        time.sleep(0.001)


class Followed:
    """Sources that a test follows, restarted as often as it likes; what they handed out and said."""

    def __init__(self, state: Path, *sources: FileSource) -> None:
        self.state, self.sources = state, sources
        self.chunks: list[Chunk] = []
        self.notices: list[Notice] = []
        self.watching: Watching | None = None

    @property
    def lines(self) -> list[bytes]:
        return [line for chunk in list(self.chunks) for line in chunk.data.split(b"\n")[:-1]]

    def wait(self, *wanted: bytes) -> None:
        """Wait until exactly these lines came."""
        until(lambda: sorted(self.lines) == sorted(wanted), lambda: (self.lines[:20], wanted[:20]))

    @contextlib.contextmanager
    def running(self, clock: SystemClock | None = None) -> Iterator[Files]:
        """Follow while a test does something."""
        clock = clock or SystemClock()
        ledger = Ledger(self.state, clock, self.notices.append)
        files = Files(
            self.sources, ledger, clock, self.chunks.append, self.notices.append, watching=self.watching
        )
        thread = threading.Thread(target=files.run, name="sources")
        thread.start()
        try:
            until(lambda: files.started or not thread.is_alive())
            yield files
        finally:
            files.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive()


def from_beginning(path: Path | str) -> FileSource:
    return FileSource(path=str(path), start=Start.BEGINNING)


def add(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))
