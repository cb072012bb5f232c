"""The process of an agent: sources in threads of their own, one beat a second, signals; everything else is a part of it.

SIGTERM and SIGINT end it within two seconds, with positions kept. SIGHUP reads configuration and rules anew: where they are
wrong that is said and the old ones stay in force; else the parts are stopped and started again, and no line is lost, as the
logs wait.
"""

import contextlib
import ctypes
import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from vedette.agent import status
from vedette.agent.config import Config, load
from vedette.agent.pipeline import Pipeline
from vedette.agent.ports import Decides, Follows, Reports, Say
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import ConfigError, VedetteError

BEAT = 1.0
_ENDS_WITHIN = 1.5
_WRITES_STATUS = 5.0


class Parts:
    """All that runs for one reading of the configuration."""

    def __init__(
        self, config: Config, sources: Sequence[tuple[str, Follows]], pipeline: Pipeline, decides: Decides, reports: Reports
    ) -> None:  # fmt: skip
        self._config, self._sources, self._pipeline = config, sources, pipeline
        self._decides, self._reports = decides, reports
        self._broken: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._follow, args=(one,), name=name, daemon=True)
            for name, one in sources
        ]
        self._wrote_at, self._wrote = 0.0, b""
        self._since, self._stopped = 0.0, False

    def start(self, now: float) -> None:
        """Put in force what stood, then read."""
        self._since = now
        self._decides.start(now)
        self._reports.start()
        for thread in self._threads:
            thread.start()

    def beat(self, now: float) -> None:
        """Do what time brings. Raises what ended a source by a fault of ours."""
        if self._broken is not None:
            raise self._broken
        self._decides.tick(now)
        if monotonic() - self._wrote_at > _WRITES_STATUS:
            self.write_status(now)

    def stop(self, now: float) -> None:
        """End sources first, so that what they handed out is worked on to its end; then the rest; once."""
        if self._stopped:
            return
        self._stopped = True
        for _, source in self._sources:
            source.stop()
        until = monotonic() + _ENDS_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        self._decides.close()
        self._reports.stop()
        self.write_status(now)

    def write_status(self, now: float) -> None:
        """Write how everything fares where `vedette agent status` finds it."""
        self._wrote_at = monotonic()
        standings = [standing for _, source in self._sources for standing in source.standings()]
        found = status.Status(
            pid=os.getpid(), since=self._since, at=now, server=self._config.server, sources=tuple(standings),
            waiting=dict(self._reports.waiting()), detections=self._pipeline.detections, failed=self._pipeline.failed,
        )  # fmt: skip
        self._wrote = status.write(self._config.state, found, self._wrote)

    def _follow(self, source: Follows) -> None:
        try:
            source.run()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            self._broken = error


class Prepared(Protocol):
    """What a configuration asks for, looked at and compiled, but not begun: nothing of it is in the way of what runs."""

    def parts(self) -> Parts:
        """Return the parts; raises `VedetteError` where one cannot work here."""
        ...


class Loop:
    """Runs parts until it is told to end. `prepare` raises `VedetteError` for a configuration that cannot be used."""

    def __init__(
        self, prepare: Callable[[Config], Prepared], path: Path | None, clock: Clock, say: Say
    ) -> None:
        self._prepare, self._path, self._clock, self._say = prepare, path, clock, say
        self._woken, self._ending, self._reading = threading.Event(), False, False
        self._parent = 0
        self._config = Config()

    def with_parent(self, parent: int) -> None:
        """End, too, when the process that started this one has ended; it may have done so already."""
        self._parent = parent

    def run(self) -> None:
        """Run in the main thread until a signal, or `end`."""
        self._listen()
        self._config = load(self._path)
        parts = self._begun(self._prepare(self._config))
        gc.collect()
        gc.freeze()  # what stays is not looked through again and again
        with contextlib.suppress(AttributeError):  # another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)  # what starting took is given back
        try:
            while not self._over():
                self._woken.wait(BEAT)
                self._woken.clear()
                if self._reading:
                    parts = self._anew(parts)
                parts.beat(self._clock.now())
        finally:
            parts.stop(self._clock.now())

    def end(self, *_: object) -> None:
        """End soon."""
        self._ending = True
        self._woken.set()

    def read_anew(self, *_: object) -> None:
        """Read configuration and rules anew soon."""
        self._reading = True
        self._woken.set()

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        signal.signal(signal.SIGHUP, self.read_anew)

    def _over(self) -> bool:
        return self._ending or bool(self._parent and os.getppid() != self._parent)

    def _begun(self, prepared: Prepared) -> Parts:
        parts = prepared.parts()
        parts.start(self._clock.now())
        return parts

    def _anew(self, parts: Parts) -> Parts:
        self._reading = False
        try:
            config = load(self._path)
            prepared = self._prepare(config)
        except VedetteError as error:
            self._say(f"The configuration stays as it was: {error}")
            return parts
        parts.stop(self._clock.now())
        try:
            found = self._begun(prepared)
        except VedetteError as error:  # what only shows once it is begun: an enforcer that cannot work
            self._say(f"The configuration stays as it was: {error}")
            return self._begun(self._prepare(self._config))
        self._config = config
        self._say("The configuration was read anew.")
        return found


def own_folder(state: Path) -> None:
    """Make the folder of an agent's state, for its owner alone; raises `ConfigError`."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(state, os.W_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raise ConfigError(
            f"state {state} cannot be used: {error.strerror}; run the agent as root or name another folder."
        ) from None
