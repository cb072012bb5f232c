"""The words of monitors: what is watched, when, what was found, and where it stands."""

import enum
from collections.abc import Mapping

import msgspec

ROOM = "monitors"
HEARTBEAT = "heartbeat"  # the kind of monitors that are not checked but heard of
HERE = "here"  # how this installation is called among locations; results name it by nothing
REVISION = "monitors/revision"  # the KV key that changes with every change of a monitor
TOPIC = "monitors"  # the bus topic that is woken after such a change was committed, and when pings were taken
GROUP = "monitors"  # the consumer group of the journal that reads heartbeats
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


class State(enum.StrEnum):
    """Where a monitor stands; `waiting` until something was heard, `unknown` while nothing can be told."""

    WAITING = "waiting"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Reading(enum.StrEnum):
    """What one check found: it answers, it answers slowly, it does not, or nothing can be told."""

    GOOD = "good"
    SLOW = "slow"
    BAD = "bad"
    UNKNOWN = "unknown"


class Every(msgspec.Struct, frozen=True, kw_only=True, tag="every", tag_field="kind"):
    """A schedule of one time each `seconds`."""

    seconds: float


class Cron(msgspec.Struct, frozen=True, kw_only=True, tag="cron", tag_field="kind"):
    """A schedule of five fields as cron reads them, by the wall clock of `zone`."""

    expression: str
    zone: str = "UTC"


class OnCalendar(msgspec.Struct, frozen=True, kw_only=True, tag="oncalendar", tag_field="kind"):
    """A schedule as systemd writes timers, one expression a line; a zone at a line's end goes before `zone`."""

    expression: str
    zone: str = "UTC"


Schedule = Every | Cron | OnCalendar


class Time(msgspec.Struct, frozen=True):
    """An instant a schedule names (None when none comes any more), and in words."""

    at: float | None
    reason: str


class PingKind(enum.StrEnum):
    """What a heartbeat says: done, begun, failed, or only a line for the log."""

    SUCCESS = "success"
    START = "start"
    FAIL = "fail"
    LOG = "log"


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """One heartbeat as it was heard at `at`, by our own clock. `run` tells overlapping runs apart; `code` is an exit status."""

    kind: PingKind
    at: float
    run: str = ""
    code: int | None = None


class Rhythm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When heartbeats are due, how many seconds of grace they have, and how long a run may take (as the grace, if None)."""

    schedule: Schedule
    grace: float
    longest: float | None = None


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a job by its heartbeats.

    `last` is when it last succeeded or failed, `failed` which of these; `runs` are the runs that have begun and not
    ended, each with when; `missed` is set from a missed deadline to the next sign of life.
    """

    last: float | None = None
    failed: bool = False
    missed: bool = False
    runs: tuple[tuple[str, float], ...] = ()
    lasted: float | None = None


class Blind(msgspec.Struct, frozen=True):
    """A time in which nothing could be heard: Vedette did not run, or its clock jumped."""

    start: float
    end: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found, as far as a verdict asks: `ms` in milliseconds, `expires` the end of the certificate."""

    at: float
    reading: Reading
    cause: str = ""
    sentence: str = ""
    ms: float | None = None
    expires: float | None = None


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How much is borne: failures in a row until it is down, successes until it is up, slow ones until it is degraded.

    `retry` is how many seconds after a failure that does not settle it yet the next check comes. It flaps when it changed
    six times within `window` seconds.
    """

    failures: int = 2
    successes: int = 1
    slow: int = 3
    retry: float = 20.0
    window: float = 1_800.0


_HEARD_ONCE = Tolerance(failures=1)


class Told(enum.StrEnum):
    """What people were last told of a monitor."""

    NOTHING = "nothing"
    DOWN = "down"
    UP = "up"
    FLAPPING = "flapping"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a monitor stands, since when, why, and what counts towards the next change.

    `heard` is when it was last checked, `doubt` when the failures in a row began. `flips` are its last changes between up
    and down; `told` is what people heard last, so that a restart or a maintenance tells nothing twice.
    """

    state: State = State.WAITING
    since: float = 0.0
    reason: str = ""
    cause: str = ""
    failures: int = 0
    successes: int = 0
    slow: int = 0
    unknown: int = 0
    heard: float | None = None
    doubt: float | None = None
    flips: tuple[float, ...] = ()
    flapping: bool = False
    told: Told = Told.NOTHING


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict: the standing after a check, what people are to be told now (None for nothing), and why.

    `retry` says that the next check comes early.
    """

    standing: Standing
    tell: Told | None
    reason: str
    retry: bool = False


class Once(msgspec.Struct, frozen=True, kw_only=True, tag="once", tag_field="kind"):
    """A maintenance from one instant to another."""

    starts: float
    ends: float
    why: str = ""


