"""The words of scans: findings and their life, what is scanned and how often, what things are made of."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.finding import Finding, Severity
from vedette.wire.scan import Component, ScanReport, Unknown

ROOM = "scans"
TOPIC = "scans"  # the bus topic that is woken when a target is due at once
LIVE_TOPIC = "live:scans"  # pages look again


class Life(enum.StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    FALSE = "false-positive"


class Outcome(enum.StrEnum):
    """What a scan came to; `blind` could not know, whatever else it found."""

    CLEAN = "clean"
    FOUND = "found"
    BLIND = "blind"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is remembered: what was found last, and its life. `owner` is a user, `due_at` by when it should be fixed.

    `until` ends an acceptance, `reason` is why it was accepted or is no finding.
    """

    id: int
    fingerprint: str
    target: int
    project: int
    host: int
    scanner: str
    finding: Finding
    severity: Severity
    rank: float
    life: Life
    first_at: float
    last_at: float
    reason: str = ""
    until: float | None = None
    owner: int | None = None
    due_at: float | None = None
    fixed_at: float | None = None

    @property
    def name(self) -> str:
        """Return what it is called: its title, and in what where that does not say so."""
        title, subject = self.finding.title, self.finding.subject
        return f"{title} in {subject}" if subject and subject not in title else title


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is scanned: by which scanner, how often, for which project (0: none), by which host (0: this server).

    `every` is in seconds, 0 by hand and by reports that are sent. `options` are the scanner's. `release` is what runs there.
    `matched` is the state of the feeds its bill was last compared with, None where that is still to be done;
    `unsure` is what whoever told it could not know. `location` is the slug of where it is scanned from (empty: here).
    """

    id: int = 0
    scanner: str
    target: str
    name: str = ""
    project: int = 0
    host: int = 0
    every: float = 86_400.0
    enabled: bool = True
    options: Mapping[str, str] = {}
    release: str = ""
    last_at: float | None = None
    outcome: Outcome | None = None
    sentence: str = ""
    next_at: float | None = None
    running_since: float | None = None
    matched: str | None = None
    unsure: tuple[Unknown, ...] = ()
    location: str = ""


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that was made: what it came to, how many findings are open, new, worse and fixed by it, and what it could not know."""

    id: int = 0
    target: int
    at: float
    seconds: float
    outcome: Outcome
    found: int = 0
    new: int = 0
    worse: int = 0
    fixed: int = 0
    unknown: tuple[Unknown, ...] = ()
    facts: Mapping[str, str] = {}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings a list shows: those of a life, narrowed by what is not empty. `owner` 0 is nobody's, None anybody's."""

    life: Life = Life.OPEN
    severity: Severity | None = None
    scanner: str = ""
    project: int | None = None
    host: int | None = None
    target: int | None = None
    owner: int | None = None
    check: str = ""
    text: str = ""


class Line(msgspec.Struct, frozen=True):
    """A line of a finding's history: when, what became of it, by whom (empty: a scan), and why."""

    at: float
    kind: str
    who: str
    text: str


class Week(msgspec.Struct, frozen=True):
    """What must be fixed within seven days: how many, how many of them are late, and the first of them, by rank."""

    count: int
    late: int
    findings: tuple[Known, ...]


class Verdict(msgspec.Struct, frozen=True):
    """What is said first of findings: a sentence, what is said beside it, its tone and icon."""

    title: str
    text: str
    tone: str
    icon: str


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """What a target was made of at a release or an instant; `n` is of how many components, `seen_at` when it was told last."""

    id: int
    target: int
    release: str
    at: float
    seen_at: float
    digest: str
    n: int


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What a process of its own is sent to do for a target (0: for none): a scan, a bill against advisories, feeds anew.

    `kind` is a scanner's, `BILL` or `FEEDS`. `reachable` is what is known of packages (ecosystem, name, whether we get there).
    """

    kind: str
    target: int = 0
    scanner: str = ""
    what: str = ""
    now: float
    feeds: str
    options: Mapping[str, str] = {}
    deadline: float = 600.0
    owned: tuple[str, ...] = ()
    private: bool = False
    components: tuple[Component, ...] = ()
    reachable: tuple[tuple[str, str, bool], ...] = ()
    matched: str = ""


BILL, FEEDS = "bill", "feeds"
SCAN_ORDERS, SCAN_REPORTS = "/api/v1/probe/scan-orders", "/api/v1/probe/scan-reports"


class Handed(msgspec.Struct, frozen=True):
    """What a location is to scan, None where nothing is due."""

    errand: Errand | None = None


class Brought(msgspec.Struct, frozen=True):
    """What a location saw of a target; `at` is the instant of the errand (`Errand.now`) by which it was sent."""

    target: int
    at: float
    report: ScanReport


class Receipt(msgspec.Struct, frozen=True):
    """That what a location brought was taken, and what it came to."""

    outcome: Outcome
