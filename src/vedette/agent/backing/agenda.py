"""What is to be done on this host: plans the server ordered, acts that wait, and what is remembered of both. No threads, no processes."""

from collections import deque
from collections.abc import Callable, Collection
from itertools import chain

import msgspec

from vedette.agent.backing import allowing, choosing
from vedette.agent.backing.choosing import Began, Turn, made_of
from vedette.agent.backing.jobs import Job
from vedette.agent.backing.memory import Act, Memory
from vedette.agent.backing.telling import ACTS, Voice
from vedette.agent.config import Config
from vedette.core import ids
from vedette.core.errors import Invalid
from vedette.wire.backup import (
    BackupAct,
    BackupOrder,
    BackupOrders,
    BackupReport,
    BackupRun,
    Copy,
    DrillRun,
    Failure,
    Plan,
    RestoreRun,
    Settled,
    Stage,
)

PROPOSES = 86_400.0
BEGINS = 3_600.0  # seconds within which what somebody here asks for begins
_ENDED = "It was ended before it was done: the agent, or the host, went down."
_FIX = "Run it again; what was stored so far is used."


class Agenda:
    """For one thread at a time."""

    def __init__(self, memory: Memory, voice: Voice, now: Callable[[], float]) -> None:
        self._memory, self._voice, self._now = memory, voice, now
        self.orders = memory.orders()
        self._config = Config()
        self._asked: deque[BackupOrder] = deque()
        self._proposed_at: float | None = None

    def take_up(self) -> None:
        """Tell what was cut off when the agent ended."""
        for one in self._memory.state.running.values():
            self._voice.tell(interrupted(one, self._now(), _ENDED))
        self._memory.note(running={})

    def read(self, config: Config) -> None:
        """Work by a configuration from now on."""
        self._config = config
        self._judge()

    def take(self, orders: BackupOrders) -> None:
        """Take all that the server says; what is known stays as it is."""
        changed = msgspec.structs.replace(orders, asked=())
        if changed != self.orders:
            before = self._memory.state.since
            self._memory.keep_orders(changed)
            self.orders = changed
            self._memory.note(since={name: before.get(name, self._now()) for name in self._plans})
        self._judge()
        for order in orders.asked:
            if order.id not in self._memory.state.taken and all(one.id != order.id for one in self._asked):
                self._enqueue(order)

    def ask(self, plan: str, by: str) -> None:
        """Let a backup wait that somebody on this host asks for; raises `Invalid` for no such plan."""
        if all(one.name != plan for one in self.orders.plans):
            known = ", ".join(one.name for one in self.orders.plans) or "none"
            raise Invalid(f"This host has no plan {plan[:60]!r}; it has {known}.")
        until = self._now() + BEGINS
        self._enqueue(BackupOrder(id=ids.new_id(), act=BackupAct.RUN, plan=plan, until=until, by=by))

    def next(self, busy: Collection[str], *, turns: bool = True) -> Job | None:
        """Return what is to be done now, which counts as begun from here on: what was asked, then (`turns`) what is due.

        Nothing is done of plans that are `busy`.
        """
        return self._of_asked(busy) or (self._of_turns(busy) or self._of_proposals() if turns else None)

    def heard(self, report: BackupReport) -> None:
        """Note and tell what an act says that goes on; how it ended is told by `end`."""
        if isinstance(report, ACTS):
            running = self._memory.state.running
            if report.stage is not Stage.RUNNING:
                return
            if report.id not in running:  # noted before anything: its end is told whatever happens
                self._memory.note(running={**running, report.id: report})
            self._voice.tell(report)
        elif not isinstance(report, Settled):
            self._voice.tell(report)

    def end(self, job: Job, last: BackupReport | None, why: str) -> None:
        """Tell how an act ended, and remember what the next ones rest on; `why` it ended before it said how."""
        if isinstance(last, ACTS):
            ended = last if last.stage is not Stage.RUNNING else interrupted(last, self._now(), why or _ENDED)
            self._remember(job, ended)
            self._voice.tell(ended)
            left = {key: one for key, one in self._memory.state.running.items() if key != ended.id}
            self._memory.note(running=left)
        elif isinstance(last, Settled):
            self._voice.tell(last)
        elif last is None and not job.propose:
            self._voice.settle(job.order, why or "It said nothing.", _FIX, Failure.INTERRUPTED)

    def began(self, plan: str, copy: str) -> Began:
        """Return when a copy was begun to be saved and drilled."""
        return self._memory.state.began.get(f"{plan}/{copy}", Began())

    def refused(self, plan: str) -> str:
        """Return why this host does not take a plan; empty where it does."""
        return self._memory.state.refused.get(plan, "")

    def _of_asked(self, busy: Collection[str]) -> Job | None:
        for order in [*self._asked]:
            if self._now() >= order.until:
                self._asked.remove(order)
            elif order.plan not in busy:
                self._asked.remove(order)
                self._memory.take(order.id)
                job = self._job(order)
                if job is not None:
                    return job
        return None

    def _of_turns(self, busy: Collection[str]) -> Job | None:
        state = self._memory.state
        own = [one for one in self.orders.plans if one.name not in state.refused]
        others = [one for one in self.orders.guests if one.plan.name not in state.refused]
        name, now = self._config.name, self._now()
        found = chain(
            choosing.turns(own, state.began, state.since, name, now),
            choosing.guests(others, state.began, state.since, name, now),
        )
        turn = next((one for one in found if one.plan not in busy), None)
        return None if turn is None else self._job(_ordered(turn))

    def _of_proposals(self) -> Job | None:
        due = self._proposed_at is None or self._now() - self._proposed_at >= PROPOSES
        if not self._config.backup.plans or not due:
            return None
        self._proposed_at = self._now()
        order = BackupOrder(id="", act=BackupAct.LIST, plan="")
        return Job(order=order, state=str(self._memory.folder), propose=True)

    def _job(self, order: BackupOrder) -> Job | None:
        """Return an act with all it needs, noted as begun; None, which is told, where there is no such copy."""
        plan = self._plan(order.plan)
        copy = None if plan is None else next((one for one in plan.copies if one.name == order.copy), None)
        if plan is None or copy is None:
            self._voice.settle(order, "This host has no such plan or copy.", "See the page of the plan.")
            return None
        key = f"{order.plan}/{order.copy}"
        self._begin(plan, copy, order.act)
        return Job(
            order=order, state=str(self._memory.folder), plan=plan, copy=copy, secrets=self.orders.secrets.get(key, {}),
            runs=self._memory.runs(key), drills=self._memory.drills(key),
            only_below=() if self._config.backup.restore_live else self._config.backup.restore_to,
            kept_below=self._config.backup.repositories,
        )  # fmt: skip

    def _begin(self, plan: Plan, copy: Copy, act: BackupAct) -> None:
        if act is BackupAct.RUN:
            self._note_began(f"{plan.name}/{copy.name}", saved_at=self._now())
        elif act is BackupAct.DRILL:
            self._note_began(f"{plan.name}/{copy.name}", drilled_at=self._now(), tried=made_of(plan, copy))

    def _remember(self, job: Job, ended: Act) -> None:
        if job.plan is None or job.copy is None or isinstance(ended, RestoreRun):
            return
        good = ended.stage is Stage.DONE
        if isinstance(ended, DrillRun) or good:
            self._memory.add(job.key, ended)
        if good and isinstance(ended, BackupRun):
            self._note_began(job.key, good_at=ended.ended_at, good=made_of(job.plan, job.copy))
        elif good:
            self._note_began(job.key, drilled=made_of(job.plan, job.copy))

    def _note_began(self, key: str, **changes: object) -> None:
        began = self._memory.state.began
        after = msgspec.structs.replace(began.get(key, Began()), **changes)
        self._memory.note(began={**began, key: after})

    def _enqueue(self, order: BackupOrder) -> None:
        """Let an order wait; one of all copies becomes one of each. One that this host refuses is told."""
        plan = self._plan(order.plan)
        said, file = self._config.backup, str(self._config.file)
        refused = allowing.refusal(plan, said, file) if plan is not None else None
        guest = next((one for one in self.orders.guests if one.plan.name == order.plan), None)
        refused = refused or (allowing.refused_guest(order, guest) if guest is not None else None)
        refused = refused or allowing.refused_order(order, said, file)
        if refused is not None:
            self._memory.take(order.id)
            self._voice.settle(order, refused.sentence, refused.fix)
            return
        copies = [order.copy] if order.copy or plan is None else [one.name for one in plan.copies]
        for place, copy in enumerate(copies):
            number = order.id if place == 0 else ids.new_id()
            self._asked.append(msgspec.structs.replace(order, id=number, copy=copy))

    def _judge(self) -> None:
        """Tell which plans are not taken and why, when that changed."""
        said, file = self._config.backup, str(self._config.file)
        found = {name: allowing.refusal(one, said, file) for name, one in self._plans.items()}
        before = self._memory.state.refused
        after = {name: f"{one.sentence} {one.fix}" for name, one in found.items() if one is not None}
        if after == before:
            return
        for name, one in found.items():
            if after.get(name) != before.get(name):
                failure = None if one is None else Failure.REFUSED
                sentence, fix = ("The host takes this plan.", "") if one is None else (one.sentence, one.fix)
                self._voice.tell(
                    Settled(id="", plan=name, copy="", at=self._now(), failure=failure, sentence=sentence, fix=fix)
                )  # fmt: skip
        self._memory.note(refused=after)

    def _plan(self, name: str) -> Plan | None:
        return self._plans.get(name)

    @property
    def _plans(self) -> dict[str, Plan]:
        """Return all plans that something is done with here, by name: this host's own come before others'."""
        every = [*(one.plan for one in self.orders.guests), *self.orders.plans]
        return {one.name: one for one in every}


def interrupted(act: Act, now: float, why: str) -> Act:
    """Return an act that was ended before it was done."""
    return msgspec.structs.replace(
        act, stage=Stage.FAILED, failure=Failure.INTERRUPTED, ended_at=max(now, act.began_at), sentence=why, fix=_FIX, progress=None,
    )  # fmt: skip


def _ordered(turn: Turn) -> BackupOrder:
    return BackupOrder(id=ids.new_id(), act=turn.act, plan=turn.plan, copy=turn.copy)