class Weekly(msgspec.Struct, frozen=True, kw_only=True, tag="weekly", tag_field="kind"):
    """A maintenance on `days` of each week (0 is Monday), from `start` (`HH:MM`) for `minutes`, by the wall clock of `zone`."""

    days: tuple[int, ...]
    start: str
    minutes: int
    zone: str = "UTC"
    why: str = ""


class ByCron(msgspec.Struct, frozen=True, kw_only=True, tag="cron", tag_field="kind"):
    """A maintenance that begins as cron says and lasts `minutes`."""

    expression: str
    minutes: int
    zone: str = "UTC"
    why: str = ""


Maintenance = Once | Weekly | ByCron


class Vote(msgspec.Struct, frozen=True):
    """What one location last found, and when; how often in a row it failed or was fine there, and how slow it was of late.

    What is unknown neither breaks nor lengthens a row.
    """

    location: str
    reading: Reading
    at: float
    failures: int = 0
    successes: int = 0
    slow: int = 0


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps single checks from telling anything: Vedette is offline, or the resolver many share is at fault.

    `reason` is a sentence; empty when all is well. `causes` are the causes that tell nothing then, every one when empty.
    """

    reason: str = ""
    causes: frozenset[str] = frozenset()


class Sighting(msgspec.Struct, frozen=True):
    """One monitor's last check as the surroundings are judged by."""

    monitor: int
    at: float
    good: bool
    cause: str = ""
    canary: bool = False


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of a certificate: its end, and the days of the thresholds people heard of."""

    expires: float | None = None
    told: tuple[int, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """From when on a monitor was in a state."""

    at: float
    state: State


class Uptime(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds up, down and not known of a time, the share that it was up (None when nothing is known), and in words."""

    up: float
    down: float
    unknown: float
    share: float | None
    reason: str


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """An objective's error budget in seconds: what it allows in its window, what is spent, and in words."""

    allowed: float
    spent: float
    reason: str

    @property
    def left(self) -> float:
        """Return the seconds that are left; below zero when it is overspent."""
        return self.allowed - self.spent


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a window of `days` a monitor shall be up, as a share: 0.999."""

    target: float
    days: int = 30


class Config(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a monitor is watched.

    `interval` is in seconds, `request` (JSON) what the probe of its kind is asked, `rhythm` that of a heartbeat. Slower
    than `slow` milliseconds is degraded; what is borne without `tolerance` depends on the kind. `agree` of its `locations` (slugs, `here` among them; none: here alone) must find it down. `parents` are the ids of what it depends on.
    """

    interval: float = 60.0
    request: msgspec.Raw = msgspec.Raw(b"{}")
    rhythm: Rhythm | None = None
    tolerance: Tolerance | None = None
    slow: float | None = None
    agree: int = 1
    locations: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    objective: Objective | None = None
    canary: bool = False
    tags: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Return where it is checked from, as results name it."""
        return tuple("" if one == HERE else one for one in self.locations) or ("",)


class Monitor(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is watched.

    `key` (32 hex digits) is the address of its heartbeats, `slug` its human key, which never changes; `project` is 0 for
    none, `source` the file it is written in. Secrets are not in it.
    """

    id: int
    key: str
    project: int
    slug: str
    name: str
    kind: str
    config: Config
    paused: bool
    source: str
    created_at: float
    updated_at: float

    @property
    def tolerance(self) -> Tolerance:
        """Return how much is borne: a heartbeat that is missed is missed, a check that fails is checked again."""
        return self.config.tolerance or (_HEARD_ONCE if self.kind == HEARTBEAT else Tolerance())


class MonitorDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor as somebody asks for it. `secrets` are sealed; None leaves those there are.

    `key` is the address of heartbeats that a monitor brings along when it is made; without one it gets a new one.
    """

    name: str
    kind: str
    config: Config
    slug: str = ""
    secrets: Mapping[str, str] | None = None
    source: str = ""
    key: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is kept of where one monitor stands; `due` is until when a heartbeat must come, None while none is expected."""

    standing: Standing = Standing()
    last: Outcome | None = None
    beat: Beat = Beat()
    due: float | None = None
    certificate: Certificate = Certificate()
    votes: tuple[Vote, ...] = ()


class Watched(msgspec.Struct, frozen=True):
    """A monitor and what is known of it."""

    monitor: Monitor
    known: Known = Known()


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one check of a monitor found from a location; `phases` in milliseconds, `evidence` as the probe wrote it (JSON)."""

    monitor: int
    outcome: Outcome
    location: str = ""
    phases: Mapping[str, float] = {}
    evidence: bytes = b""


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor as a list shows it: its last day by the half hour (`beats`), medians of each hour (`pace`) and `p95` in ms, why it is `hushed`."""

    watched: Watched
    href: str
    beats: str
    day: Uptime
    month: Uptime
    pace: tuple[float, ...] = ()
    p95: float | None = None
    hushed: str = ""
