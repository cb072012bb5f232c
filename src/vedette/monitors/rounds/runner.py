"""Checks that come again and again, on one event loop: what is due begins, what is found is handed over in batches.

One batch is under way at a time, until it is recorded; what is found meanwhile waits, and the oldest goes when there is too
much of it. A check never overlaps with itself; when more are due than may run at once, they begin late, which is counted.
"""

import asyncio
import bisect
import functools
from collections import deque
from collections.abc import Callable, Coroutine
from itertools import islice

from vedette.core import ids
from vedette.core.clock import monotonic
from vedette.instruments.probe import running
from vedette.instruments.probe.types import Request, Result, Standpoint
from vedette.monitors.concluding import concluded
from vedette.monitors.rounds.types import LATE, MOST_WAITING, Errand, Figures, Findings, Orders
from vedette.monitors.scheduling import Timetable
from vedette.monitors.types import CheckResult, Outcome, Reading

MOST_AT_ONCE = 2_000
BATCH, GATHER = 500, 0.25
_MOST_SENT = 4 * BATCH
_FEW = 20
_TICK, _LONGEST = 0.01, 0.25
Look = Callable[[Standpoint], Coroutine[None, None, Result]]


class Runner:
    """Runs the errands of one process; lives on one event loop."""

    def __init__(
        self,
        standpoint: Standpoint,
        send: Callable[[Findings], None],
        *,
        prepare: Callable[[Request], Look] = running.repeated,
        most: int = MOST_AT_ONCE,
    ) -> None:
        self._standpoint, self._send, self._prepare, self._most = standpoint, send, prepare, most
        self._table = Timetable()
        self._errands: dict[int, Errand] = {}
        self._looks: dict[int, Look] = {}
        self._running: dict[int, asyncio.Task[Result]] = {}
        self._found: deque[CheckResult] = deque()
        self._sent: Findings | None = None
        self._origin, self._number = ids.new_id(), 0
        self._handed = float("-inf")
        self._begun = self._lost = self._broken = 0
        self._late, self._late_seconds = [0] * (len(LATE) + 1), 0.0

    @property
    def figures(self) -> Figures:
        """Return how it goes."""
        return Figures(
            self._begun, tuple(self._late), round(self._late_seconds, 6), len(self._running), len(self._found),
            self._lost, self._broken,
        )  # fmt: skip

    @property
    def waiting(self) -> tuple[CheckResult, ...]:
        """Return what was found and not handed over yet."""
        return tuple(self._found)

    async def go(self) -> None:
        """Check until cancelled."""
        while True:
            await asyncio.sleep(self.turn())

    def turn(self) -> float:
        """Begin what is due, hand over what was found; return the seconds until there is more to do, as far as is known."""
        now = self._standpoint.clock.now()
        for due in self._table.due(now, self._most - len(self._running)):
            self._begin(due.monitor, max(0.0, now - due.slot))
        self._hand_over()
        ahead = self._table.next_due()
        return _LONGEST if ahead is None else min(_LONGEST, max(_TICK, ahead - now))

    def take(self, orders: Orders) -> None:
        """Do as ordered from here on. What runs of a monitor that is dropped is called off.

        A few that are new or changed are checked at once, as somebody may wait for them; many keep to their slots.
        """
        now = self._standpoint.clock.now()
        for monitor in orders.drop:
            self._drop(monitor)
        for errand in orders.put:
            self._errands[errand.monitor] = errand
            self._looks.pop(errand.monitor, None)
            self._table.put(errand.monitor, errand.interval, now)
            if len(orders.put) <= _FEW:
                self._table.hasten(errand.monitor, now)
        for monitor, seconds in orders.soon.items():
            self._table.hasten(monitor, now + seconds)
        if self._sent is not None and orders.taken == self._sent.number:
            self._sent = None

    def _begin(self, monitor: int, late: float) -> None:
        self._begun += 1
        self._late_seconds += late
        self._late[bisect.bisect_left(LATE, late)] += 1
        look = self._looks.get(monitor)
        if look is None:
            look = self._looks[monitor] = self._prepare(self._errands[monitor].request)
        task = asyncio.get_running_loop().create_task(look(self._standpoint))
        self._running[monitor] = task
        task.add_done_callback(functools.partial(self._end, monitor))

    def _end(self, monitor: int, task: "asyncio.Task[Result]") -> None:
        if self._running.get(monitor) is not task:
            return  # it was dropped meanwhile
        del self._running[monitor]
        now = self._standpoint.clock.now()
        self._table.done(monitor, now)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._broken += 1
        self._found.append(
            concluded(monitor, task.result()) if error is None else _broken(monitor, now, error)
        )
        if len(self._found) > MOST_WAITING:
            self._found.popleft()
            self._lost += 1

    def _hand_over(self) -> None:
        if self._sent is not None or not self._found:
            return
        if len(self._found) < BATCH and monotonic() - self._handed < GATHER:
            return
        self._handed = monotonic()
        self._number += 1
        batch = tuple(islice(self._found, _MOST_SENT))
        for _ in batch:
            self._found.popleft()
        self._sent = Findings(self._origin, self._number, batch, self.figures)
        self._send(self._sent)

    def _drop(self, monitor: int) -> None:
        self._errands.pop(monitor, None)
        self._looks.pop(monitor, None)
        self._table.drop(monitor)
        task = self._running.pop(monitor, None)
        if task is not None:
            task.cancel()


def _broken(monitor: int, now: float, error: BaseException) -> CheckResult:
    """Return what is said of a check that a mistake of our own ended: nothing is known."""
    sentence = f"Vedette could not look, by a fault of its own ({type(error).__name__}: {error})."[:300]
    return CheckResult(monitor=monitor, outcome=Outcome(at=now, reading=Reading.UNKNOWN, sentence=sentence))
