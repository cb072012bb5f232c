"""What an agent looks at again and again beside its logs, each in a thread of its own: it is no source, but runs as one."""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from vedette.agent.ports import Reports, Say
from vedette.core.clock import Clock, monotonic
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.agent.types import Report

REST = 60.0  # seconds after a look that failed


class Looks(Protocol):
    """Looks at something at an instant and returns what is to be told; made and used by one thread."""

    def __call__(self, now: float) -> Sequence[Report]:
        """Return what is to be told now."""
        ...


class Voices(NamedTuple):
    """Where reports go, what time it is, and where people are told."""

    reports: Reports
    clock: Clock
    say: Say


class Round:
    """Implements `ports.Follows`: makes what looks when it begins, and looks every so many seconds (0: it waits by itself)."""

    def __init__(self, name: str, make: Callable[[float], Looks], every: float, voices: Voices) -> None:
        self._name, self._make, self._every = name, make, every
        self._reports, self._clock, self._say = voices
        self._stopping = threading.Event()
        self._looks: Looks | None = None
        self._failed = ""

    def run(self) -> None:
        """Look until `stop`."""
        due = monotonic()
        while not self._stopping.is_set():
            due = max(due + self._every, monotonic()) if self._looked() else monotonic() + REST
            self._stopping.wait(max(0.0, due - monotonic()))

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it reads no lines."""
        return ()

    def _looked(self) -> bool:
        """Look once; what goes wrong is said once, ends no watch over the logs, and is tried again."""
        try:
            if self._looks is None:
                self._looks = self._make(self._clock.now())
            found = self._looks(self._clock.now())
        except Exception as error:  # noqa: BLE001 - a host that tells what nobody expects must not end the watch over its logs
            self._looks = None
            if self._failed != str(error):
                self._say(f"{self._name}: {type(error).__name__}: {error}. It is tried again.")
            self._failed = str(error)
            return False
        self._failed = ""
        if found:
            self._reports.report(found)
        return True
