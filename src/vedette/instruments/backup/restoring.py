"""A restore: back to a place, or over live data by whoever types its name; goes on where it was ended."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import msgspec

from vedette.core.names import read
from vedette.instruments.backup import breaking, choosing, counting, judging, registry, witness
from vedette.instruments.backup.clearing import clear
from vedette.instruments.backup.phrasing import count, size, span
from vedette.instruments.backup.types import Bench, Failed, Restored, Store, Tools
from vedette.instruments.backup.what.putting import Putting
from vedette.instruments.backup.working import Timer, Work, failed_by, red, required, safe, tell
from vedette.wire.backup import Aim, BackupRun, Check, Failure, Manifest, Part, Plan, RestoreRun, Stage, What

STAGE = ".vedette-restore"
_AIM = "aim.json"


def begun(work: Work, aim: Aim, into: str, by: str) -> RestoreRun:
    """Return the restore as it begins."""
    return RestoreRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, aim=aim, into=into, by=by, began_at=work.tools.now()
    )  # fmt: skip


def live_name(plan: Plan, aim: Aim, into: str = "") -> str:
    """Return what a person types to overwrite live data: the name of the folder, of the one source (`postgres/shop`), or the plan."""
    return Path(into).name if into else aim.what or plan.name


def restore(
    work: Work, aim: Aim, *, into: str = "", by: str = "", confirmed: str = "", runs: Sequence[BackupRun] = ()
) -> RestoreRun:
    """Bring a snapshot back below `into` (empty: where it was) and return how that ended.

    Where it was, and into a folder that holds something which no restore of ours put there, needs `confirmed` to be
    `live_name`. Called again for the same aim and place it goes on. `runs` are runs of this copy, whose manifests say what
    must come back. DONE only when that came back. Never raises.
    """
    rescue = _Rescue(work, begun(work, aim, into, by), confirmed, runs)
    with failed_by(rescue.fail):
        rescue.make()
    return rescue.ended()


class _Rescue:
    """One restore under way."""

    def __init__(self, work: Work, asked: RestoreRun, confirmed: str, runs: Sequence[BackupRun]) -> None:
        self._work, self._run, self._confirmed, self._runs = work, asked, confirmed, runs
        self._aim, self._into = asked.aim, Path(asked.into) if asked.into else None
        self._timer = Timer(work.plan.limits.seconds)
        self._failed: Failed | None = None

    def fail(self, error: Failed) -> None:
        """Remember why it failed."""
        self._failed = self._failed or error

    def make(self) -> None:
        """Bring it back; raises `Failed`."""
        self._fit()
        self._allow()
        with self._work.alone("restore"):
            stage = self._stage()
            restored, manifest = self._fetch(stage)
            checks = self._placed(restored.root, stage, manifest)
            self._note(checks=tuple(checks))
            required(judging.proven(self._run.checks))
            clear(stage)

    def ended(self) -> RestoreRun:
        """Return the restore as it ended."""
        run = self._note(ended_at=max(self._work.tools.now(), self._run.began_at), progress=None)
        if self._failed is not None:
            return red(run, self._failed)
        where = f"below {self._into}" if self._into else "where it was"
        told = f"{count(run.files, 'file')} ({size(run.bytes)}) came back {where} in {span(self._timer.passed)}; {count(len(run.checks), 'check')} passed."  # fmt: skip
        return msgspec.structs.replace(run, stage=Stage.DONE, sentence=told)

    def _fit(self) -> None:
        aim, names = self._aim, [registry.name_of(what) for what in self._work.plan.what]
        if aim.what and aim.what not in names:
            raise Failed(
                Failure.AIM,
                f"The plan {self._work.plan.name} saves no {aim.what}; it saves {', '.join(names)}.",
            )
        if self._into is not None and not self._into.is_absolute():
            raise Failed(Failure.AIM, f"{self._into} is no whole path: write where it is to go from / on.")
        if aim.transaction is not None and not self._work.engine().cluster:
            raise Failed(
                Failure.AIM,
                f"{self._work.copy.engine} cannot go back to a transaction; choose a snapshot.",
            )

    def _allow(self) -> None:
        """Refuse to touch live data of which nobody typed the name."""
        name = live_name(self._work.plan, self._aim, str(self._into or ""))
        if self._into is not None and (not _is_live(self._into) or _left(self._into / STAGE) == self._key()):
            return
        if self._confirmed != name:
            what = (
                f"{self._into} is not empty"
                if self._into
                else f"This would overwrite the live data of {name}"
            )
            raise Failed(Failure.UNCONFIRMED, f"{what}: type {name} to go on.")

    def _stage(self) -> Path:
        """Return where it is brought to first: within the target, so that files are moved there and not copied.

        What another aim left there goes; what the same aim left is gone on with.
        """
        above = self._into or self._work.folder
        stage = above / STAGE
        if stage.is_symlink() or (stage / _AIM).is_symlink():
            raise Failed(Failure.AIM, f"{stage} is a link, which no restore of ours made: remove it.")
        if stage.exists() and _left(stage) != self._key():
            clear(stage)
        for folder in (stage, stage / "restored", stage / "bench"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return stage

    def _key(self) -> str:
        return hashlib.sha256(
            msgspec.json.encode((self._work.repository.name, self._work.repository.at, self._aim))
        ).hexdigest()

    def _fetch(self, stage: Path) -> tuple[Restored, Manifest | None]:
        tools = self._timed()
        tell(tools, "Opening the repository")
        store = self._work.open(tools)
        with breaking.lock_told(store, tools):
            self._note(aim=self._chosen(store, stage, tools))
            snapshot = self._run.aim.snapshot
            manifest = witness.recalled(self._work.folder, self._work.copy.name, snapshot, self._runs)
            part = _part(manifest, self._aim.what)
            if not self._aim.paths:
                _room(stage, part.bytes if part else manifest.bytes if manifest else 0)
            tell(tools, f"Bringing back {snapshot}")
            restored = store.restore(self._for_engine(part), stage / "restored", self._timed())
        manifest = manifest or witness.found(restored.root, self._work.plan.name)
        files = max(0, restored.files - self._ours(manifest, part))
        self._note(files=files, bytes=restored.bytes, output=restored.output)
        required(judging.came_back(files, manifest.files if manifest else 0))
        return restored, manifest

    def _ours(self, manifest: Manifest | None, part: Part | None) -> int:
        """Return how many files of ours came back beside what was asked for."""
        return 0 if self._aim.paths or self._work.engine().cluster else witness.ours(manifest, part)

    def _for_engine(self, part: Part | None) -> Aim:
        """Return the aim with the paths of the one source that is wanted: terabytes beside it are not fetched for it."""
        aim = self._run.aim
        if aim.paths or part is None or self._work.engine().cluster:
            return aim
        return msgspec.structs.replace(aim, paths=witness.paths_of(part))

    def _chosen(self, store: Store, stage: Path, tools: Tools) -> Aim:
        """Return the aim with its snapshot, that of the beginning where a restore goes on."""
        begun = _noted(stage)
        aim = msgspec.structs.replace(self._aim, snapshot=begun.snapshot) if begun else self._aim
        chosen = choosing.snapshot(store.snapshots(tools), aim, self._work.plan.name)
        _write(stage, _Note(key=self._key(), snapshot=chosen.name))
        to_the_second = self._work.engine().cluster
        return msgspec.structs.replace(
            self._aim, snapshot=chosen.name, before=self._aim.before if to_the_second else None
        )  # fmt: skip

    def _placed(self, root: Path, stage: Path, manifest: Manifest | None) -> Iterator[Check]:
        """Put everything to its place, and yield what was looked at."""
        if self._aim.paths:
            yield self._brought(root)
            return
        if manifest is None:
            raise Failed(Failure.NOT_PROVEN, f"No manifest of {self._run.aim.snapshot} is known; name single paths, or restore by hand as the recovery sheet says.")  # fmt: skip
        wanted = [what for what in self._work.plan.what if self._aim.what in {"", registry.name_of(what)}]
        for what in wanted:
            yield from self._put_back(what, root, stage, manifest)

    def _brought(self, root: Path) -> Check:
        """Bring single files and folders to their place below the target, never through a link that stands there."""
        base = self._into or Path("/")
        base.mkdir(parents=True, exist_ok=True)
        putting = Putting(base, self._timed(), live=self._into is None or _is_live(self._into))
        for name in self._aim.paths:
            path = PurePath(read(name).lstrip("/"))
            if not os.path.lexists(root / path):
                return Check(name="restored", passed=False, text=f"{name} did not come back.")
            putting.bring(root / path, path)
        return putting.put.check()

    def _put_back(self, what: What, root: Path, stage: Path, manifest: Manifest) -> Iterator[Check]:
        name = registry.name_of(what)
        part = _part(manifest, name)
        if part is None:
            raise Failed(Failure.NOT_PROVEN, f"{name} is not in this snapshot.")
        tell(self._work.tools, f"Putting {name} to its place")
        source, settings = self._work.source(what)
        scratch = stage / "bench" / safe(name)
        scratch.mkdir(exist_ok=True, mode=0o700)
        bench = Bench(root=root, scratch=scratch, part=part, tools=self._timed())
        checks = source.put_back(settings, bench, self._into)
        if not checks:
            yield Check(name=name, passed=False, text="It was not looked at after it was put to its place.")
        for check in checks:
            yield msgspec.structs.replace(check, name=f"{name}: {check.name}")

    def _timed(self) -> Tools:
        return self._timer.tools(self._work.tools)

    def _note(self, **changes: object) -> RestoreRun:
        self._run = msgspec.structs.replace(self._run, **changes)
        return self._run


class _Note(msgspec.Struct, frozen=True):
    """What a restore that was begun was of."""

    key: str
    snapshot: str


def _is_live(folder: Path) -> bool:
    """Tell whether a folder holds something that no restore of ours put there."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        return True
    return folder.exists() and counting.holds(folder, lambda name: name != STAGE)


def _left(stage: Path) -> str:
    note = _noted(stage)
    return note.key if note else ""


def _noted(stage: Path) -> _Note | None:
    try:
        return msgspec.json.decode((stage / _AIM).read_bytes(), type=_Note)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def _write(stage: Path, note: _Note) -> None:
    (stage / _AIM).write_bytes(msgspec.json.encode(note))


def _part(manifest: Manifest | None, name: str) -> Part | None:
    parts = manifest.parts if manifest else ()
    return next((part for part in parts if part.what == name), None)


def _room(stage: Path, needed: int) -> None:
    free = shutil.disk_usage(stage).free
    if needed > free + counting.size_of(stage / "restored"):
        raise Failed(Failure.TARGET_FULL, f"{size(needed)} are to come back below {stage.parent}, and {size(free)} are free.")  # fmt: skip
