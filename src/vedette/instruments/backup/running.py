"""A run: hooks, sources, engine, and what was stored read back. Only what is stored and verified ends green (ADR 41)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.names import read
from vedette.instruments.backup import breaking, hooks, judging, reading_back, registry, snapshots, witness
from vedette.instruments.backup.phrasing import count, size, span
from vedette.instruments.backup.types import Cargo, Failed, Gathered, Saved, Store, Tools
from vedette.instruments.backup.what.paths import gathering
from vedette.instruments.backup.working import Timer, Work, emptied, failed_by, red, required, tell
from vedette.wire.backup import BackupRun, Failure, Manifest, Stage, What


def begun(work: Work) -> BackupRun:
    """Return the run as it begins: RUNNING, with nothing stored."""
    return BackupRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, engine=work.copy.engine, began_at=work.tools.now()
    )  # fmt: skip


def run(work: Work, *, last: BackupRun | None = None, accept_size: bool = False) -> BackupRun:
    """Make a backup and return how it ended: DONE only when something was stored and read back, else FAILED with what to do.

    `last` is the last good run to this copy, against which a shrinking source and a clock that went back are noticed;
    `accept_size` says that it may have shrunk. Progress goes to `work.tools.tell`; the run is unsigned (`evidence.sign`).
    Never raises: whatever goes wrong is in the run.
    """
    attempt = _Attempt(work, last, accept_size=accept_size)
    with failed_by(attempt.fail):
        attempt.make()
    with failed_by(attempt.fail):
        attempt.say_goodbye()
    return attempt.ended()


class _Attempt:
    """One run under way: what it came to so far, and how it failed if it did."""

    def __init__(self, work: Work, last: BackupRun | None, *, accept_size: bool) -> None:
        self._work, self._last, self._accept_size = work, last, accept_size
        self._timer = Timer(work.plan.limits.seconds)
        self._run = begun(work)
        self._failed: Failed | None = None
        self._greeted = False
        self._torn = self._gone = 0

    def fail(self, error: Failed) -> None:
        """Remember the first failure; what fails after it is its consequence."""
        self._failed = self._failed or error

    def make(self) -> None:
        """Do everything from the first hook to the last measure; raises `Failed`."""
        required(judging.clock(self._run.began_at, self._last.began_at if self._last else None, None))
        with self._work.alone():
            self._greet()
            with (
                emptied(self._work.folder / witness.STAGING) as staging,
                snapshots.held(self._work.plan, self._timed(), self._beside()),
            ):
                gathered = self._gather(staging)
                self._store(gathered, staging)

    def _beside(self) -> tuple[Path, ...]:
        """Return the repository where it is a folder of this host: a snapshot of files must not hide it."""
        at = self._work.copy.at
        return (Path(at),) if at.startswith("/") and Path(at).is_dir() else ()

    def say_goodbye(self) -> None:
        """Run what runs after it, whatever happened; raises `Failed`."""
        if not self._greeted:
            return
        plan, tools = self._work.plan, self._timed(60.0)
        stage = Stage.FAILED if self._failed else Stage.DONE
        env = {**self._env(), "VEDETTE_STAGE": stage, "VEDETTE_SNAPSHOT": self._run.snapshot}
        failed = hooks.run_all(plan.after, "after", env, tools, plan.limits)
        if failed is not None:
            raise failed

    def ended(self) -> BackupRun:
        """Return the run as it ended."""
        run = self._note(ended_at=max(self._work.tools.now(), self._run.began_at), progress=None)
        if self._failed is not None:
            return red(run, self._failed)
        if not (run.snapshot and run.verified and run.manifest):
            return red(run, Failed(Failure.ENGINE, "The run came to its end, and nothing is stored and verified."))  # fmt: skip
        return msgspec.structs.replace(run, stage=Stage.DONE, sentence=self._sentence(run))

    def _greet(self) -> None:
        self._greeted = True
        plan = self._work.plan
        if plan.before:
            tell(self._work.tools, "Running what runs before it")
            hooks.run(plan.before, "before", self._env(), self._timed(), plan.limits)

    def _gather(self, staging: Path) -> tuple[Gathered, ...]:
        gathered = tuple(self._gathered(what, staging) for what in self._work.plan.what)
        manifest = Manifest(at=self._work.tools.now(), parts=tuple(one.part for one in gathered))
        self._note(manifest=manifest)
        required(judging.empty(manifest))
        return gathered

    def _gathered(self, what: What, staging: Path) -> Gathered:
        name = registry.name_of(what)
        tell(self._work.tools, f"Looking at {name}")
        source, settings = self._work.source(what)
        place = staging / name.replace("/", "-")
        place.mkdir(mode=0o700)
        found = source.gather(settings, place, self._timed())
        return msgspec.structs.replace(found, part=msgspec.structs.replace(found.part, what=name))

    def _store(self, gathered: Sequence[Gathered], staging: Path) -> None:
        tell(self._work.tools, "Opening the repository")
        store = self._work.open(self._timed())
        with breaking.lock_told(store, self._timed()):
            if self._last is None:  # a repository that vanished since is no reason for an empty one
                store.create()
            self._save(store, gathered, staging)

    def _save(self, store: Store, gathered: Sequence[Gathered], staging: Path) -> None:
        cargo = self._cargo(gathered, witness.put(staging, self._manifest))
        required(judging.left_out(cargo.excludes, _files(cargo.steady)))
        saved = self._theirs(store.save(cargo, self._timed()))
        gone = frozenset(filter(_is_gone, saved.unread))
        self._torn, self._gone = len(saved.changed), len(gone)
        self._note(
            manifest=gathering.without(self._manifest, gone),
            snapshot=saved.snapshot,
            files=saved.files,
            read=saved.read,
            stored=saved.stored,
            output=saved.output,
        )
        self._verify(store, saved)
        required(judging.partial(self._manifest, saved, gone))
        if not self._accept_size:
            before = self._last.manifest if self._last else None
            required(judging.shrunk(self._manifest, before, self._work.plan.shrink))
        self._tidy(store)

    def _theirs(self, saved: Saved) -> Saved:
        """Return what was saved without the files of ours that an engine of files counts."""
        ours = 0 if self._work.engine().cluster else witness.ours(self._manifest)
        return msgspec.structs.replace(saved, files=max(0, saved.files - ours))

    def _verify(self, store: Store, saved: Saved) -> None:
        tell(self._work.tools, "Reading back what was stored")
        scratch = self._work.folder / "read-back"
        listed = reading_back.verify(store, saved, self._manifest, scratch, self._timed())
        self._note(verified=True)
        others = (one.at for one in listed if one.name != saved.snapshot)
        required(judging.clock(self._run.began_at, None, max(others, default=None)))
        witness.remember(
            self._work.folder, self._work.copy.name, saved.snapshot, self._manifest, (one.name for one in listed)
        )  # fmt: skip

    def _tidy(self, store: Store) -> None:
        """Remove what is old: after a good run alone, for what is missing in a bad one may be in the old ones."""
        tell(self._work.tools, "Removing snapshots whose time is over")
        removed = store.prune(self._work.plan.keep, self._work.plan.name, self._timed())
        self._note(removed=removed)
        required(judging.pruned(self._run.snapshot, removed))
        self._note(repository=store.size(self._timed()))

    def _cargo(self, gathered: Sequence[Gathered], manifest: Path) -> Cargo:
        cluster = next((one.cluster for one in gathered if one.cluster is not None), None)
        return Cargo(
            plan=self._work.plan.name,
            paths=tuple(path for one in gathered for path in one.paths),
            excludes=tuple(pattern for one in gathered for pattern in one.excludes),
            one_file_system=any(one.one_file_system for one in gathered),
            steady=(*(path for one in gathered for path in one.steady), manifest),
            cluster=cluster, of_files=self._manifest.files, of_bytes=self._manifest.bytes,
        )  # fmt: skip

    @property
    def _manifest(self) -> Manifest:
        if self._run.manifest is None:
            raise Failed(Failure.ENGINE, "Nothing was gathered.")
        return self._run.manifest

    def _timed(self, at_least: float = 0.0) -> Tools:
        return self._timer.tools(self._work.tools, at_least)

    def _env(self) -> dict[str, str]:
        return {"VEDETTE_PLAN": self._work.plan.name, "VEDETTE_COPY": self._work.copy.name}

    def _note(self, **changes: object) -> BackupRun:
        self._run = msgspec.structs.replace(self._run, **changes)
        return self._run

    def _sentence(self, run: BackupRun) -> str:
        seconds = span(self._timer.passed)
        torn = f" {count(self._torn, 'file')} changed while being read." if self._torn else ""
        gone = f" {count(self._gone, 'name')} went meanwhile." if self._gone else ""
        return f"{count(run.files, 'file')} ({size(run.read)}) stored and read back in {seconds}; {size(run.stored)} are new.{torn}{gone}"  # fmt: skip


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)


def _is_gone(name: str) -> bool:
    """Tell whether there is nothing of a whole written name any more; what may only not be looked at is not gone."""
    path = read(name)
    try:
        Path(path).lstat()
    except FileNotFoundError:
        return path.startswith("/")
    except OSError:
        return False
    return False
