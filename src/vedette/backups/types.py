"""The words of backups: plans of hosts, their runs, drills and restores, and how each stands."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.backup import (
    BackupAct,
    BackupOrder,
    BackupRun,
    Copy,
    DrillRun,
    Plan,
    Proposal,
    RestoreRun,
    Snapshot,
)

ROOM = "backups"
LIVE_TOPIC = "live:backups"
SEAL = "backup"  # the purpose secrets of copies are sealed for


class Health(enum.StrEnum):
    """Whether a plan could be restored now, from worst."""

    RED = "red"  # no backup, a failed one, or one that is not proven within its goal
    AMBER = "amber"  # soon late, or a copy lags
    GREEN = "green"  # saved, restored and looked at within its goals
    OFF = "off"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it is kept: for which host, by whom, from which file (empty: by hand); `revision` counts its changes."""

    id: int
    host: int
    project: int
    plan: Plan
    by: str
    source: str
    changed_at: float
    revision: int = 1


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that no plan keeps any more: what it stored is where it was, and its passwords are here until somebody forgets them.

    `plan` is the number that the plan had, `was` the plan as it was, with this copy alone; `by` took it away.
    """

    plan: int
    host: int
    host_name: str
    was: Plan
    by: str
    left_at: float

    @property
    def copy(self) -> Copy:
        """Return the copy."""
        return self.was.copies[0]

    @property
    def name(self) -> str:
        """Return what is typed to forget its passwords: `plan/copy`."""
        return f"{self.was.name}/{self.copy.name}"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a plan stands: whether it could be restored now, a sentence that says so, and what that rests on.

    `saved_at`, `proven_at` are the last good backup and the last good drill; `rto`, `rpo` are what that drill measured.
    `copies` counts places, `offsite` those in another one.
    """

    known: Known
    health: Health
    sentence: str
    saved_at: float | None = None
    proven_at: float | None = None
    rto: float | None = None
    rpo: float | None = None
    last: BackupRun | None = None
    drill: DrillRun | None = None
    running: BackupRun | DrillRun | RestoreRun | None = None
    next_at: float | None = None
    copies: int = 0
    offsite: int = 0
    media: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Whether everything could be restored now, for the Overview: worst first, with the oldest proof and its time."""

    health: Health
    sentence: str
    plans: int
    proven_at: float | None = None
    rto: float | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An act that somebody asked for, and whether the host was told; it ends with the run it became."""

    id: str
    host: int
    plan: int
    order: BackupOrder
    asked_at: float
    done_at: float | None = None
    why: str = ""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy held when it was last listed."""

    plan: int
    copy: str
    at: float
    snapshots: tuple[Snapshot, ...]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A recovery sheet: all that restores a copy with bare tools. `words` is the password as words, `commands` are by engine."""

    plan: str
    host: str
    copy: str
    engine: str
    at: str
    words: str
    commands: tuple[str, ...]
    secrets: Mapping[str, str] = {}
    made_at: float = 0.0


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent proposes to save on its host, and the engines it has."""

    host: int
    at: float
    found: tuple[Proposal, ...]
    engines: Mapping[str, str]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs a list shows: of a plan, a kind, failed ones alone."""

    plan: int | None = None
    host: int | None = None
    act: BackupAct | None = None
    failed: bool = False
