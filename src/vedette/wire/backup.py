"""Backups as they are planned and told: plans, what a run stored, what a drill proved. Instants are seconds since 1970.

Names of files are bytes on a disk and text here: `core.names.written` escapes what is no UTF-8 or cannot be printed.
"""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.backup_plan import (
    DAY,
    Assertion,
    Copy,
    Drills,
    Goals,
    Hook,
    Keep,
    Limits,
    Plan,
    Schedule,
    What,
)

__all__ = [
    "DAY", "Aim", "Assertion", "BackupAct", "BackupOrder", "BackupOrders", "BackupReport", "BackupRun", "Check", "Copy", "DrillRun", "Drills",
    "Entry", "Failure", "Goals", "Guest", "Hook", "Keep", "Limits", "Manifest", "Part", "Plan", "Progress", "Proposal", "Proposals", "RestoreRun",
    "Sampled", "Schedule", "Settled", "Shelf", "Signature", "Snapshot", "Stage", "Table", "What",
]  # fmt: skip


class Failure(enum.StrEnum):
    """Why a run, a drill or a restore failed; what to do about each stands in `instruments/backup/failing.py`."""

    SOURCE_MISSING = "source-missing"  # what is to be saved is not there, or does not answer
    SOURCE_EMPTY = "source-empty"
    SHRANK = "shrank"  # much less than the last time
    PARTIAL = "partial"  # some of it could not be read
    HOOK = "hook"  # what runs before or after failed or hung
    TARGET_MISSING = "target-missing"
    TARGET_FULL = "target-full"
    WRONG_KEY = "wrong-key"
    LOCKED = "locked"  # somebody is at work there
    STALE_LOCK = "stale-lock"  # somebody was, and is proven gone
    NETWORK = "network"
    DAMAGED = "damaged"  # the repository is not as it was written
    CLOCK = "clock"  # time went backwards
    INTERRUPTED = "interrupted"  # it was killed, or the host went down
    TIMEOUT = "timeout"
    UNCONFIRMED = "unconfirmed"  # live data would be overwritten, and nobody typed its name
    AIM = "aim"  # what is to be restored is not there, or cannot be
    NOT_PROVEN = "not-proven"  # what came back is not what was saved
    NO_TOOL = "no-tool"  # the engine or a database's own program is not installed
    ENGINE = "engine"  # the engine failed in a way of its own
    REFUSED = "refused"  # the host's own configuration does not allow it


class Sampled(msgspec.Struct, frozen=True):
    """A file of which the hash is remembered: its written name, bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


class Table(msgspec.Struct, frozen=True):
    """A table, collection or key space, and how many rows it had."""

    name: str
    rows: int


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one source was at the moment it was saved: the witness that a drill is held against.

    `names` hashes the list of all names and sizes; `schema` hashes how tables are made; `facts` are the source's own (a
    position of the WAL, a server's version); `unread` are written names that could not be read.
    """

    what: str  # kind, or kind/name
    files: int = 0
    bytes: int = 0
    names: str = ""
    samples: tuple[Sampled, ...] = ()
    tables: tuple[Table, ...] = ()
    schema: str = ""
    sequences: Mapping[str, int] = {}
    facts: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds by the sources' own word, taken while it was made."""

    at: float
    parts: tuple[Part, ...] = ()

    @property
    def files(self) -> int:
        """Return how many files there are."""
        return sum(part.files for part in self.parts)

    @property
    def bytes(self) -> int:
        """Return how many bytes they have."""
        return sum(part.bytes for part in self.parts)


class Stage(enum.StrEnum):
    """How far something is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run, drill or restore is. `step` is a sentence; totals are 0 where they are not known, `eta` seconds then None."""

    step: str
    files: int = 0
    bytes: int = 0
    of_files: int = 0
    of_bytes: int = 0
    eta: float | None = None


class Signature(msgspec.Struct, frozen=True):
    """Who vouches for a report: an Ed25519 key (base64) over the report's MessagePack without its signature (base64)."""

    key: str
    text: str


