"""The words of backups: what an engine and a source promise. Passwords are `Secret`s: they print as ••••."""

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.backup.failing import fix_of
from vedette.wire.backup import (
    Aim,
    Assertion,
    Check,
    Entry,
    Failure,
    Keep,
    Limits,
    Part,
    Progress,
    Proposal,
    Snapshot,
)


class Failed(VedetteError):
    """A backup, drill or restore that came to nothing: why, in a sentence, and the end of what a program said (secrets masked)."""

    def __init__(self, failure: Failure, sentence: str, output: str = "") -> None:
        super().__init__(sentence)
        self.failure, self.fix = failure, fix_of(failure)
        self.output = output


class Secret:
    """A password that is not to be seen: it prints as ••••, and `reveal` is the one way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the password."""
        return self._text

    def __repr__(self) -> str:
        """Return dots."""
        return "••••"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Tell whether it is the same password."""
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        """Return the hash of the password."""
        return hash(self._text)


Tell = Callable[[Progress], None]
"""Told how far it is; may be called often, never blocks. Raises what ends the work at once (`Failed(INTERRUPTED)`)."""


def untold(progress: Progress) -> None:
    """Tell nobody."""


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a piece of work: `now` tells the instant, `state` is a folder of ours (0700) for caches and staging.

    `programs` name other places of programs (`{"borg": Path(…)}`), else the PATH and our own environments are searched.
    """

    now: Callable[[], float]
    state: Path
    programs: Mapping[str, Path] = {}
    tell: Tell = untold
    deadline: float = 6 * 3_600.0  # seconds


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """One place where an engine keeps snapshots: `at` as in a plan's copy, its password, other secrets by name, its settings."""

    name: str  # plan/copy, for messages and folders of state
    at: str
    password: Secret
    secrets: Mapping[str, Secret] = {}
    settings: Mapping[str, object] = {}
    limits: Limits = Limits()


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A PostgreSQL cluster as engines that save it by its files and WAL need it."""

    data: Path
    port: int
    socket: Path
    user: str
    version: str


class Cargo(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be saved as one snapshot: whole paths with patterns of what is left out, or a cluster for engines that take one.

    `steady` are paths of ours (dumps) that nobody changes while they are read.
    """

    plan: str
    paths: tuple[Path, ...] = ()
    excludes: tuple[str, ...] = ()
    one_file_system: bool = False
    steady: tuple[Path, ...] = ()
    cluster: Cluster | None = None
    of_files: int = 0
    of_bytes: int = 0


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine stored: the name of the snapshot; files and bytes read, bytes added; written names it could not read."""

    snapshot: str
    files: int
    read: int
    stored: int
    unread: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # while they were read: stored, perhaps torn
    facts: Mapping[str, str] = {}
    output: str = ""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine brought back below a folder: files and bytes; whole paths lie there without their first slash."""

    root: Path
    files: int
    bytes: int
    output: str = ""


class Level(enum.StrEnum):
    """How much of a repository is read to see whether it is whole."""

    QUICK = "quick"  # it can be opened with the key and the snapshot is listed
    SNAPSHOT = "snapshot"  # all that a snapshot needs is read
    WHOLE = "whole"  # everything is read


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A lock in a repository: who holds it as far as the engine tells (host, process), since when; `text` for a person."""

    host: str
    pid: int
    since: float | None
    text: str
    boot: str = ""


class Store(Protocol):
    """An opened repository. Every method raises `Failed` with the right `Failure`; none ever prints or logs a secret."""

    def create(self) -> bool:
        """Make the repository where there is none; tell whether it was made. Raises WRONG_KEY for one with another password."""
        ...

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        """Store one snapshot. Whatever could not be read is in `unread`; nothing stored is never a success."""
        ...

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        """Return the snapshots, newest first; what an interrupted run left is not among them (or not `whole`)."""
        ...

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        """Read what was stored; raises DAMAGED for what is not as it was written, by reading data and not only indexes."""
        ...

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterable[Entry]:
        """Yield what lies directly below a folder (a written name; empty: the top)."""
        ...

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        """Bring a snapshot or paths of it back below an empty folder; never writes outside of it, whatever the repository holds.

        Called again for the same folder it goes on where it was ended. Owners, modes, times, links, xattrs and ACLs come back where
        the user may set them.
        """
        ...

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        """Remove snapshots of a plan whose time is over, never the newest; return their names."""
        ...

    def lock(self, tools: Tools) -> Held | None:
        """Return who holds the repository."""
        ...

    def unlock(self, tools: Tools) -> None:
        """Break the lock; `unlocking.decide` said that its holder is gone."""
        ...

    def rekey(self, password: Secret, tools: Tools) -> None:
        """Change the repository's password; the old one opens it no more."""
        ...

    def size(self, tools: Tools) -> int:
        """Return how many bytes the repository has."""
        ...

    def by_hand(self, snapshot: str) -> Sequence[str]:
        """Return the lines of a shell that restore with the bare engine and no Vedette, `$PASSWORD` standing for the password."""
        ...


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """One way to keep snapshots: a folder under `instruments/backup/` with an `engine.py` that holds an `ENGINE`.

    `schemes` are those of `at` it understands (empty: a path). `cluster` says that it saves PostgreSQL by its files and WAL.
    `settings` and `secrets` are the names it understands, each with a sentence. `version` raises `Failed(NO_TOOL)`.
    """

    kind: str
    label: str
    about: str
    schemes: tuple[str, ...]
    open: Callable[[Repository, Tools], Store]
    version: Callable[[Tools], str]
    cluster: bool = False
    settings: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    append_only: bool = False  # targets can be made so that a thief of the host cannot remove


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What a source hands to an engine, with its witness taken at that moment."""

    part: Part
    paths: tuple[Path, ...] = ()
    excludes: tuple[str, ...] = ()
    one_file_system: bool = False
    steady: tuple[Path, ...] = ()
    cluster: Cluster | None = None


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Where a drill proves one source: `root` holds what came back (whole paths without their first slash), `scratch` is ours.

    `part` is what the source was when it was saved, `asserts` are the plan's own. `only` are the written names of folders and
    files that were asked of the engine where it was not all (a rolling sample); a source's own dump always comes back.
    """

    root: Path
    scratch: Path
    part: Part
    tools: Tools
    asserts: tuple[Assertion, ...] = ()
    only: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be saved: a folder under `instruments/backup/what/` with a `source.py` that holds a `SOURCE`.

    `settings` is the struct of a plan's settings (unknown keys are refused). `gather(settings, staging, tools)` looks whether
    it is there, dumps what has to be dumped below the empty folder `staging`, and takes its part of the manifest in the same
    moment; it raises SOURCE_MISSING or SOURCE_EMPTY. `prove(settings, bench)` says what a drill found; `put_back(settings,
    bench, into)` restores it to a place (None: where it was) and says what was done. `propose(root)` finds what is on a host.
    """

    kind: str
    label: str
    about: str
    settings: type[msgspec.Struct]
    gather: Callable[[msgspec.Struct, Path, Tools], Gathered]
    prove: Callable[[msgspec.Struct, Bench], tuple[Check, ...]]
    put_back: Callable[[msgspec.Struct, Bench, Path | None], tuple[Check, ...]]
    propose: Callable[[Path], tuple[Proposal, ...]]
