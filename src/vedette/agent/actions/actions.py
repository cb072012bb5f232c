"""Actions that the server ordered, one after the other: what the configuration names, each order once; the end of each is reported."""

import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from vedette.agent.actions import deciding
from vedette.agent.actions.ended import Ended
from vedette.agent.actions.remembering import Taken
from vedette.agent.config import Config
from vedette.agent.ports import Reports
from vedette.core.clock import Clock
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.agent.types import ActionOrder, ActionReport, Offer

MOST = 8  # that wait at once; the server tells the others again
_UNKNOWN = "The agent was killed while it ran; whether it came to its end is not known."


class Switch(Protocol):
    """Actions of the agent itself, that no program is started for."""

    def offered(self) -> Sequence[str]:
        """Return their names."""
        ...

    def run_action(self, name: str) -> Ended:
        """Run one to its end; never raises for what the system does."""
        ...


class Actions:
    """Implements `ports.Follows`. `order` may be called by any thread, `run` belongs to one."""

    def __init__(self, config: Config, reports: Reports, clock: Clock, switch: Switch | None = None) -> None:
        self._offered, self._folder, self._switch = config.actions, config.state, switch
        self._reports, self._clock = reports, clock
        self._waiting: deque[ActionOrder] = deque()
        self._known: deque[str] = deque(maxlen=200)
        self._ordered, self._stopping = threading.Event(), threading.Event()

    def order(self, found: Sequence[ActionOrder]) -> None:
        """Take what waits at the server; what is known already is passed over."""
        for one in found:
            if one.id not in self._known and len(self._waiting) < MOST:
                self._known.append(one.id)
                self._waiting.append(one)
        self._ordered.set()

    def run(self) -> None:
        """Tell what is offered and what was cut off, then run what is ordered until `stop`."""
        taken = Taken(self._folder)
        self._reports.report([Offer(self._clock.now(), tuple(sorted(self._names())))])
        for order in taken.unended():
            self._tell(order, "failed", why=_UNKNOWN)
            self._end(taken, order)
        while not self._stopping.is_set():
            self._ordered.wait()
            self._ordered.clear()
            while self._waiting and not self._stopping.is_set():
                self._take(taken, self._waiting.popleft())

    def stop(self) -> None:
        """End `run` soon, and what runs; what was not begun is ordered again."""
        self._stopping.set()
        self._ordered.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()

    def _take(self, taken: Taken, order: ActionOrder) -> None:
        if order.id in taken:
            return
        why = deciding.refusal(order, self._names(), self._clock.now())
        if why:
            self._tell(order.id, "failed", why=why)
            return
        try:
            taken.begin(order.id)
        except OSError as error:
            self._tell(
                order.id,
                "failed",
                why=f"The agent cannot note that it runs: {error.strerror}; nothing was run.",
            )
            return
        self._run(taken, order)

    def _run(self, taken: Taken, order: ActionOrder) -> None:
        self._tell(order.id, "running")
        ended = self._ended(order.action)
        state = "done" if ended.code == 0 else "failed"
        self._tell(order.id, state, code=ended.code, why=ended.why, output=ended.output)
        self._end(taken, order.id)

    def _ended(self, name: str) -> Ended:
        if self._switch is not None and name in self._switch.offered():
            return self._switch.run_action(name)
        from vedette.agent.actions import running  # an agent that runs nothing starts without it

        return running.run(self._offered[name], self._stopping.is_set)

    def _names(self) -> Sequence[str]:
        return (*self._offered, *(self._switch.offered() if self._switch is not None else ()))

    def _end(self, taken: Taken, order: str) -> None:
        with contextlib.suppress(OSError):  # then it is told once more after the next start, and counts once
            taken.end(order)

    def _tell(
        self, order: str, state: str, *, code: int | None = None, why: str = "", output: str = ""
    ) -> None:
        now = self._clock.now()
        self._reports.report([ActionReport(at=now, id=order, state=state, code=code, why=why, output=output)])