class BackupRun(msgspec.Struct, frozen=True, kw_only=True, tag="backup-run"):
    """A backup that was made, or is being made: of a plan to one of its copies. Without `snapshot` nothing was stored.

    `sentence` says what came of it, `fix` what to do. `read` bytes were looked at, `stored` were added to the repository.
    `removed` are snapshots whose time was over. `verified` says that what was stored was read back and is whole.
    """

    id: str
    plan: str
    copy: str
    engine: str
    began_at: float
    ended_at: float | None = None
    stage: Stage = Stage.RUNNING
    failure: Failure | None = None
    sentence: str = ""
    fix: str = ""
    snapshot: str = ""
    files: int = 0
    read: int = 0
    stored: int = 0
    repository: int = 0  # bytes it has now
    verified: bool = False
    removed: tuple[str, ...] = ()
    manifest: Manifest | None = None
    progress: Progress | None = None
    output: str = ""  # the end of what the engine said, secrets masked
    signature: Signature | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Something a drill looked at: whether it is as it was saved, and a sentence with both figures."""

    name: str
    passed: bool
    text: str = ""
    seconds: float = 0.0


class DrillRun(msgspec.Struct, frozen=True, kw_only=True, tag="backup-drill"):
    """A backup that was restored and looked at, or is being. `rto` seconds passed until it could be used, `rpo` would be lost.

    `share` is how much of it was restored and read (0 to 1); `coverage` how much within the plan's `whole_days`.
    """

    id: str
    plan: str
    copy: str
    engine: str
    snapshot: str
    saved_at: float
    began_at: float
    ended_at: float | None = None
    stage: Stage = Stage.RUNNING
    failure: Failure | None = None
    sentence: str = ""
    fix: str = ""
    rto: float | None = None
    rpo: float | None = None
    checks: tuple[Check, ...] = ()
    files: int = 0
    bytes: int = 0
    share: float = 1.0
    coverage: float = 1.0
    progress: Progress | None = None
    output: str = ""
    signature: Signature | None = None


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be restored: a snapshot (empty: the last), all or some paths (written names), to an instant or before a transaction.

    `before` is an instant that must not be in it any more, `transaction` one that must not; both for point-in-time recovery
    alone.
    """

    snapshot: str = ""
    paths: tuple[str, ...] = ()
    what: str = ""
    before: float | None = None
    transaction: int | None = None


class RestoreRun(msgspec.Struct, frozen=True, kw_only=True, tag="backup-restore"):
    """Something that was brought back, or is being, to `into` on the host (empty: where it was)."""

    id: str
    plan: str
    copy: str
    aim: Aim
    into: str
    by: str
    began_at: float
    ended_at: float | None = None
    stage: Stage = Stage.RUNNING
    failure: Failure | None = None
    sentence: str = ""
    fix: str = ""
    files: int = 0
    bytes: int = 0
    checks: tuple[Check, ...] = ()
    progress: Progress | None = None
    output: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A backup as a repository lists it: its name there, when it was made, of which plan; sizes are 0 where they are not told."""

    name: str
    at: float
    plan: str = ""
    files: int = 0
    bytes: int = 0
    whole: bool = True


class Entry(msgspec.Struct, frozen=True):
    """A file, folder or other thing in a snapshot: its written name, kind (file, folder, link, other), bytes, when it was changed."""

    name: str
    kind: str
    size: int
    at: float


class Shelf(msgspec.Struct, frozen=True, kw_only=True, tag="backup-shelf"):
    """All snapshots of a copy, newest first; `entries` are what lies in one below a folder, where that was asked by `id`."""

    at: float
    plan: str
    copy: str
    snapshots: tuple[Snapshot, ...] = ()
    id: str = ""
    below: str = ""
    entries: tuple[Entry, ...] = ()
    why: str = ""  # why it could not be listed


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Something on a host that should be saved and how; `sentence` says what was found, with its size where that is known."""

    what: What
    sentence: str
    bytes: int = 0


class Proposals(msgspec.Struct, frozen=True, kw_only=True, tag="backup-proposals"):
    """All that an agent found on its host, and the engines that are installed there (kind and version)."""

    at: float
    found: tuple[Proposal, ...] = ()
    engines: Mapping[str, str] = {}


class Settled(msgspec.Struct, frozen=True, kw_only=True, tag="backup-settled"):
    """An act that ended without a run of its own: a lock that was broken or not, a password that was changed, an order that is refused.

    With an empty `id` it is of the plan itself: the host does not take it (`failure`), or does so now. `fix` says what to do.
    """

    id: str
    plan: str
    copy: str
    at: float
    failure: Failure | None = None
    sentence: str = ""
    fix: str = ""


BackupReport = BackupRun | DrillRun | RestoreRun | Shelf | Proposals | Settled


class BackupAct(enum.StrEnum):
    """What a host is to do with a plan at once."""

    RUN = "run"
    DRILL = "drill"
    RESTORE = "restore"
    UNLOCK = "unlock"
    LIST = "list"
    REKEY = "rekey"


class BackupOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An act that was asked for; never begun after `until`. `into`, `aim` and `confirmed` are those of a restore.

    `confirmed` is the name of what live data is overwritten, as the person typed it.
    """

    id: str
    act: BackupAct
    plan: str
    copy: str = ""
    until: float = 0.0
    by: str = ""
    aim: Aim = Aim()
    into: str = ""
    confirmed: str = ""
    below: str = ""


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """A plan of another host that this one proves: its copies are drilled here, and nothing else is done with them.

    `saved` is when each copy was last saved well as the plan is now. No plan that a host is told has the name of another.
    """

    host: str
    plan: Plan
    saved: Mapping[str, float] = {}


class BackupOrders(msgspec.Struct, frozen=True, kw_only=True):
    """All plans of a host and all acts that wait there; `secrets` are by copy (`plan/copy`) and name (`password`, `access_key`).

    `previous` is the password that a repository may still have, while it is being changed.
    """

    plans: tuple[Plan, ...] = ()
    guests: tuple[Guest, ...] = ()
    secrets: Mapping[str, Mapping[str, str]] = {}
    asked: tuple[BackupOrder, ...] = ()
