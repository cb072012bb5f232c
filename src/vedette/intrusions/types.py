"""The words of intrusions: what hosts and guards detected, who is banned, who never is, and what others say about whom."""

import enum
from collections.abc import Mapping
from typing import Protocol

import msgspec

from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Detection, Measure, ReplayReport

ROOM = "intrusions"
GROUP = "intrusions"  # as this room's consumer is known in the journal
REVISION, TOPIC = "intrusions/revision", "intrusions"  # a key of KV and a topic of the bus: the feed changed
LIVE = "live:intrusions"
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
MOST_BANS = 200_000  # that stand at once
GUARD = "guard"  # the set of rules that is about what guards tell
MODES = ("off", "simulate", "enforce")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A detection as it is kept: its number, where (a host, or `app:<project>` for a guard's), and whom it is about."""

    id: int
    place: str
    value: str
    detection: Detection


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A decision somebody took: a host, a person, this server. `ended_at` is None while nobody ended it early."""

    id: int
    target: Target
    measure: Measure
    at: float
    until: float
    reason: str
    origin: str
    rule: str = ""
    detection: str = ""
    simulated: bool = False
    ended_at: float | None = None
    ended_why: str = ""


class Ban(msgspec.Struct, frozen=True):
    """What is in force about a target, of all that is claimed: the claim that lasts longest. `until` 0: it was lifted.

    `seq` is the place of its last change among all changes.
    """

    seq: int
    target: Target
    measure: Measure
    at: float
    until: float
    reason: str
    rule: str
    origin: str


class Delta(msgspec.Struct, frozen=True):
    """What changed since a place among changes; `whole` says that `put` is the beginning of everything."""

    seq: int
    put: tuple[Ban, ...]
    drop: tuple[Target, ...]
    whole: bool = False
    more: bool = False


class Attacker(msgspec.Struct, frozen=True, kw_only=True):
    """Who attacks what: an address or network with its detections of some time, and what is done about it."""

    value: str
    detections: int
    count: int
    places: tuple[str, ...]
    rules: tuple[str, ...]
    services: tuple[str, ...]
    first_at: float
    last_at: float
    severity: str
    sentence: str
    ban: Ban | None = None
    simulated: bool = False


class Allowed(msgspec.Struct, frozen=True):
    """A network of the allowlist: by whom, since when, and who that is."""

    network: str
    by: str
    at: float
    note: str


class Blocklist(msgspec.Struct, frozen=True, kw_only=True):
    """A list of others: a file or a URL, read every so many seconds; what it names is banned for `lasts` seconds after that.

    `problem` says why the last reading failed: what was read before stands until it is over.
    """

    id: int
    name: str
    source: str
    every: float
    lasts: float
    by: str
    enabled: bool = True
    checked_at: float | None = None
    read_at: float | None = None
    entries: int = 0
    left: int = 0
    problem: str = ""


class Tally(msgspec.Struct, frozen=True):
    """What a rule found in some time: how often, about how many targets, and how many of that only simulated."""

    rule: str
    detections: int
    targets: int
    simulated: int
    last_at: float


class ReplayState(enum.StrEnum):
    """How a replay fares on its host."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A set of rules that is tried on a host's own logs of the last `seconds`: who asked, how it fares, and what came of it."""

    id: str
    host: str
    set: str
    seconds: float
    by: str
    asked_at: float
    state: ReplayState
    changed_at: float
    report: ReplayReport | None = None


class Shown(msgspec.Struct, frozen=True):
    """What a file of the user's knows of an address: country, place, and whose network it is."""

    country: str = ""
    place: str = ""
    network: str = ""


class Knows(Protocol):
    """What the house knows beyond this room; `app/wiring` names it."""

    def people(self, address: str, now: float) -> tuple[str, ...]:
        """Return names of real users who were seen at an address lately."""
        ...

    def set_of(self, rule: str) -> str:
        """Return the set that a rule is in, empty for one that is unknown."""
        ...

    def modes_of(self, host: str) -> Mapping[str, str]:
        """Return what a host does with sets of rules, where it is told something of its own."""
        ...


class KnowsNothing:
    """Stands for `Knows` where nobody tells."""

    def people(self, address: str, now: float) -> tuple[str, ...]:  # noqa: ARG002 - the port's shape
        """Return nobody."""
        return ()

    def set_of(self, rule: str) -> str:  # noqa: ARG002 - the port's shape
        """Return nothing."""
        return ""

    def modes_of(self, host: str) -> Mapping[str, str]:  # noqa: ARG002 - the port's shape
        """Return nothing."""
        return {}
