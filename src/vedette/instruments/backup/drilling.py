"""A drill: a backup is restored into a scratch place, looked at against its witness, and timed."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import breaking, choosing, judging, program, registry, rolling, witness
from vedette.instruments.backup.clearing import clear
from vedette.instruments.backup.phrasing import count, size, span
from vedette.instruments.backup.rolling import Round
from vedette.instruments.backup.types import Bench, Failed, Level, Store, Tools
from vedette.instruments.backup.what.paths.gathering import LIST
from vedette.instruments.backup.working import Timer, Work, emptied, failed_by, red, required, tell
from vedette.wire.backup import (
    Aim,
    Assertion,
    BackupRun,
    Check,
    DrillRun,
    Failure,
    Manifest,
    Part,
    Stage,
    What,
)

_ROOM = 1.1  # of the bytes that are brought back: databases need a little more than their dumps


def begun(work: Work) -> DrillRun:
    """Return the drill as it begins: RUNNING, of no snapshot yet."""
    now = work.tools.now()
    return DrillRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, engine=work.copy.engine, snapshot="", saved_at=now,
        began_at=now,
    )  # fmt: skip


def drill(
    work: Work, *, runs: Sequence[BackupRun] = (), past: Sequence[DrillRun] = (), aim: Aim | None = None
) -> DrillRun:
    """Restore a snapshot (the newest unless aimed) into a scratch place, look at it, and return what was proven.

    `runs` are runs of this copy, whose manifests are the witnesses (else the one that lies in the snapshot itself), `past`
    its drills, of which follows what of a huge set is due. DONE only when every check passed; a missed goal of time is told
    in the sentence and fails nothing. Unsigned; never raises.
    """
    trial = _Trial(work, runs, past, aim or Aim())
    with failed_by(trial.fail):
        trial.make()
    return trial.ended()


class _Trial:
    """One drill under way."""

    def __init__(self, work: Work, runs: Sequence[BackupRun], past: Sequence[DrillRun], aim: Aim) -> None:
        self._work, self._runs, self._past, self._aim = work, runs, past, aim
        self._timer = Timer(work.plan.limits.seconds)
        self._drill = begun(work)
        self._failed: Failed | None = None
        self._answered: set[str] = set()
        self._round: Round | None = None

    def fail(self, error: Failed) -> None:
        """Remember why it failed."""
        self._failed = self._failed or error

    def make(self) -> None:
        """Restore, look, measure; raises `Failed`."""
        tell(self._work.tools, "Looking for the snapshot")
        store = self._work.open(self._timed())
        with breaking.lock_told(store, self._timed()):
            self._prove(store)

    def _prove(self, store: Store) -> None:
        manifest = self._choose(store)
        with self._work.alone("drill"), emptied(self._work.folder / "drill") as scratch:
            self._take_turns(store, manifest)
            _room(scratch, manifest, self._drill.share)
            root = self._restore(store, scratch)
            manifest = manifest or witness.found(root, self._work.plan.name)
            if manifest is None:
                raise Failed(Failure.NOT_PROVEN, f"No manifest of the snapshot {self._drill.snapshot} is known: there is nothing to hold it against.")  # fmt: skip
            self._leave_out_ours(manifest)
            required(judging.came_back(self._drill.files, manifest.files))
            self._look(root, scratch, manifest)
            self._read_repository(store)

    def ended(self) -> DrillRun:
        """Return the drill as it ended."""
        drill = self._note(ended_at=max(self._work.tools.now(), self._drill.began_at), progress=None)
        fault = None if self._failed else judging.proven(drill.checks)
        failed = self._failed or (Failed(*fault) if fault is not None else None)
        if failed is not None:
            return red(drill, failed)
        if self._round is not None:
            rolling.remember(self._work, self._round.due, drill.began_at)
        return msgspec.structs.replace(drill, stage=Stage.DONE, sentence=self._sentence(drill))

    def _choose(self, store: Store) -> Manifest | None:
        snapshot = choosing.snapshot(store.snapshots(self._timed()), self._aim, self._work.plan.name)
        required(judging.clock(self._drill.began_at, None, snapshot.at))
        self._note(
            snapshot=snapshot.name, saved_at=snapshot.at, rpo=max(0.0, self._drill.began_at - snapshot.at)
        )  # fmt: skip
        return witness.recalled(self._work.folder, self._work.copy.name, snapshot.name, self._runs)

    def _take_turns(self, store: Store, manifest: Manifest | None) -> None:
        """Choose what of a huge set is restored this time; without its manifest it is all."""
        if manifest is None or not self._work.plan.drills.sample:
            return
        tell(self._work.tools, "Choosing what is due")
        self._round = rolling.next_round(
            self._work, store, manifest, snapshot=self._drill.snapshot, past=self._past, tools=self._timed()
        )  # fmt: skip
        if self._round is not None:
            self._note(share=self._round.due.share, coverage=self._round.due.coverage)

    def _restore(self, store: Store, scratch: Path) -> Path:
        tell(self._work.tools, "Restoring it into a scratch place")
        place = scratch / "restored"
        place.mkdir(mode=0o700)
        paths = self._round.paths if self._round else self._aim.paths
        aim = msgspec.structs.replace(self._aim, snapshot=self._drill.snapshot, paths=paths)
        restored = store.restore(aim, place, self._timed())
        self._note(files=restored.files, bytes=restored.bytes, output=restored.output)
        return restored.root

    def _leave_out_ours(self, manifest: Manifest) -> None:
        """Count what came back without the files of ours that lie beside it."""
        if not (self._aim.paths or self._work.engine().cluster):
            self._note(files=max(0, self._drill.files - witness.ours(manifest)))

    def _look(self, root: Path, scratch: Path, manifest: Manifest) -> None:
        """Prove each source against what it was, then ask what the plan asks; what is usable by then is the RTO."""
        for place, what in enumerate(self._work.plan.what):
            bench = scratch / f"bench-{place}"
            bench.mkdir(mode=0o700)
            self._add(self._proved(what, root, bench, manifest))
            clear(bench)
        self._note(rto=self._timer.passed)
        self._add(self._programs(root))
        self._add(self._unasked())

    def _proved(self, what: What, root: Path, scratch: Path, manifest: Manifest) -> tuple[Check, ...]:
        name = registry.name_of(what)
        part = next((part for part in manifest.parts if part.what == name), None)
        if part is None:
            return (
                Check(name=name, passed=False, text="It is not in this snapshot: run the plan, then drill."),
            )
        tell(self._work.tools, f"Proving {name}")
        began = monotonic()
        checks = self._checks(what, root, scratch, part)
        if not checks:
            return (
                Check(
                    name=name, passed=False, text="Nothing of it was looked at.", seconds=monotonic() - began
                ),
            )
        self._answered.update(check.name for check in checks)
        return tuple(_of(name, check) for check in checks)

    def _checks(self, what: What, root: Path, scratch: Path, part: Part) -> tuple[Check, ...]:
        source, settings = self._work.source(what)
        asserts = tuple(one for one in self._work.plan.drills.asserts if one.sql)
        only = self._round.due.names if self._round and LIST in part.facts else ()
        bench = Bench(
            root=root, scratch=scratch, part=part, tools=self._timed(), asserts=asserts, only=only
        )  # fmt: skip
        try:
            return source.prove(settings, bench)
        except Failed as error:
            if error.failure in {Failure.INTERRUPTED, Failure.TIMEOUT}:
                raise
            self._note(output=error.output or self._drill.output)
            return (Check(name="restore", passed=False, text=str(error)),)

    def _programs(self, root: Path) -> Iterator[Check]:
        for assertion in self._work.plan.drills.asserts:
            if assertion.run:
                self._answered.add(assertion.name)
                tell(self._work.tools, f"Asking {assertion.name}")
                yield _asked(assertion, root, self._timed())

    def _unasked(self) -> Iterator[Check]:
        """Yield a failed check for every question of the plan that no source answered."""
        for assertion in self._work.plan.drills.asserts:
            if assertion.name not in self._answered:
                where = f" {assertion.database}" if assertion.database else ""
                yield Check(name=assertion.name, passed=False, text=f"No database{where} of this plan was there to be asked.")  # fmt: skip

    def _read_repository(self, store: Store) -> None:
        """Read all that is stored: what is damaged in an older snapshot is not seen by restoring the newest."""
        if self._work.plan.drills.sample:
            return
        tell(self._work.tools, "Reading the whole repository")
        began = monotonic()
        try:
            store.verify(self._drill.snapshot, Level.WHOLE, self._timed())
        except Failed as error:
            if error.failure is not Failure.DAMAGED:
                raise
            self.fail(error)
        passed = self._failed is None
        text = "All that is stored was read." if passed else str(self._failed)
        self._add([Check(name="repository", passed=passed, text=text, seconds=monotonic() - began)])

    def _sentence(self, drill: DrillRun) -> str:
        late = judging.late(self._work.plan.goals, drill.rto, drill.rpo)
        told = f"Restored {count(drill.files, 'file')} ({size(drill.bytes)}) in {span(drill.rto or 0.0)}; {count(len(drill.checks), 'check')} passed."  # fmt: skip
        part = f" {drill.share:.0%} of all; {drill.coverage:.0%} was proven within {self._work.plan.drills.whole_days} days."
        return " ".join([told + (part if self._round else ""), *late])

    def _add(self, checks: Iterator[Check] | Sequence[Check]) -> None:
        self._note(checks=(*self._drill.checks, *checks))

    def _timed(self) -> Tools:
        return self._timer.tools(self._work.tools)

    def _note(self, **changes: object) -> DrillRun:
        self._drill = msgspec.structs.replace(self._drill, **changes)
        return self._drill


def _room(scratch: Path, manifest: Manifest | None, share: float) -> None:
    needed = manifest.bytes * share * _ROOM if manifest else 0
    free = shutil.disk_usage(scratch).free
    if needed > free:
        raise Failed(
            Failure.TARGET_FULL, f"The drill needs {size(needed)} below {scratch}, and {size(free)} are free."
        )


def _asked(assertion: Assertion, root: Path, tools: Tools) -> Check:
    began = monotonic()
    try:
        done = program.run(assertion.run, tools=tools, env={"VEDETTE_RESTORED": str(root)}, cwd=root)
    except Failed as error:
        return Check(name=assertion.name, passed=False, text=str(error), seconds=monotonic() - began)
    said = (done.said.splitlines() or [""])[-1][:300]
    text = f"It ended with {done.code}{': ' if said else '.'}{said}"
    return Check(name=assertion.name, passed=done.code == 0, text=text, seconds=monotonic() - began)


def _of(name: str, check: Check) -> Check:
    return msgspec.structs.replace(check, name=f"{name}: {check.name}")
