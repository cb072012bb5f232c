"""A kernel that gives no watch to anybody."""

import threading
from collections.abc import Iterable

from vedette.instruments.logs.sources.watching import Woken


class Unwatched:
    """Implements `Watching` and watches nothing; a look is due a hundred times faster than for real."""

    short = True

    def __init__(self) -> None:
        self._bell = threading.Event()

    def file(self, fd: int) -> int:
        return -1

    def unfile(self, fd: int, watch: int) -> None:
        return None

    def folders(self, wanted: Iterable[str]) -> None:
        return None

    def wait(self, seconds: float | None) -> Woken:
        self._bell.wait((seconds or 0.0) / 100)
        return Woken()

    def wake(self) -> None:
        self._bell.set()

    def close(self) -> None:
        return None
