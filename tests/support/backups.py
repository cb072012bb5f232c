"""An engine that keeps snapshots in memory and a source that is a folder: quick doubles of our own two ports.

`Vault` is where repositories lie; its `troubles` make a method fail, `lies` make the engine claim what it did not do.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from vedette.core.clock import ManualClock
from vedette.instruments.backup.types import (
    Bench,
    Cargo,
    Engine,
    Failed,
    Gathered,
    Held,
    Level,
    Repository,
    Restored,
    Saved,
    Secret,
    Source,
    Store,
    Tell,
    Tools,
    untold,
)
from vedette.instruments.backup.working import Work
from vedette.wire.backup import (
    Aim,
    Check,
    Copy,
    Entry,
    Failure,
    Keep,
    Part,
    Plan,
    Proposal,
    Sampled,
    Snapshot,
    What,
)

PASSWORD = "correct horse"
NOW = 1_764_000_000.0


@dataclass
class Kept:
    """A snapshot in memory."""

    snapshot: Snapshot
    files: dict[str, bytes]
    found: dict[str, os.stat_result] = field(default_factory=dict)


@dataclass
class Shelf:
    """A repository in memory."""

    password: str
    kept: dict[str, Kept] = field(default_factory=dict)
    held: Held | None = None


@dataclass
class Vault:
    """All repositories of a test. `troubles` by method's name are raised; `lies`: `restore` or `save` do nothing and say so not."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    troubles: dict[str, BaseException] = field(default_factory=dict)
    lies: set[str] = field(default_factory=set)
    unread: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)

    def engine(self) -> Engine:
        """Return the engine that keeps its repositories here."""
        return Engine(
            kind="memory",
            label="Memory",
            about="Keeps snapshots in memory.",
            schemes=(),
            open=lambda repository, tools: MemoryStore(self, repository),
            version=lambda tools: "1",
        )

    def shelf(self, at: str = "memory") -> Shelf:
        """Return a repository."""
        return self.shelves[at]


class MemoryStore(Store):
    """A repository in memory, opened."""

    def __init__(self, vault: Vault, repository: Repository) -> None:
        self._vault, self._repository = vault, repository

    def create(self) -> bool:
        self._called("create")
        made = self._repository.at not in self._vault.shelves
        self._vault.shelves.setdefault(self._repository.at, Shelf(self._repository.password.reveal()))
        self._shelf()
        return made

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        self._called("save")
        shelf = self._shelf()
        saved = {str(path).lstrip("/"): path for path in _walk([*cargo.paths, *cargo.steady])}
        files = {name: path.read_bytes() for name, path in saved.items()}
        name = f"snapshot-{len(shelf.kept):04}"
        size = sum(map(len, files.values()))
        if "save" not in self._vault.lies:
            made = Snapshot(name=name, at=tools.now(), plan=cargo.plan, files=len(files), bytes=size)
            shelf.kept[name] = Kept(made, files, {name: path.stat() for name, path in saved.items()})
        return Saved(snapshot=name, files=len(files), read=size, stored=size, unread=self._vault.unread)

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        self._called("snapshots")
        kept = (one.snapshot for one in self._shelf().kept.values())
        return tuple(sorted(kept, key=lambda one: -one.at))

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        self._called("verify")
        self._called(f"verify-{level}")

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterator[Entry]:
        self._called("entries")
        kept = self._shelf().kept[snapshot]
        prefix = f"{below.strip('/')}/" if below else ""
        inside = [
            (name.removeprefix(prefix), len(body))
            for name, body in kept.files.items()
            if name.startswith(prefix)
        ]
        folders = dict.fromkeys(rest.partition("/")[0] for rest, _ in inside if "/" in rest)
        yield from (Entry(f"{prefix}{name}", "folder", 0, kept.snapshot.at) for name in folders)
        yield from (
            Entry(f"{prefix}{rest}", "file", size, kept.snapshot.at)
            for rest, size in inside
            if "/" not in rest
        )

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        self._called("restore")
        kept = self._shelf().kept[aim.snapshot]
        wanted = [path.lstrip("/") for path in aim.paths]
        files = {
            name: body
            for name, body in kept.files.items()
            if not wanted or any(_below(name, one) for one in wanted)
        }
        if "restore" in self._vault.lies:
            return Restored(root=into, files=len(files), bytes=sum(map(len, files.values())))
        for name, body in files.items():
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            found = kept.found[name]
            path.chmod(found.st_mode)
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        return Restored(root=into, files=len(files), bytes=sum(map(len, files.values())))

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        self._called("prune")
        shelf = self._shelf()
        old = sorted(shelf.kept)[: -keep.last] if keep.last else []
        for name in old:
            del shelf.kept[name]
        return tuple(old)

    def lock(self, tools: Tools) -> Held | None:
        return self._shelf().held

    def unlock(self, tools: Tools) -> None:
        self._called("unlock")
        self._shelf().held = None

    def rekey(self, password: Secret, tools: Tools) -> None:
        self._shelf().password = password.reveal()

    def size(self, tools: Tools) -> int:
        self._called("size")
        return sum(len(body) for kept in self._shelf().kept.values() for body in kept.files.values())

    def by_hand(self, snapshot: str) -> Sequence[str]:
        return (f"memory restore {snapshot}",)

    def _shelf(self) -> Shelf:
        shelf = self._vault.shelves.get(self._repository.at)
        if shelf is None:
            raise Failed(Failure.TARGET_MISSING, f"There is no repository at {self._repository.at}.")
        if shelf.password != self._repository.password.reveal():
            raise Failed(Failure.WRONG_KEY, "The repository has another password.")
        return shelf

    def _called(self, method: str) -> None:
        self._vault.calls.append(method)
        if method in self._vault.before:
            self._vault.before[method]()
        if method in self._vault.troubles:
            raise self._vault.troubles[method]


class FolderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The folder that is saved."""

    path: str


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    root = _folder(settings)
    if not root.exists():
        raise Failed(Failure.SOURCE_MISSING, f"{root} is not there.")
    return Gathered(part=_part(root), paths=(root,))


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    there = _part(bench.root / str(_folder(settings)).lstrip("/"))
    same = (there.files, there.names, there.samples) == (
        bench.part.files,
        bench.part.names,
        bench.part.samples,
    )
    asked = (
        Check(name=one.name, passed=True, text=one.sql) for one in bench.asserts if one.database == "folder"
    )
    return (Check(name="files", passed=same, text=f"{there.files} of {bench.part.files} files."), *asked)


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    saved = bench.root / str(_folder(settings)).lstrip("/")
    target = _folder(settings) if into is None else into / _folder(settings).name
    checks = prove(settings, bench)
    shutil.copytree(saved, target, dirs_exist_ok=True)
    return checks


SOURCE = Source(
    kind="folder",
    label="Folder",
    about="A folder.",
    settings=FolderSettings,
    gather=gather,
    prove=prove,
    put_back=put_back,
    propose=lambda root: (
        Proposal(what=What(kind="folder", settings={"path": str(root)}), sentence="A folder."),
    ),
)


def plan_of(folder: Path, **changes: object) -> Plan:
    """Return a plan that saves a folder into memory."""
    what = What(kind="folder", settings={"path": str(folder)})
    plan = Plan(name="shop", what=(what,), copies=(Copy(name="here", engine="memory", at="memory"),))
    return msgspec.structs.replace(plan, **changes)


def work_of(
    state: Path, vault: Vault, plan: Plan, *, clock: ManualClock | None = None, password: str = PASSWORD, tell: Tell = untold, act: str = "1" * 32
) -> Work:  # fmt: skip
    """Return an act on the first copy of a plan."""
    return Work(
        id=act, plan=plan, copy=plan.copies[0],
        repository=Repository(name=f"{plan.name}/{plan.copies[0].name}", at=plan.copies[0].at, password=Secret(password)),
        tools=Tools(now=(clock or ManualClock(NOW)).now, state=state, tell=tell),
        engines={"memory": vault.engine()}, sources={"folder": SOURCE},
    )  # fmt: skip


def filled(folder: Path, files: int = 10) -> Path:
    """Return a folder with some files."""
    (folder / "deep").mkdir(parents=True)
    for number in range(files):
        (folder / "deep" / f"{number}.txt").write_text(f"row {number}\n" * (number + 1))
    return folder


def _folder(settings: msgspec.Struct) -> Path:
    assert isinstance(settings, FolderSettings)
    return Path(settings.path)


def _part(root: Path) -> Part:
    files = sorted(_walk([root])) if root.exists() else []
    names = "\0".join(f"{path.relative_to(root)}:{path.stat().st_size}" for path in files)
    samples = tuple(
        Sampled(
            str(path.relative_to(root)), path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in files[:5]
    )
    size = sum(path.stat().st_size for path in files)
    return Part(
        what="",
        files=len(files),
        bytes=size,
        names=hashlib.sha256(names.encode()).hexdigest(),
        samples=samples,
    )


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.is_file())
        else:
            yield path


def _below(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}/")
