"""Replays that the server ordered, one after the other, each in a process of its own; what comes of each is reported."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from vedette.agent.config import Config
from vedette.agent.ports import Reports
from vedette.core.clock import Clock, monotonic
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.agent.types import ReplayOrder, ReplayReport

MOST = 8  # that wait at once; the server tells the others again
_REMEMBERED = 200
_LOOK, _PATIENCE = 0.5, 900.0
_COMMAND = (sys.executable, "-m", "vedette.agent.replays.running")


class Replays:
    """Implements `ports.Follows`. `order` may be called by any thread, `run` belongs to one; `spared` tells who is never banned here."""

    def __init__(
        self, config: Config, reports: Reports, clock: Clock, spared: Callable[[], Sequence[str]], command: Sequence[str] = _COMMAND
    ) -> None:  # fmt: skip
        self._config, self._reports, self._clock, self._spared = config, reports, clock, spared
        self._command = command
        self._waiting: deque[ReplayOrder] = deque()
        self._known: deque[str] = deque(maxlen=_REMEMBERED)
        self._ordered, self._stopping = threading.Event(), threading.Event()

    def order(self, found: Sequence[ReplayOrder]) -> None:
        """Take what waits at the server; what is known already is passed over."""
        for one in found:
            if one.id not in self._known and len(self._waiting) < MOST:
                self._known.append(one.id)
                self._waiting.append(one)
        self._ordered.set()

    def run(self) -> None:
        """Make replays until `stop`."""
        while not self._stopping.is_set():
            self._ordered.wait()
            self._ordered.clear()
            while self._waiting and not self._stopping.is_set():
                self._make(self._waiting.popleft())

    def stop(self) -> None:
        """End `run` soon; what was not made is ordered again."""
        self._stopping.set()
        self._ordered.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()

    def _make(self, order: ReplayOrder) -> None:
        self._tell(ReplayReport(at=self._clock.now(), id=order.id, state="running"))
        try:
            answer = self._answer(self._job(order))
            if answer is not None:  # else it was stopped
                self._tell(msgspec.json.decode(answer, type=ReplayReport))
        except OSError as error:
            self._failed(order, f"No process can be started for it: {error.strerror}.")
        except msgspec.DecodeError:
            self._failed(order, "It ended before it was done: too little memory, or too much time.")

    def _failed(self, order: ReplayOrder, why: str) -> None:
        self._tell(ReplayReport(at=self._clock.now(), id=order.id, state="failed", why=why))

    def _tell(self, report: ReplayReport) -> None:
        self._reports.report([report])

    def _job(self, order: ReplayOrder) -> bytes:
        from vedette.agent.replays.running import Job  # an agent that replays nothing starts without it

        return msgspec.json.encode(
            Job(
                order=order, file=str(self._config.file), state=str(self._config.state), spared=tuple(self._spared()),
                parent=os.getpid(),
            )
        )  # fmt: skip

    def _answer(self, job: bytes) -> bytes | None:
        """Return what the process says, nothing where it took too long; None when it was stopped."""
        with subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        ) as child:
            ends, asked = monotonic() + _PATIENCE, job
            while not self._stopping.is_set() and monotonic() < ends:
                try:
                    return child.communicate(asked, timeout=_LOOK)[0]
                except subprocess.TimeoutExpired:
                    asked = b""  # it was sent
            child.kill()
        return None if self._stopping.is_set() else b""
