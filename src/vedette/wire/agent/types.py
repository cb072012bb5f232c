"""What an agent and the server tell each other: reports one way, orders the other. Instants are seconds since 1970."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.backup import BackupOrders, BackupReport
from vedette.wire.finding import Finding
from vedette.wire.hardened import HardeningRun, HardeningTold, InfraOrders, Witnessed
from vedette.wire.scan import ScanReport


class Measure(enum.StrEnum):
    """What is done about an attacker; `note` does nothing and is shown."""

    BAN = "ban"
    THROTTLE = "throttle"
    CAPTCHA = "captcha"
    NOTE = "note"


class Scope(enum.StrEnum):
    """What a decision is about; networks are written as CIDR, IPv6 clients as their /64."""

    ADDRESS = "address"
    NETWORK = "network"
    USER = "user"
    KEY = "key"


class Sample(msgspec.Struct, frozen=True, tag="sample"):
    """What was measured on a host at an instant: values by series.

    A series is a name with its unit and labels where there are several: `cpu.user.percent`, `disk.used.bytes{/var}`,
    `net.received.bytes_per_second{eth0}`. A value that could not be measured is left out, never zero.
    """

    at: float
    values: Mapping[str, float]


class Process(msgspec.Struct, frozen=True):
    """One of the processes that use the most: percent of one core, resident bytes."""

    pid: int
    name: str
    user: str
    cpu: float
    memory: int


class Processes(msgspec.Struct, frozen=True, tag="processes"):
    """The processes that used the most in the minute before."""

    at: float
    top: tuple[Process, ...]


class Detection(msgspec.Struct, frozen=True, kw_only=True, tag="detection"):
    """A rule was met: by whom, how often, and on what lines it rests (a few, made printable, secrets masked).

    `reason` is a sentence with the figures (`6 failed sign-ins of ssh in 40 s from 198.51.100.7`). `simulated` says that the
    rule's set is not switched on: nothing was done.
    """

    id: str
    at: float
    rule: str
    reason: str
    severity: str
    service: str
    address: str = ""
    user: str = ""
    count: int = 1
    first_at: float = 0.0
    simulated: bool = True
    lines: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}


class Decision(msgspec.Struct, frozen=True, kw_only=True, tag="decision", gc=False):
    """What is done about whom until when, and why; `detection` is the id of what it rests on, empty for a person's."""

    id: str
    scope: Scope
    value: str
    measure: Measure
    at: float
    until: float
    reason: str
    rule: str = ""
    detection: str = ""
    origin: str = ""  # the host that took it, `server`, `person:<name>` or `list:<name>`
    simulated: bool = False


class Lifted(msgspec.Struct, frozen=True, kw_only=True, tag="lifted", gc=False):
    """A decision was ended before its time on a host, and why."""

    at: float
    scope: Scope
    value: str
    reason: str


class HostChange(msgspec.Struct, frozen=True, kw_only=True, tag="change"):
    """Something on a host is not as it was: a file, a port, a user, a setting.

    `kind` says of what (`file`, `nftables`, `sshd`, `sysctl`, `port`, `user`, `sudoers`, `authorized-keys`, `cron`, `unit`,
    `package`), `subject` which one. `explanation` is who or what did it as far as the host tells (a package's upgrade, a
    deploy, a person by sudo), empty when nothing explains it.
    """

    at: float
    kind: str
    subject: str
    before: str = ""
    after: str = ""
    explanation: str = ""
    severity: str = "high"


class Audit(msgspec.Struct, frozen=True, tag="audit"):
    """All findings of one look at a host's hardening, and its score from 0 to 100."""

    at: float
    score: float
    findings: tuple[Finding, ...]


class Package(msgspec.Struct, frozen=True):
    """A package that waits to be updated."""

    name: str
    installed: str
    available: str
    security: bool


class Inventory(msgspec.Struct, frozen=True, kw_only=True, tag="inventory"):
    """What a host is; told at the start, once a day and when it changed."""

    at: float
    hostname: str
    os: str
    kernel: str
    arch: str
    cpus: int
    memory: int
    booted_at: float
    version: str
    addresses: tuple[str, ...] = ()
    pending: tuple[Package, ...] = ()
    reboot_required: bool = False
    failed_units: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}


