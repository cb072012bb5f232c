"""The words of desired state: what files say should be at Hetzner, and how what is there becomes that."""

import enum
from collections.abc import Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.hetzner.types import Behind
from vedette.wire.infra import Hardening, Intent, Judged, Ref, Thing

ROOM = "deploy"


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """What files say of one project: its things, its groups of addresses by name, what must be true, how hosts are hardened, and rolls by name."""

    project: str
    things: tuple[Thing, ...]
    groups: Mapping[str, tuple[str, ...]] = {}
    intents: tuple[Intent, ...] = ()
    harden: Hardening = Hardening()
    rolls: Mapping[str, "RollSaid"] = {}
    files: tuple[str, ...] = ()


class Act(enum.StrEnum):
    """What is done to a thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class DangerKind(enum.StrEnum):
    """Why a change is to be looked at twice."""

    LOCKOUT = "lockout"  # nobody can sign in over SSH any more
    EXPOSURE = "exposure"  # something is reachable from the internet that was not
    DATA_LOSS = "data-loss"
    EGRESS = "egress"  # a first rule for what leaves turns everything else off
    DOWNTIME = "downtime"


class Danger(msgspec.Struct, frozen=True, kw_only=True):
    """A danger of a change, in a sentence."""

    kind: DangerKind
    text: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: of which field (`rules`), `+`, `-` or `~`, and what was and is to be, as people read it."""

    field: str
    sign: str
    before: str = ""
    after: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to one thing, after which others, and why. `wave` orders: a wave begins when the one before is done."""

    act: Act
    ref: Ref
    before: Thing | None = None
    after: Thing | None = None
    lines: tuple[Line, ...] = ()
    reason: str = ""
    needs: tuple[Ref, ...] = ()
    wave: int = 0
    dangers: tuple[Danger, ...] = ()
    monthly: str = "0"  # by how much the month becomes dearer (a decimal, net)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What of a plan is wanted: only these things (`server/web-1`, `web-*`) and what they wait for, or to remove everything of ours;
    `unprotect` lets what is protected go."""

    targets: tuple[str, ...] = ()
    destroy: bool = False
    unprotect: bool = False


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """How what is there becomes what should be: changes in order, what is foreign and left alone, and what a month costs.

    `digest` is of the live state it was made against: `apply` refuses one that is out of date.
    """

    project: str
    at: float
    digest: str
    changes: tuple[Change, ...] = ()
    foreign: tuple[Ref, ...] = ()
    notes: tuple[str, ...] = ()
    before: str = "0"
    after: str = "0"
    currency: str = "EUR"
    requests: int = 0

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """Return all dangers."""
        return tuple(danger for change in self.changes for danger in change.dangers)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one change of a plan: done, or why not. `seconds` is how long it took."""

    act: Act
    ref: Ref
    problem: str = ""
    seconds: float = 0.0


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan: its steps, and what was not begun because something before it failed."""

    steps: tuple[Step, ...] = ()
    left: tuple[Ref, ...] = ()
    requests: int = 0

    @property
    def problems(self) -> tuple[Step, ...]:
        """Return what failed."""
        return tuple(step for step in self.steps if step.problem)


class Hands(Protocol):
    """Runs a script of a shell on the machine at an address and returns what it printed.

    `told` are variables that the script finds. Raises `Unavailable` where it failed, did not end in time or could not be begun.
    """

    def run(self, address: str, script: str, told: Mapping[str, str], timeout: float) -> str:
        """Run it to its end."""
        ...


class RollError(VedetteError):
    """Something of a roll did not succeed on one of its targets, and why."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A server of a roll: its name, the address by which it is spoken to, and how it stands behind load balancers."""

    name: str
    address: str
    behind: tuple[Behind, ...] = ()


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """What is rolled out, and with how much care.

    `do` and `undo` are commands of a shell, `unit` is a systemd unit that is restarted after either and must stay active.
    `health` is a URL with `{address}` and `{name}` in it, answered with 2xx by who is healthy. `keep` is how many stay healthy
    behind the load balancer at any time (None: all but a batch); the first batch has `first`, those after it `batch` targets.
    `drain` is how long open connections may end after a target is taken out, `settle` how long it must stay healthy once it
    is back, `patience` how long it may take to become so, `interval` the time between two looks at that: seconds.
    Commands find `version`, what goes out, as $VEDETTE_VERSION.
    """

    do: str = ""
    undo: str = ""
    unit: str = ""
    health: str = ""
    keep: int | None = None
    first: int = 1
    batch: int = 1
    drain: float = 10.0
    settle: float = 5.0
    patience: float = 120.0
    interval: float = 1.0
    version: str = ""


class RollSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A roll that files give a name: what it is, to whom it goes and how these are reached, and which project of a Vedette is told of it.

    `hosts` are addresses by name; `ssh` is who signs in there, `local` has commands run on this machine.
    """

    roll: Roll = Roll()
    balancer: str = ""
    hosts: Mapping[str, str] = {}
    ssh: str = ""
    ssh_port: int = 0
    local: bool = False
    send: str = ""
    project: str = ""
    environment: str = ""


class Verb(enum.StrEnum):
    """What is done to a target."""

    OUT = "take out"
    CHANGE = "change"
    UNDO = "undo"
    CHECK = "check"
    JOIN = "put back"


class Order(msgspec.Struct, frozen=True):
    """One thing to do to one target, by its name."""

    verb: Verb
    target: str


class Seat(enum.StrEnum):
    """Whether a target is behind the load balancer; unsure while it is put back or taken out, or where that failed."""

    IN = "in"
    OUT = "out"
    UNSURE = "unsure"


class Version(enum.StrEnum):
    """What runs on a target; mixed while it is changed or undone, or where that failed."""

    OLD = "old"
    NEW = "new"
    MIXED = "mixed"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far one target is. `proven` says that it was seen healthy as it is; `stuck` why what was asked of it
    last failed: it turns the roll, and on the way back gives this target up."""

    name: str
    seat: Seat = Seat.IN
    version: Version = Version.OLD
    proven: bool = False
    stuck: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a roll is: its targets in their order, and why it goes back (nothing: it goes forward)."""

    targets: tuple[Standing, ...]
    back: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next: orders, side by side; or to turn back, and why; or nothing, when it is over."""

    orders: tuple[Order, ...] = ()
    turn: str = ""


class Happened(enum.StrEnum):
    """What a line of a roll's journal says."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    TURNED = "turned"  # it goes back from here on


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened in a roll, as its journal keeps it."""

    what: Happened
    verb: Verb | None = None
    target: str = ""
    reason: str = ""
    at: float = 0.0


class Rolled(msgspec.Struct, frozen=True, kw_only=True):
    """How a roll ended: where its targets are, and why it went back, if it did."""

    targets: tuple[Standing, ...]
    back: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether all targets are of one mind: all new, or all back as they were."""
        version = Version.OLD if self.back else Version.NEW
        return all(each.seat is Seat.IN and each.version is version for each in self.targets)


class RollPlanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a roll would do, as people read it: to whom, and where one that was stopped stands."""

    targets: tuple[Target, ...]
    progress: Progress
    text: str


class Shield(msgspec.Struct, frozen=True, kw_only=True):
    """What is tightened on a host while it is under attack.

    `ports` are those of the web (TCP and UDP); no other port is touched. Of `front` (the load balancer's addresses) everything is
    let in; with `only_front` nobody else is, otherwise each address may open `rate` connections a second, `burst` at once (an IPv6
    network of /64 counts as one). `policy` is the file of the guard's policy, which gets a limit of `requests` a minute for each
    client; `reload` is the command by which the application reads it again.
    """

    ports: tuple[int, ...] = (80, 443)
    front: tuple[str, ...] = ()
    only_front: bool = False
    rate: int = 20
    burst: int = 40
    policy: str = ""
    reload: str = ""
    requests: int = 60


class Stand(enum.StrEnum):
    """How a defence is: it holds, it is open, nobody can tell from here, or somebody else keeps it and says so."""

    OPEN = "open"
    UNKNOWN = "unknown"
    GIVEN = "given"
    HELD = "held"


class Defence(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of what holds a flood back: whose it is, how it stands in a sentence, and how that is known."""

    layer: str
    stand: Stand
    sentence: str
    known: str


class Besieged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a host is under attack by its own word: until when (0: not), and what holds a flood back there."""

    host: str
    until: float = 0.0
    defences: tuple[Defence, ...] = ()


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a project is as its files say: what differs, as a plan, and which intents hold.

    `odd` are ports that answer or do not although rules say otherwise; `tried` tells in a sentence what connections were tried,
    `untried` what could not be, and why.
    """

    planned: Planned
    intents: tuple[Judged, ...] = ()
    odd: tuple[str, ...] = ()
    tried: str = ""
    untried: tuple[str, ...] = ()


class Way(enum.StrEnum):
    """How something is not as the files say."""

    CHANGED = "changed"
    GONE = "gone"
    UNSAID = "unsaid"  # it bears our mark, and no file says it
    FOREIGN = "foreign"  # it came since the last look, and nobody says it


class Side(enum.StrEnum):
    """Which side moved since both were alike: Hetzner's, the files', both, or nobody knows."""

    CLOUD = "cloud"
    FILES = "files"
    BOTH = "both"
    UNKNOWN = "unknown"


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the files say: how it differs from them (`lines`: what they say, and what is there).

    Between the instants `after` (when it was last seen as it should be, 0: never) and `until` (when it was first seen otherwise)
    it moved. `when` is the instant of Hetzner's last action on it since, and `command` the last few of them (empty: Hetzner tells of none).
    `by` is who did it, as far as anybody knows.
    """

    ref: Ref
    way: Way
    side: Side
    lines: tuple[Line, ...] = ()
    after: float = 0.0
    until: float = 0.0
    when: float = 0.0
    command: str = ""
    by: str = ""


class Drifted(msgspec.Struct, frozen=True, kw_only=True):
    """All of a project that is not as the files say. `drifts` moved at Hetzner, or nobody knows where; `pending` in the files alone:
    an apply makes it so. `unread` are kinds of which nobody knows."""

    project: str
    at: float
    drifts: tuple[Drift, ...] = ()
    pending: tuple[Drift, ...] = ()
    unread: Mapping[str, str] = {}
    requests: int = 0


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """Files that say what is there: new texts by name, which things they say now, and which could not be said, each with why."""

    texts: Mapping[str, str] = {}
    done: tuple[Ref, ...] = ()
    left: Mapping[Ref, str] = {}
