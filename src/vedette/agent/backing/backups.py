"""Backups of this host: plans that the server ordered, run by their schedule with it or without it, each act in a process of its own.

It outlives a reading of the configuration: a backup of hours is not ended because a rule was changed.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from vedette.agent.backing.agenda import Agenda
from vedette.agent.backing.jobs import Job
from vedette.agent.backing.memory import FOLDER, Memory
from vedette.agent.backing.telling import Voice
from vedette.agent.config import Config
from vedette.agent.desk import Answer, Asked
from vedette.agent.ports import Reports
from vedette.core.clock import Clock, iso
from vedette.core.errors import Invalid
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.backup import BackupOrders, BackupReport

LOOKS = 30.0  # seconds between two looks at a clock that may jump
LANES = 3  # acts at once; of what is due by schedule one


class Does(Protocol):
    """Does one act in a process of its own."""

    def run(self, job: Job, heard: Callable[[BackupReport], None]) -> str:
        """Do it and hand on what is said; return why it ended before it said how."""
        ...

    def end(self) -> None:
        """End it soon."""
        ...


class Backups:
    """All of this host's; may be called by any thread."""

    def __init__(self, clock: Clock, child: Callable[[], Does] | None = None, lanes: int = LANES) -> None:
        self._clock, self._child, self._lanes = clock, child or _child, lanes
        self._changed = threading.Condition(threading.RLock())
        self._voice = Voice(clock)
        self._config = Config()
        self._agenda: Agenda | None = None
        self._busy: dict[str, Does | None] = {}  # by plan
        self._turn = ""  # the plan of what is due that is being done
        self._over = False

    def attach(self, config: Config, reports: Reports) -> None:
        """Work by a configuration and tell by a link from now on."""
        with self._changed:
            self._config = config
            self._voice.attach(reports, config.state)
            if self._agenda is None and (config.backup.plans or (config.state / FOLDER).exists()):
                self._begin()
            if self._agenda is not None:
                self._agenda.read(config)
            self._changed.notify_all()

    def detach(self) -> None:
        """Let what is told wait for the next link."""
        with self._changed:
            self._voice.detach()

    def close(self) -> None:
        """End what runs, and begin nothing more."""
        with self._changed:
            self._over = True
            for one in self._busy.values():
                if one is not None:
                    one.end()
            self._changed.notify_all()

    def order(self, orders: BackupOrders | None) -> None:
        """Take all that the server says of backups; None: as before."""
        with self._changed:
            if orders is None or (self._agenda is None and not orders.plans and not orders.guests):
                return
            agenda = self._agenda or self._begin()
            agenda.take(orders)
            self._changed.notify_all()

    def answer(self, asked: Asked) -> Answer:
        """Do what somebody on this host asks; raises `Invalid`."""
        with self._changed:
            if asked.verb == "backup status":
                return Answer(text=f"{len(self._rows())} copies", rows=tuple(self._rows()))
            if asked.verb != "backup run":
                raise Invalid(f"The agent knows no {asked.verb[:40]!r}.")
            if self._agenda is None:
                raise Invalid("This host has no plans; make one on the page of backups.")
            self._agenda.ask(asked.value, asked.by[:80])
            self._changed.notify_all()
        return Answer(text=f"{asked.value} is backed up as soon as nothing else of it runs.")

    def work(self) -> None:
        """Do what is to be done until the end; several threads do this, so that nobody waits for a backup of hours.

        Where the disk takes no notes what was done is remembered in memory, and the next act waits for a while.
        """
        while not self._over:
            with contextlib.suppress(OSError):
                if self.step():
                    continue
            with self._changed:
                if not self._over:
                    self._changed.wait(LOOKS)

    def step(self) -> bool:
        """Do one act, where one is to be done; tell whether it was."""
        with self._changed:
            if self._agenda is None or self._over:
                return False
            agenda = self._agenda
            job = agenda.next(self._busy, turns=not self._turn)
            if job is None:
                return False
            child = self._child()
            self._busy[job.order.plan] = child
            is_turn = not (
                job.order.by or job.propose
            )  # to look around at the lowest priority holds nothing up
            self._turn = job.order.plan if is_turn else self._turn
        try:
            self._do(agenda, job, child)
        finally:  # a full disk keeps no plan busy for ever
            with self._changed:
                del self._busy[job.order.plan]
                self._turn = "" if is_turn else self._turn
                self._changed.notify_all()
        return True

    def _do(self, agenda: Agenda, job: Job, child: Does) -> None:
        last: list[BackupReport] = []

        def heard(report: BackupReport) -> None:
            last[:] = [report]
            with self._changed:
                agenda.heard(report)

        why = child.run(job, heard)
        with self._changed:
            agenda.end(job, last[0] if last else None, why)

    def _begin(self) -> Agenda:
        made = self._agenda = Agenda(Memory(self._config.state), self._voice, self._clock.now)
        made.take_up()
        made.read(self._config)
        for number in range(self._lanes):
            threading.Thread(target=self.work, name=f"backups {number}", daemon=True).start()
        return made

    def _rows(self) -> list[dict[str, str | float | bool]]:
        agenda = self._agenda
        if agenda is None:
            return []
        return [
            {
                "plan": plan.name, "copy": copy.name, "at": copy.at, "runs": plan.name in self._busy,
                "saved": _told(agenda.began(plan.name, copy.name).good_at),
                "drilled": _told(agenda.began(plan.name, copy.name).drilled_at), "refused": agenda.refused(plan.name),
            }
            for plan in agenda.orders.plans
            for copy in plan.copies
        ]  # fmt: skip


class Attached:
    """Implements `ports.Follows`: backups for as long as one reading of the configuration."""

    def __init__(self, backups: Backups, config: Config, reports: Reports) -> None:
        self._backups = backups
        self._stopping = threading.Event()
        backups.attach(config, reports)  # before the link hears its first orders

    def run(self) -> None:
        """Wait for `stop`: the work is done on threads that outlive this."""
        self._stopping.wait()

    def stop(self) -> None:
        """Let what is told wait; what runs goes on, and ends with the process."""
        self._backups.detach()
        self._stopping.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()


def _told(at: float | None) -> str:
    return "" if at is None else iso(at)


def _child() -> Does:
    from vedette.agent.backing.starting import Child  # an agent that saves nothing starts without it

    return Child()
