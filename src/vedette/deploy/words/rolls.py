"""The words of rolls: what is rolled out to whom, and how far it is."""

import enum
from collections.abc import Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.hetzner.types import Behind


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
