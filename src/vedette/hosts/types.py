"""The words of hosts: machines with an agent, how one is let in, and what is known of each. Instants are seconds since 1970."""

import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from vedette.wire.agent.types import Audit, BackupTold, Detection, HostChange, Lifted, Orders, ReplayReport
from vedette.wire.agent.types import Decision as Decided
from vedette.wire.backup import BackupOrders
from vedette.wire.hardened import HardeningRun, HardeningTold, InfraOrders, Witnessed
from vedette.wire.scan import ScanReport

ROOM = "hosts"
REVISION, TOPIC = (
    "hosts/revision",
    "hosts",
)  # a key of KV and a topic of the bus: who may speak, or what they are told, changed
LIVE = "live:hosts"
SILENT = 90.0  # seconds after which people are told that a host is not heard of
TOKEN_SECONDS = 3_600.0
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
Infrastructure = HardeningTold | HardeningRun | Witnessed  # what the room of infrastructure takes
Judgement = Detection | Decided | Lifted | ReplayReport  # what intrusions take of a host's reports


class HostState(enum.StrEnum):
    """Whether a host may speak."""

    ACTIVE = "active"
    REVOKED = "revoked"


class Tone(enum.StrEnum):
    """How a host fares, from worst: trouble, soon trouble, fine, or nothing known."""

    CRITICAL = "crit"
    WARNING = "warn"
    FINE = "ok"
    OFF = "off"


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A machine with an agent. `key` is the fingerprint of its public key; `by` let it in.

    `skew` is how many seconds its clock is behind ours, `lost` how many reports it had no room for; `told` says that people
    know of its silence, `rotate` that it is to make a new key. `modes` are what is done with sets of rules.
    """

    id: int
    name: str
    key: str
    by: str
    enrolled_at: float
    state: HostState = HostState.ACTIVE
    heard_at: float | None = None
    version: str = ""
    skew: float = 0.0
    lost: int = 0
    told: bool = False
    rotate: bool = False
    modes: Mapping[str, str] = {}


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A token of enrolment, without its secret: by whom, until when, and what became of it."""

    id: str
    by: str
    created_at: float
    expires_at: float
    used_at: float | None = None
    revoked_at: float | None = None


class Credential(msgspec.Struct, frozen=True):
    """A public key that may speak for a host; `fresh` until it was first used. `revoked` keys may say nothing any more."""

    host: int
    name: str
    public: bytes
    fresh: bool = False
    revoked: bool = False


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a host by our clock: what is to be recorded, with its origin's numbers."""

    host: int
    origin: str
    first: int
    reports: Sequence[object]
    numbers: Sequence[int]
    last: int
    version: str = ""
    skew: float = 0.0
    lost: int = 0
    refused: int = 0
    reason: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a host besides its measures: inventory, last audit, and what is told to be wrong (by kind and subject)."""

    inventory: bytes = b""
    booted_at: float = 0.0
    reboot_required: bool = False
    pending: int = 0
    security: int = 0
    score: float | None = None
    failed: int = 0
    troubles: Mapping[str, str] = {}


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """When something that grows is full: `at` is None when it is not foreseen; `sentence` says so with its figures."""

    subject: str
    used: float
    size: float
    per_day: float
    at: float | None
    sentence: str


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened on a host: a happening, or a change of a file, a port, a user."""

    at: float
    kind: str
    subject: str
    text: str
    severity: str
    explanation: str = ""
    before: str = ""
    after: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a host fares now, for a list: a sentence first, with its last values by series and what is foreseen."""

    host: Host
    tone: Tone
    sentence: str
    facts: Facts
    values: Mapping[str, float] = {}
    measured_at: float | None = None
    forecast: Forecast | None = None


class ActionState(enum.StrEnum):
    """How an action fares that was ordered on a host."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was ordered on a host: for what (`about` is the word of who asks), and what came of it.

    It may begin before `until`. `code` is its exit status where it ran to its end, `why` a sentence, `output` the end of what
    it said.
    """

    id: str
    host: int
    name: str
    about: str
    by: str
    asked_at: float
    until: float
    state: ActionState = ActionState.ASKED
    changed_at: float = 0.0
    code: int | None = None
    why: str = ""
    output: str = ""


class Intrusions(Protocol):
    """What takes detections and decisions of hosts, and knows what each is to enforce; `app/wiring` names it."""

    def accept(self, host: str, reports: Sequence[Judgement], now: float) -> None:
        """Record what a host detected and decided, in the caller's transaction."""
        ...

    def orders(self, host: str, since: str) -> Orders | None:
        """Return what changed for a host since a revision (everything for one that is unknown); None when nothing did."""
        ...


