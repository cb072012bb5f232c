"""Real backups to be broken: a folder, an engine's repository, and what may happen to either."""

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from vedette.core.clock import SystemClock
from vedette.instruments.backup import drilling, program, restoring, running
from vedette.instruments.backup.types import Tools
from vedette.instruments.backup.working import Work, repository_of
from vedette.wire.backup import Aim, BackupRun, Copy, DrillRun, Keep, Limits, Plan, RestoreRun, Stage, What

PASSWORD = "correct horse battery staple"
NOTE = "place.json"
FLIPPED = 8  # bytes
LIAR = """\
#!/bin/sh
for word; do
  case "$word" in
    {word}) quiet=1 ;;
    --dry-run) quiet= ;;
  esac
done
[ "$quiet" ] && exit 0
exec {program} "$@"
"""


@dataclass
class Place:
    """A plan with one copy, and all that was run of it here."""

    root: Path
    engine: str
    at: str = ""
    password: str = PASSWORD
    what: What | None = None
    keep: Keep = field(default_factory=lambda: Keep(last=1, daily=0, weekly=0, monthly=0))
    skew: float = 0.0
    settings: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    programs: dict[str, Path] = field(default_factory=dict)
    deadline: float = 120.0
    runs: list[BackupRun] = field(default_factory=list)

    def note(self) -> None:
        """Write down what this is, for a process of its own (`noted`)."""
        told = (self.engine, self.at, self.password, self.what, self.settings)
        (self.root / NOTE).write_bytes(msgspec.json.encode(told))

    @staticmethod
    def noted(root: Path) -> "Place":
        """Return the place that was noted in a folder."""
        known = tuple[str, str, str, What | None, dict[str, object]]
        engine, at, password, what, settings = msgspec.json.decode((root / NOTE).read_bytes(), type=known)
        return Place(root, engine, at=at, password=password, what=what, settings=settings)

    def change(self) -> None:
        """Let there be something new to be saved."""
        (self.folder / "deep/new.bin").write_bytes(os.urandom(300_000))

    @property
    def folder(self) -> Path:
        """Return what is saved, unless another source is."""
        return self.root / "shop"

    @property
    def repository(self) -> Path:
        """Return where it is kept, where that is a path."""
        return Path(self.at) if self.at else self.root / "repository"

    @property
    def open_folder(self) -> Path:
        """Return a folder in which every user may run programs."""
        return self.root

    def lose(self) -> None:
        """Take away what is saved."""
        shutil.rmtree(self.folder)

    def hollow(self) -> None:
        """Leave what is saved where it is, with nothing in it."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def packs(self) -> list[Path]:
        """Return the files of the repository that hold data, the largest first."""
        return packs(self.repository)

    def lie(self, word: str) -> None:
        """Let the engine do nothing, and say so not, when it is asked for something."""
        found = program.find(self.engine, self.work().tools)
        liar = self.open_folder / self.engine
        liar.write_text(LIAR.format(word=word, program=found))
        liar.chmod(0o755)
        self.programs[self.engine] = liar

    def plan(self) -> Plan:
        what = self.what or What(kind="paths", settings={"paths": [str(self.folder)]})
        copy = Copy(
            name="here", engine=self.engine, at=self.at or str(self.repository), settings=self.settings
        )
        limits = Limits(nice=0, idle_io=False)  # a test waits for it: it takes its turn like every other
        return Plan(name="shop", what=(what,), copies=(copy,), keep=self.keep, limits=limits)

    def work(self) -> Work:
        state = self.root / "state"
        state.mkdir(exist_ok=True, mode=0o700)
        plan = self.plan()
        copy = plan.copies[0]
        repository = repository_of(plan, copy, {"password": self.password, **self.secrets})
        tools = Tools(
            now=lambda: SystemClock().now() + self.skew,
            state=state,
            deadline=self.deadline,
            programs=self.programs,
        )
        return Work(id=os.urandom(16).hex(), plan=plan, copy=copy, repository=repository, tools=tools)

    def run(self, *, accept_size: bool = False) -> BackupRun:
        good = [one for one in self.runs if one.stage is Stage.DONE]
        self.runs.append(running.run(self.work(), last=good[-1] if good else None, accept_size=accept_size))
        return self.runs[-1]

    def good(self) -> BackupRun:
        """Return a run that ended well."""
        made = self.run()
        assert made.stage is Stage.DONE, (made.sentence, made.output)
        return made

    def drill(self) -> DrillRun:
        return drilling.drill(self.work(), runs=tuple(reversed(self.runs)))

    def restore(self, into: Path) -> RestoreRun:
        return restoring.restore(self.work(), Aim(), into=str(into), runs=tuple(reversed(self.runs)))

    def assert_whole(self) -> None:
        """A drill is green, and a restore brings back what is there byte by byte."""
        drill = self.drill()
        assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
        into = self.root / f"back-{os.urandom(4).hex()}"
        back = self.restore(into)
        assert back.stage is Stage.DONE, (back.sentence, back.output)
        assert tree(into / str(self.folder).lstrip("/")) == tree(self.folder)


def filled(folder: Path, files: int = 12, size: int = 60_000) -> Path:
    """Return a folder with files whose content nothing compresses."""
    (folder / "deep").mkdir(parents=True)
    for number in range(files):
        (folder / "deep" / f"{number}.bin").write_bytes(os.urandom(size))
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Return each file below a folder with the hash of its content, links by where they lead."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def packs(repository: Path) -> list[Path]:
    """Return the files of a repository that hold data, the largest first."""
    return largest(repository / "data")


def largest(data: Path) -> list[Path]:
    """Return the files below a folder, the largest first."""
    return sorted((path for path in data.rglob("*") if path.is_file()), key=lambda path: -path.stat().st_size)


def flip(path: Path, share: float = 0.5) -> None:
    """Turn the bits of 8 bytes of a file."""
    path.chmod(0o600)
    body = bytearray(path.read_bytes())
    at = int(len(body) * share)
    body[at : at + FLIPPED] = bytes(byte ^ 0xFF for byte in body[at : at + FLIPPED])
    path.write_bytes(body)
