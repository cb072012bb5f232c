"""Where a run that is carried out writes down what it did: work goes on in threads, this one alone writes to the database."""

from collections import deque
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from vedette.deploy import reaching
from vedette.deploy.planning import telling
from vedette.deploy.store import runs
from vedette.deploy.types import LIVE_TOPIC, DeployRun, RunState, RunStep, Step
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports

MOST_STEPS = 2_000
_BEAT = 0.5  # seconds between two looks at what was told
_HEARD = 5.0  # seconds after which it is noted that the run goes on
T = TypeVar("T")
Clock = Callable[[], float]


class Ended(msgspec.Struct, frozen=True):
    """How a run ended, in a sentence."""

    state: RunState
    sentence: str


class Desk:
    """What a run is told by. `idle` is called now and then while it works, `wait` pauses where Hetzner asks for it."""

    def __init__(self, run: DeployRun, clock: Clock, wait: reaching.Wait, idle: Callable[[], object]) -> None:
        self.run, self.clock, self.wait = run, clock, wait
        self.resumed = run.state is RunState.RUNNING
        self._idle = idle
        self._told: deque[RunStep] = deque()
        self._left = MOST_STEPS - len(run.steps)
        self._heard = clock()

    def say(self, text: str, *, good: bool | None = None, seconds: float = 0.0) -> None:
        """Tell something, from any thread."""
        self._told.append(RunStep(at=self.clock(), text=text[:1_000], good=good, seconds=seconds))

    def step(self, done: Step) -> None:
        """Tell what became of a change, from any thread."""
        self.say(telling.step(done), good=not done.problem, seconds=done.seconds)

    def aside(self, work: Callable[[], T]) -> T:
        """Return what work in a thread of its own brings; meanwhile what it tells is written. It must not ask the database."""
        with ThreadPoolExecutor(1, thread_name_prefix="deploy") as pool:
            asked = pool.submit(work)
            while futures.wait([asked], _BEAT).not_done:
                self.flush()
                self._idle()
        self.flush()
        return asked.result()

    def flush(self) -> None:
        """Write what was told."""
        if not self._told and self.clock() - self._heard < _HEARD:
            return
        self._heard = self.clock()
        steps = [self._told.popleft() for _ in range(len(self._told))][: max(0, self._left)]
        self._left -= len(steps)
        with transaction():
            runs.add_steps(self.run.id, steps, self.clock())
            on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