Discovery = Audit | HostChange | ScanReport  # what findings take of a host's reports


class Findings(Protocol):
    """What takes audits, changes and scans of hosts; `app/wiring` names it."""

    def accept(self, host: int, name: str, reports: Sequence[Discovery], now: float) -> None:
        """Take what a host told, in the caller's transaction."""
        ...


class NobodyFinds:
    """Stands for `Findings` where nothing takes what hosts find: it keeps nothing."""

    def accept(self, host: int, name: str, reports: Sequence[Discovery], now: float) -> None:
        """Keep nothing."""


class NobodyJudges:
    """Stands for `Intrusions` where nothing takes what hosts detect: it keeps nothing and orders nothing."""

    def accept(self, host: str, reports: Sequence[Judgement], now: float) -> None:
        """Keep nothing."""

    def orders(self, host: str, since: str) -> Orders | None:  # noqa: ARG002 - the port's shape
        """Return an empty whole, once."""
        return None if since else Orders(revision="0", whole=True)


class Backups(Protocol):
    """What takes what hosts tell of backups, and knows what each is to save; `app/wiring` names it."""

    def accept(self, host: int, name: str, reports: Sequence[BackupTold], now: float) -> None:
        """Take what a host told, in the caller's transaction."""
        ...

    def mark(self, host: int, now: float) -> str:
        """Return what changes with what a host is told; empty where that is nothing."""
        ...

    def orders(self, host: int, now: float) -> BackupOrders:
        """Return all that a host is told."""
        ...


class NobodyBacksUp:
    """Stands for `Backups` where nothing takes them: it keeps nothing and orders nothing."""

    def accept(self, host: int, name: str, reports: Sequence[BackupTold], now: float) -> None:
        """Keep nothing."""

    def mark(self, host: int, now: float) -> str:  # noqa: ARG002 - the port's shape
        """Return that there is nothing."""
        return ""

    def orders(self, host: int, now: float) -> BackupOrders:  # noqa: ARG002 - the port's shape
        """Return nothing."""
        return BackupOrders()


class Infra(Protocol):
    """What takes what hosts tell of hardening and of others, and knows what each is to do; `app/wiring` names it."""

    def accept(self, host: int, name: str, reports: Sequence[Infrastructure], now: float) -> None:
        """Take what a host told, in the caller's transaction."""
        ...

    def mark(self, host: int, now: float) -> str:
        """Return what changes with what a host is told; empty where that is nothing."""
        ...

    def orders(self, host: int, now: float) -> InfraOrders | None:
        """Return all that a host is told; None where nobody wants to hear of it."""
        ...


class NobodyDeploys:
    """Stands for `Infra` where nothing takes it: it keeps nothing, and hosts tell nothing."""

    def accept(self, host: int, name: str, reports: Sequence[Infrastructure], now: float) -> None:
        """Keep nothing."""

    def mark(self, host: int, now: float) -> str:  # noqa: ARG002 - the port's shape
        """Return that there is nothing."""
        return ""

    def orders(self, host: int, now: float) -> InfraOrders | None:  # noqa: ARG002 - the port's shape
        """Return nothing."""
        return None