class Happening(msgspec.Struct, frozen=True, kw_only=True, tag="happened"):
    """Something happened on a host that is no measure: a reboot, an OOM kill, a source of logs that fell silent, lost reports.

    `subject` says of what where there are several (a mount, a unit, a database). What lasts is told to be over with
    `resolved`, of the same kind and subject.
    """

    at: float
    kind: str
    text: str
    severity: str = "info"
    resolved: bool = False
    subject: str = ""


class WouldBan(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody a replay would have banned: by which rules, how often, for how many seconds in all, and on how many lines it rests.

    `innocent` is the sentence why this may be no attacker, empty otherwise.
    """

    address: str
    first_at: float
    last_at: float
    seconds: float
    rules: tuple[str, ...]
    times: int = 1
    lines: int = 0
    innocent: str = ""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True, tag="replayed"):
    """How a replay that was ordered fares: it runs (`state` is running), is done, or failed and why.

    Of those who would have been banned it names some, all that are perhaps innocent first; `would` and `innocents` count all.
    `spared` are never banned: private, allowed. `cut` says what of the logs was not read, empty where all was.
    """

    at: float
    id: str
    state: str
    why: str = ""
    files: int = 0
    lines: int = 0
    bytes: int = 0
    seconds: float = 0.0
    first_at: float = 0.0
    last_at: float = 0.0
    detected: int = 0
    by_rule: Mapping[str, int] = {}
    would: int = 0
    innocents: int = 0
    banned: tuple[WouldBan, ...] = ()
    spared: tuple[str, ...] = ()
    cut: str = ""


class Offer(msgspec.Struct, frozen=True, tag="offers"):
    """All actions that a host's own configuration lets the server order, by name; what they run is never told."""

    at: float
    actions: tuple[str, ...] = ()


class ActionReport(msgspec.Struct, frozen=True, kw_only=True, tag="acted"):
    """How an action that was ordered fares: it runs (`state` is running), is done, or failed.

    `code` is the exit status of what ran to its end (minus the number of a signal that ended it), None where nothing did;
    `why` is a sentence where there is more to say. Of `output` the end is told, without what a terminal would obey.
    """

    at: float
    id: str
    state: str
    code: int | None = None
    why: str = ""
    output: str = ""


class BackupTold(msgspec.Struct, frozen=True, kw_only=True, tag="backup"):
    """How a backup, a drill or a restore fares, what a copy holds, or what should be saved; as it was signed."""

    at: float
    told: BackupReport


Report = (
    Sample
    | Processes
    | Detection
    | Decision
    | Lifted
    | HostChange
    | Audit
    | Inventory
    | Happening
    | ReplayReport
    | Offer
    | ActionReport
    | ScanReport
    | BackupTold
    | HardeningTold
    | HardeningRun
    | Witnessed
)


class ReplayOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A set of rules to be tried on this host's own logs of the last `seconds`; nobody is banned by it."""

    id: str
    set: str
    seconds: float


class ActionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An action that a host offers is to run there once; never after `until`."""

    id: str
    action: str
    until: float


class RuleSetting(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent does with a set of rules: off, simulate (the default) or enforce."""

    mode: str = "simulate"


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told: what changed since a revision, or everything (`whole`).

    `put` are decisions to be enforced, `drop` those to be lifted (`scope:value`). `allow` is the whole allowlist, as CIDR.
    `sets` are modes by set of rules; `never` are addresses that are not banned whatever happens: the server, trusted
    proxies, people who are signed in right now.
    """

    revision: str
    whole: bool = False
    put: tuple[Decision, ...] = ()
    drop: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    sets: Mapping[str, RuleSetting] = {}
    rules: tuple[str, ...] = ()  # own rules as TOML
    rotate: bool = False  # make a new key and tell its public half
    more: bool = False
    replays: tuple[ReplayOrder, ...] = ()  # all that wait to be made
    actions: tuple[ActionOrder, ...] = ()  # all that wait to be run
    backups: BackupOrders | None = None  # None: as before
    infra: InfraOrders | None = None  # None: as before
