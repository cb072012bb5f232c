"""The words of incidents: what is broken, how bad, who does what, what happened when, and what was learnt."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.accounts.permissions import Verb
from vedette.alerts.types import Matchers

ROOM = "incidents"
LIVE_TOPIC = "live:incidents"
CURSOR = "cursor"  # the mark of how far the signals were read
QUIET_MINUTES = 10
STALE = 60.0  # seconds after which a step of a runbook that still runs is taken for one whose process ended


class Sev(enum.IntEnum):
    """How severe an incident is: 1 is the worst, 4 can wait for the day."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4


class Impact(enum.StrEnum):
    """How many it hits: everybody, many, some, or nobody outside the team."""

    ALL = "all"
    MANY = "many"
    SOME = "some"
    NONE = "none"


class Urgency(enum.StrEnum):
    """How fast it has to end: nothing goes on without it, it gets worse, it bears a while."""

    NOW = "now"
    SOON = "soon"
    LATER = "later"


class IncidentState(enum.StrEnum):
    """How far an incident is. A merged one lives on in another."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    MERGED = "merged"


class Declared(enum.StrEnum):
    """Who declared an incident: a person, a rule, a step of an escalation, a chat."""

    HAND = "hand"
    RULE = "rule"
    ESCALATION = "escalation"
    CHAT = "chat"


class IncidentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it is declared. `severity` None means what the matrix suggests for impact and urgency."""

    title: str
    impact: Impact = Impact.SOME
    urgency: Urgency = Urgency.SOON
    severity: Sev | None = None
    summary: str = ""
    project: int | None = None
    started_at: float | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident. `id` is its number (`INC-27`). Instants are seconds, UTC, None while it has not come to that.

    `started_at` is when the trouble began, `detected_at` when Vedette or somebody knew. `quiet_minutes` without
    trouble after the last alert ended resolve it by itself (0: never); `quiet_since` is when that quiet began.
    `resolved_by_hand` tells whether a person resolved it. `announced` is (status page's slug, number of the notice there), or None.
    """

    id: int
    title: str
    state: IncidentState
    severity: Sev
    impact: Impact
    urgency: Urgency
    declared: Declared
    declared_by: str
    started_at: float
    detected_at: float
    summary: str = ""
    project: int | None = None
    rule: int | None = None
    acked_at: float | None = None
    mitigated_at: float | None = None
    resolved_at: float | None = None
    resolved_by_hand: bool = False
    quiet_minutes: int = QUIET_MINUTES
    quiet_since: float | None = None
    merged_into: int | None = None
    announced: tuple[str, int] | None = None
    draft: str = ""
    updated_at: float = 0.0

    @property
    def key(self) -> str:
        """Return the key people know it by."""
        return f"INC-{self.id}"

    @property
    def link(self) -> str:
        """Return the path of its page."""
        return f"/incidents/{self.id}/"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to do something."""
        return self.state not in (IncidentState.RESOLVED, IncidentState.MERGED)


class EntryKind(enum.StrEnum):
    """What a line of a timeline tells of."""

    ALERT = "alert"
    ISSUE = "issue"
    DEPLOY = "deploy"
    CHECK = "check"
    BAN = "ban"
    HOST = "host"
    PAGE = "page"
    ACT = "act"
    NOTE = "note"
    TASK = "task"
    STATUS = "status"
    OTHER = "other"


SECRET_KINDS: Mapping[EntryKind, Verb] = {EntryKind.BAN: Verb.BAN_READ, EntryKind.HOST: Verb.HOST_READ}
"""Which lines not everybody reads who reads incidents, and what they must be allowed to."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an incident's timeline.

    `source` knows it again (a moment, an alert's transition, an act), so that it stands there once. `tone` is ok, warn,
    crit, info or empty. `by` names who did it, `annotation` is what somebody added to what the house tells.
    """

    id: int
    incident: int
    at: float
    kind: EntryKind
    text: str
    detail: str = ""
    link: str = ""
    by: str = ""
    tone: str = ""
    source: str = ""
    subject: str = ""
    annotation: str = ""
    pinned: bool = False
    hidden: bool = False


class EntryDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a timeline before it stands there; `source` makes that it does once."""

    at: float
    kind: EntryKind
    text: str
    source: str
    detail: str = ""
    link: str = ""
    by: str = ""
    tone: str = ""
    subject: str = ""


class AttachedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that belongs to an incident, as it was last seen; `ends` None while it fires."""

    incident: int
    fingerprint: str
    title: str
    link: str
    severity: str
    starts: float
    ends: float | None = None
    subject: str = ""
    labels: Mapping[str, str] = {}


class ResponderRole(enum.StrEnum):
    """What somebody does in an incident."""

    LEAD = "lead"
    COMMUNICATION = "communication"
    RESPONDER = "responder"
    OBSERVER = "observer"


class Responder(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part; `acked_at` is when they acknowledged what woke them."""

    incident: int
    user: int
    role: ResponderRole
    joined_at: float
    acked_at: float | None = None
    left_at: float | None = None


class TaskKind(enum.StrEnum):
    """Whether something is to be done now, or follows from the post-mortem."""

    TASK = "task"
    ACTION = "action"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do: during the incident (task) or after it (action item), by whom (a user's id) and until when."""

    id: int
    incident: int
    kind: TaskKind
    text: str
    assignee: int | None = None
    due_at: float | None = None
    done_at: float | None = None
    done_by: str = ""
    created_at: float = 0.0
    reminded_at: float | None = None


class LinkKind(enum.StrEnum):
    """How two incidents belong together."""

    RELATED = "related"
    CAUSED_BY = "caused_by"
    MERGED = "merged"
    SPLIT = "split"


class IncidentLink(msgspec.Struct, frozen=True, kw_only=True):
    """Two incidents belong together."""

    incident: int
    other: int
    kind: LinkKind


class IncidentRuleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts make an incident, and what it is then. An alert that meets an open incident of the same rule joins it.

    `severity` is the least an alert must have (`low`, `high`, `critical`); `group_by` names labels that keep incidents
    apart. `runbook` is a slug. `quiet_minutes` as in `Incident`.
    """

    name: str
    matchers: Matchers = ()
    severity: str = "critical"
    project: int | None = None
    group_by: tuple[str, ...] = ("project",)
    impact: Impact = Impact.SOME
    urgency: Urgency = Urgency.SOON
    runbook: str = ""
    quiet_minutes: int = QUIET_MINUTES
    enabled: bool = True


class IncidentRule(IncidentRuleDraft, frozen=True, kw_only=True):
    """A rule that declares incidents, in force. `source` is the file it is written in."""

    id: int
    source: str = ""


class RunbookStepKind(enum.StrEnum):
    """Whether a person ticks a step, a webhook does it, or an agent."""

    MANUAL = "manual"
    WEBHOOK = "webhook"
    AGENT = "agent"


class RunbookStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a runbook: what to do, a command to copy, or what an automatic step calls; destructive ones ask first."""

    text: str
    detail: str = ""
    command: str = ""
    kind: RunbookStepKind = RunbookStepKind.MANUAL
    target: str = ""
    destructive: bool = False


class Runbook(msgspec.Struct, frozen=True, kw_only=True):
    """What to do when something happens: Markdown, the steps in it, an owner (a user's id), and which incidents it is for."""

    id: int
    slug: str
    name: str
    text: str
    steps: tuple[RunbookStep, ...]
    owner: int | None = None
    matchers: Matchers = ()
    updated_at: float = 0.0
    source: str = ""


class StepState(enum.StrEnum):
    """How far a step of a runbook is in one incident."""

    TODO = "todo"
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class StepRun(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a runbook in one incident: as it was written when the runbook was attached, and what became of it."""

    id: int
    incident: int
    runbook: str
    number: int
    step: RunbookStep
    state: StepState = StepState.TODO
    at: float | None = None
    by: str = ""
    result: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence about an incident (likely cause, similar incident) and the rows it rests on: (text, link) each, never none."""

    sentence: str
    rows: tuple[tuple[str, str], ...]


class PostMortemState(enum.StrEnum):
    """How far a post-mortem is."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"


class PostMortem(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt of an incident, as Markdown; `facts` are the figures it was filled with."""

    incident: int
    state: PostMortemState
    text: str
    author: str = ""
    reviewer: str = ""
    updated_at: float = 0.0
    published_at: float | None = None
    facts: Mapping[str, float | None] = {}
