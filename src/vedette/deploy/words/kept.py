"""The words of what a server keeps of deploying: projects it watches, what it saw of them, what it carries out, how hosts are hardened."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.deploy.words.drifts import Memory, Side, Way
from vedette.deploy.words.pictures import Picture, State
from vedette.deploy.words.plans import Line, Planned
from vedette.wire.infra import Judged, Live, Ref, Thing, Told, Waiver
from vedette.wire.witness import Sight


class CloudProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project at Hetzner that is watched. Its token is sealed and never told: `hint` are its last four characters (empty: none yet).

    `files` are what should be there, by name (what they name beside them as well); `source` is the file they came from (empty: the
    pages). `writes` says whether Hetzner lets the token change things (None: nobody tried). `read_at` is when it was read last,
    `problem` why it could not be since `problem_at`, `tried_at` when that was tried, `wanted` that somebody waits for a look.
    """

    id: int
    name: str
    endpoint: str
    hint: str = ""
    writes: bool | None = None
    files: Mapping[str, str] = {}
    source: str = ""
    changed_at: float = 0.0
    by: str = ""
    read_at: float | None = None
    tried_at: float | None = None
    problem: str = ""
    problem_at: float | None = None
    requests: int = 0
    wanted: bool = False

    @property
    def has_token(self) -> bool:
        """Tell whether it can be read."""
        return bool(self.hint)


class CloudSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was last read of a project: what is there, what is remembered of when all was right, which intents hold, and the plan
    that would make it as the files say (None: no files say anything, or they are wrong). `broken` are intents of which people
    were told that they do not hold."""

    project: int
    live: Live
    memory: Memory
    judged: tuple[Judged, ...] = ()
    planned: Planned | None = None
    broken: tuple[str, ...] = ()


class Condition(enum.StrEnum):
    """How a project stands, from worst."""

    BROKEN = "broken"  # something that must be true is not
    BLIND = "blind"  # it cannot be read
    DRIFTED = "drifted"
    UNKNOWN = "unknown"  # nobody looked yet, its files are wrong, or of an intent nobody can tell
    PENDING = "pending"  # the files say something that was not applied
    GOOD = "good"


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A project that wants a look: why, in a few words."""

    project: int
    name: str
    condition: Condition
    sentence: str


class ThingState(enum.StrEnum):
    """How a thing is, from worst."""

    DRIFTED = "drifted"
    UNREAD = "unread"
    MISSING = "missing"  # files say it and it is not there
    PENDING = "pending"  # files say it otherwise
    UNSAID = "unsaid"  # it bears our mark and no file says it any more
    FOREIGN = "foreign"
    RIGHT = "right"


class ThingStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A thing and how it is, in a sentence; `thing` is what is there (None: nothing), `monthly` what it costs (a decimal, net).

    `now` is how it is right now, the worst first, whatever the files say.
    """

    ref: Ref
    state: ThingState
    sentence: str
    thing: Thing | None = None
    monthly: str = "0"
    lines: tuple[Line, ...] = ()
    now: tuple[State, ...] = ()


class ProjectStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How a project stands: a sentence, why (worst first), how many things are how, the picture (SVG), intents, things, and what a
    month costs (a decimal, net). `faults` tell what is wrong with its files; `at` is when it was last read."""

    project: CloudProject
    condition: Condition
    sentence: str
    reasons: tuple[str, ...] = ()
    counts: Mapping[ThingState, int] = {}
    intents: tuple[Judged, ...] = ()
    things: tuple[ThingStanding, ...] = ()
    drifts: "tuple[KeptDrift, ...]" = ()
    planned: Planned | None = None
    drawn: Picture | None = None
    picture: str = ""  # as SVG
    told: str = ""  # the picture in words
    monthly: str = "0"
    currency: str = "EUR"
    at: float | None = None
    faults: tuple[str, ...] = ()
    running: "DeployRun | None" = None


class DriftState(enum.StrEnum):
    """What became of a drift: it is there, it went by itself, or somebody had it reverted or adopted here."""

    OPEN = "open"
    GONE = "gone"
    REVERTED = "reverted"
    ADOPTED = "adopted"


class KeptDrift(msgspec.Struct, frozen=True, kw_only=True):
    """A drift as it is kept: of which project and thing, how it differs, since when (`since`: Hetzner's own word, else when it was last
    right; `until`: when it was first seen), by whom as far as anybody knows, and what became of it."""

    id: int
    project: int
    ref: Ref
    way: Way
    side: Side
    lines: tuple[Line, ...] = ()
    since: float = 0.0
    until: float = 0.0
    by: str = ""
    command: str = ""
    state: DriftState = DriftState.OPEN
    told_at: float | None = None
    ended_at: float | None = None


class Deed(enum.StrEnum):
    """What somebody has the server do with a project or a host."""

    PLAN = "plan"
    APPLY = "apply"
    REVERT = "revert"
    ADOPT = "adopt"
    DESTROY = "destroy"


class RunState(enum.StrEnum):
    """How far a run is."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class RunStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a run did, in a line; `good` is None for what only tells."""

    at: float
    text: str
    good: bool | None = None
    seconds: float = 0.0


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """A change that somebody saw and agreed to: what is done to what, and a fingerprint of its lines."""

    act: str
    kind: str
    name: str
    mark: str = ""

    @property
    def ref(self) -> Ref:
        """Return which thing."""
        return Ref(self.kind, self.name)


class DeployRun(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was asked for and is carried out in the background: of which project (0: of a host), by whom, how far.

    `agreed` are the changes that somebody looked at before; nothing else is done.
    """

    id: str
    project: int
    deed: Deed
    by: str
    asked_at: float
    state: RunState = RunState.ASKED
    began_at: float | None = None
    heard_at: float | None = None
    ended_at: float | None = None
    sentence: str = ""
    steps: tuple[RunStep, ...] = ()
    targets: tuple[str, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    unprotect: bool = False


class RunPlanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would do, by what was last read: the plan, whether the project's name must be typed, and what is sent back with the
    asking (`mark`), so that only what was seen is done."""

    planned: Planned
    typed: bool
    mark: str


class HardenedArea(msgspec.Struct, frozen=True, kw_only=True):
    """An area of hardening on a host: how many checks pass, fail and are waived, and what that means in a sentence."""

    name: str
    passed: int = 0
    failed: int = 0
    waived: int = 0
    sentence: str = ""


class HostDrift(msgspec.Struct, frozen=True, kw_only=True):
    """Something that hardening set on a host and that is otherwise now: a `file`, the `ruleset`, a `sysctl`; since when, by whom.

    `key` names it when it is put back or adopted; `text` has the lines that were and that are. `seen_at` is when the host saw it.
    """

    what: str
    name: str
    since: float
    by: str = ""
    text: str = ""
    key: str = ""
    measure: str = ""
    seen_at: float = 0.0


class HardenedHost(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is hardened: when and by which profile (None: never from here), its score before and after (0 to 100), areas,
    waivers, what drifted since, what it tells of itself, and which connections were tried from there. `left` is what hardening could
    not do, `reverted_at` when a run took itself back last."""

    host: int
    hardened_at: float | None = None
    profile: str = ""
    score_before: float | None = None
    score_after: float | None = None
    areas: tuple[HardenedArea, ...] = ()
    waived: tuple[Waiver, ...] = ()
    drift: tuple[HostDrift, ...] = ()
    left: tuple[str, ...] = ()
    reverted_at: float | None = None
    told: Told | None = None
    looks: tuple[Sight, ...] = ()
    at: float | None = None
