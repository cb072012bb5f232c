"""What is told of backups: by the link of the day; between two links what is over waits."""

from collections import deque
from pathlib import Path

from vedette.agent.backing import bounding, signing
from vedette.agent.ports import Reports
from vedette.core.clock import Clock
from vedette.wire.agent.types import BackupTold
from vedette.wire.backup import (
    BackupOrder,
    BackupReport,
    BackupRun,
    DrillRun,
    Failure,
    RestoreRun,
    Settled,
    Stage,
)

_MOST = 500  # reports that wait for a link
ACTS = (BackupRun, DrillRun, RestoreRun)


class Voice:
    """Tells the server; for one thread at a time. `state` is the folder of the agent, whose key signs what is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reports: Reports | None = None
        self._state = Path()
        self._waiting: deque[BackupTold] = deque(maxlen=_MOST)

    def attach(self, reports: Reports, state: Path) -> None:
        """Tell by a link from now on, first what waited."""
        self._reports, self._state = reports, state
        if self._waiting:
            reports.report([*self._waiting])
            self._waiting.clear()

    def detach(self) -> None:
        """Let what is over wait; how far something is needs no word then."""
        self._reports = None

    def tell(self, report: BackupReport) -> None:
        """Tell something, bounded, and signed where it is the end of a run or drill."""
        whole = signing.signed(bounding.bounded(report), self._state)
        told = BackupTold(at=self._clock.now(), told=whole)
        if self._reports is not None:
            self._reports.report([told])
        elif not (isinstance(report, ACTS) and report.stage is Stage.RUNNING):
            self._waiting.append(told)

    def settle(self, order: BackupOrder, sentence: str, fix: str, failure: Failure = Failure.REFUSED) -> None:
        """Tell that an order is not done, and why."""
        self.tell(
            Settled(
                id=order.id, plan=order.plan, copy=order.copy, at=self._clock.now(), failure=failure, sentence=sentence, fix=fix
            )
        )  # fmt: skip
