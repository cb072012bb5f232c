"""Acts on copies, done in this process: each tells how far it is, and always how it ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from vedette.agent.backing.jobs import Job
from vedette.core.clock import Clock, monotonic
from vedette.instruments.backup import breaking, drilling, proposing, restoring, running
from vedette.instruments.backup.failing import fix_of
from vedette.instruments.backup.types import Failed, Secret, Tools
from vedette.instruments.backup.working import PASSWORD, Work, failed_by, red, repository_of
from vedette.wire.backup import (
    BackupAct,
    BackupReport,
    BackupRun,
    Copy,
    DrillRun,
    Failure,
    Plan,
    Progress,
    RestoreRun,
    Settled,
    Shelf,
)

Say = Callable[[BackupReport], None]
EVERY = 2.0  # seconds between two words about how far it is
PREVIOUS = "previous"
_MOST_ENTRIES = 5_000
Run = TypeVar("Run", BackupRun, DrillRun, RestoreRun)


def perform(job: Job, clock: Clock, say: Say) -> None:
    """Do what is to be done; the last that is said is how it ended. Never raises but for what ends the process."""
    tools = Tools(now=clock.now, state=Path(job.state))
    if job.propose:
        say(proposing.proposals(Path("/"), tools))
        return
    if job.plan is None or job.copy is None:
        raise ValueError("an act is of a copy of a plan")
    acting = _Acting(job, job.plan, job.copy, tools, say)
    acting.do()


class _Acting:
    """One act on one copy."""

    def __init__(self, job: Job, plan: Plan, copy: Copy, tools: Tools, say: Say) -> None:
        self._job, self._plan, self._copy, self._tools, self._say = job, plan, copy, tools, say

    def do(self) -> None:
        acts: Mapping[BackupAct, Callable[[], None]] = {
            BackupAct.RUN: self._run, BackupAct.DRILL: self._drill, BackupAct.RESTORE: self._restore, BackupAct.UNLOCK: self._unlock,
            BackupAct.LIST: self._list, BackupAct.REKEY: self._rekey,
        }  # fmt: skip
        acts[self._job.act]()

    def _run(self) -> None:
        begun = BackupRun(
            id=self._job.order.id, plan=self._plan.name, copy=self._copy.name, engine=self._copy.engine, began_at=self._tools.now(),
        )  # fmt: skip
        last = next((one for one in self._job.runs if one.snapshot and one.failure is None), None)
        self._told(begun, lambda work: running.run(work, last=last))

    def _drill(self) -> None:
        now = self._tools.now()
        begun = DrillRun(
            id=self._job.order.id, plan=self._plan.name, copy=self._copy.name, engine=self._copy.engine, snapshot="", saved_at=now,
            began_at=now,
        )  # fmt: skip
        aim = self._job.order.aim
        self._told(
            begun, lambda work: drilling.drill(work, runs=self._job.runs, past=self._job.drills, aim=aim)
        )

    def _restore(self) -> None:
        order = self._job.order
        begun = RestoreRun(
            id=order.id, plan=self._plan.name, copy=self._copy.name, aim=order.aim, into=order.into, by=order.by,
            began_at=self._tools.now(),
        )  # fmt: skip

        def act(work: Work) -> RestoreRun:
            if self._job.only_below:
                _stay_below(order.into, self._job.only_below)
            return restoring.restore(
                work, order.aim, into=order.into, by=order.by, confirmed=order.confirmed, runs=self._job.runs
            )

        self._told(begun, act)

    def _told(self, begun: Run, act: Callable[[Work], Run]) -> None:
        """Say that something began, how far it is, and how it ended; without a secret it ends at once."""
        self._say(begun)
        failed: list[Failed] = []
        ended: list[Run] = []
        with failed_by(failed.append):
            work = self._work(
                _Paced(lambda progress: self._say(msgspec.structs.replace(begun, progress=progress)))
            )
            ended.append(act(work))
        self._say(
            ended[0] if ended else red(msgspec.structs.replace(begun, ended_at=self._tools.now()), failed[0])
        )

    def _unlock(self) -> None:
        with self._settling() as done:
            done.append(breaking.unlock(self._work()))

    def _rekey(self) -> None:
        """Change the password from the one before; a repository that has the new one already was changed before we were ended."""
        with self._settling() as done:
            fresh, old = self._job.secrets.get(PASSWORD, ""), self._job.secrets.get(PREVIOUS, "")
            if not old:
                raise Failed(Failure.WRONG_KEY, "The password before is not known here.")
            if not self._opens(fresh):
                self._work(secrets={**self._job.secrets, PASSWORD: old}).open(self._tools).rekey(
                    Secret(fresh), self._tools
                )
            if not self._opens(fresh):
                raise Failed(Failure.WRONG_KEY, "The repository does not open with its new password.")
            done.append("The repository has its new password; print the recovery sheet anew.")

    def _opens(self, password: str) -> bool:
        store = self._work(secrets={**self._job.secrets, PASSWORD: password}).open(self._tools)
        try:
            store.snapshots(self._tools)
        except Failed as error:
            if error.failure is Failure.WRONG_KEY:
                return False
            raise
        return True

    @contextmanager
    def _settling(self) -> Iterator[list[str]]:
        """Say how an act ended that is no run."""
        done: list[str] = []
        failed: list[Failed] = []
        with failed_by(failed.append):
            yield done
        order, now = self._job.order, self._tools.now()
        if failed:
            why, fix = failed[0].failure, fix_of(failed[0].failure)
            self._say(
                Settled(
                    id=order.id,
                    plan=order.plan,
                    copy=order.copy,
                    at=now,
                    failure=why,
                    sentence=str(failed[0]),
                    fix=fix,
                )
            )
        else:
            self._say(Settled(id=order.id, plan=order.plan, copy=order.copy, at=now, sentence=done[0]))

    def _list(self) -> None:
        order, now = self._job.order, self._tools.now()
        empty = Shelf(at=now, plan=order.plan, copy=order.copy, id=order.id, below=order.below)
        failed: list[Failed] = []
        found: list[Shelf] = []
        with failed_by(failed.append):
            found.append(self._shelf(empty))
        if not found:
            found.append(msgspec.structs.replace(empty, why=f"{failed[0]} {fix_of(failed[0].failure)}"))
        self._say(found[0])

    def _shelf(self, empty: Shelf) -> Shelf:
        """Return the snapshots, and what lies in one below a folder where one is named."""
        store, order = self._work().open(self._tools), self._job.order
        found = store.snapshots(self._tools)
        if not order.aim.snapshot:
            return msgspec.structs.replace(empty, snapshots=found)
        entries = []
        for entry in store.entries(order.aim.snapshot, order.below, self._tools):
            entries.append(entry)
            if len(entries) >= _MOST_ENTRIES:
                break
        return msgspec.structs.replace(empty, snapshots=found, entries=tuple(entries))

    def _work(
        self, tell: Callable[[Progress], None] | None = None, secrets: Mapping[str, str] | None = None
    ) -> Work:
        """Return what the instruments work on; while a password is being changed, with the one the repository has."""
        if self._copy.at.startswith("/"):
            _stay_below(self._copy.at, self._job.kept_below)
        tools = self._tools if tell is None else msgspec.structs.replace(self._tools, tell=tell)
        held = secrets or self._job.secrets
        repository = repository_of(
            self._plan, self._copy, {name: text for name, text in held.items() if name != PREVIOUS}
        )
        work = Work(
            id=self._job.order.id, plan=self._plan, copy=self._copy, repository=repository, tools=tools
        )
        if (
            secrets is None
            and PREVIOUS in held
            and self._job.act is not BackupAct.REKEY
            and not self._opens(held[PASSWORD])
        ):
            return self._work(tell, {**held, PASSWORD: held[PREVIOUS]})
        return work


def _stay_below(into: str, folders: Sequence[str]) -> None:
    """Refuse a place to which only a link leads out of the folders that are allowed, such as one that was brought back before."""
    place = Path(into).resolve()
    if not (into and any(place.is_relative_to(Path(one).resolve()) for one in folders)):
        raise Failed(
            Failure.REFUSED, f"{into[:200]} is not below {' or '.join(folders)}: a link leads elsewhere."
        )


class _Paced:
    """Says how far something is, not more often than every two seconds."""

    def __init__(self, say: Callable[[Progress], None]) -> None:
        self._say, self._said_at, self._step = say, -EVERY, ""

    def __call__(self, progress: Progress) -> None:
        now = monotonic()
        if now - self._said_at >= EVERY:
            self._said_at, self._step = now, progress.step
            self._say(progress)
