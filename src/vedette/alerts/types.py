"""The words of alerting: rules, observations, alerts, and the trace of why somebody was told or not."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.alerts.grouping import Pulse
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher
from vedette.alerts.routing import Destination, Route
from vedette.notify.types import Delivery
from vedette.signals.types import Severity, SignalState

REPEAT_MINUTES = 240
LIVE_TOPIC = "live:alerts"
OWN_ROOM = "alerts"
TOLD = "alert.told"  # the moment of a notice
GROUP = "alerts"  # the consumer group of pushed alerts in the journal
Matchers = tuple[Matcher, ...]  # all of them must hold
MOST_COUNTED = 10_000  # of one kind in a sentence; a storm has hundreds of thousands


class RuleKind(enum.StrEnum):
    """The kinds of rules that code names; `conditions.registry` has every kind there is."""

    NEW_ISSUE = "new_issue"
    REGRESSION = "regression"
    THRESHOLD = "threshold"
    SEVERITY = "severity"
    ANOMALY = "anomaly"


class Per(enum.StrEnum):
    """What a series is counted for."""

    ISSUE = "issue"
    PROJECT = "project"
    ENVIRONMENT = "environment"
    RELEASE = "release"
    PAGE = "page"
    ALL = "all"


class Compare(enum.StrEnum):
    """On which side of its bound a value is trouble."""

    ABOVE = "above"
    BELOW = "below"


class Sensitivity(enum.StrEnum):
    """How unusual a value must be to be told: by how much it beats all that was seen of its series."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Direction(enum.StrEnum):
    """Which way an unusual value must point to be told."""

    EITHER = "either"
    UP = "up"
    DOWN = "down"


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """What the kinds need beside their scope; each kind says which of these it takes.

    `count` is a bound on `series` over `minutes`, for each `per`, and with kinds that compare two times how much
    there must be at least. `hold` is how many minutes it must last before it is told. `percent` and `factor` say
    by how much a value changed, `days` how far back a value of `label` counts as known, `signal` the kind of
    signal that is missed. `good` is the series of what went well out of `series`, `objective` the share that is to
    (percent), `burn` how many times too fast the rest is used up, in `minutes` and in `short` minutes alike.
    `sensitivity` and `direction` say which unusual values are told.
    """

    count: float = 100
    minutes: int = 5
    per: Per = Per.ISSUE
    series: str = "errors.events"
    severity: Severity = Severity.HIGH
    compare: Compare = Compare.ABOVE
    hold: int = 0
    percent: float = 100
    factor: float = 2
    days: int = 14
    label: str = "release"
    signal: str = ""
    good: str = ""
    objective: float = 99.9
    burn: float = 14.4
    short: int = 5
    sensitivity: Sensitivity = Sensitivity.LOW
    direction: Direction = Direction.EITHER


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as a person writes it; `kind` is one of `conditions.registry`.

    Of what `matchers` do not hold for, it does not speak. `project` None means every project; `severity` None keeps the signal's own. `people` are ids of users and
    `assignee` is whom the issue is assigned to, both told by the channels of their own; where none of those named
    can be told, or none is named, every enabled channel marked as default is. While a state lasts it is told again every `repeat_minutes`.
    `policy` is the escalation policy (its id) by which people are paged until somebody answers.
    """

    name: str
    kind: str
    project: int | None = None
    matchers: tuple[Matcher, ...] = ()
    params: Params = Params()
    severity: Severity | None = None
    channels: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    assignee: bool = False
    enabled: bool = True
    repeat_minutes: int = REPEAT_MINUTES
    send_resolved: bool = False
    policy: int | None = None


class Rule(RuleDraft, frozen=True, kw_only=True):
    """A rule in force. `source` is the file it is written in, empty when it was written by hand."""

    id: int
    created_at: float = 0.0
    source: str = ""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule reads of a series: its sum from `start` to `end` (instants), within `scope`.

    Series count by the minute. A `sliding` window takes of its oldest minute the share that is still inside.
    """

    series: str
    start: float
    end: float
    sliding: bool = False
    scope: Mapping[str, str] = {}


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule saw for one set of labels: the values of its windows, `value` the first, `others` the rest.

    `labels` identify; `annotations` only tell (title, link).
    """

    labels: Mapping[str, str]
    value: float
    at: float
    others: tuple[float, ...] = ()
    annotations: Mapping[str, str] = {}


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern of messages of a project, how often it was seen, and one of them; `hours` are the counts of the last week."""

    id: int
    project: int
    source: str
    pattern: str
    first_seen: float
    last_seen: float
    count: int = 0
    example: str = ""
    hours: bytes = b""


class Decision(msgspec.Struct, frozen=True):
    """Whether a rule speaks of what was seen, and why (or why not)."""

    fire: bool
    reason: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an alert. `change` grows by one each time there is something new to tell.

    `starts` and `ends` are instants; `ends` None means until it is said to be over.
    """

    state: SignalState
    severity: Severity
    change: int
    starts: float
    ends: float | None = None


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a route tells: channels by name, people by e-mail address, and escalation policies by name."""

    name: str
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force between an alert and the people: routes, receivers, inhibitions.

    `source` says where it is written: `built-in`, `hand`, or the files it was read from.
    """

    tree: Route
    receivers: tuple[Receiver, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    source: str = "built-in"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts of one route that are told together. `people` says that it is the first group of one of them."""

    id: int
    key: str
    labels: Mapping[str, str]
    destination: Destination
    pulse: Pulse
    looks: int
    people: bool


class Member(msgspec.Struct, frozen=True):
    """An alert in a group, and what kept it quiet when the group last looked (empty: nothing)."""

    alert: "Alert"
    muted: str


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What fired: one per label set.

    `rules` are the ids of the rules that spoke of it, `rule` and `rule_id` the first of them; none for one that was
    pushed, and `rule` then names the hook it came by, if any. `why` says what they saw; `flips` are the instants at which it last began or ended,
    `groups` the keys of the groups it was put into last.
    """

    id: int
    rule_id: int | None
    rule: str
    rules: tuple[int, ...] = ()
    why: str = ""
    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    standing: Standing
    title: str
    text: str
    link: str
    subject: str
    project: int | None
    updated_at: float
    flips: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()
    acked_at: float | None = None
    acked_by: str = ""

    @property
    def pushed(self) -> bool:
        """Tell whether it was pushed as an alert, and so no rule spoke of it."""
        return not self.rules and self.rule_id is None

    @property
    def began(self) -> float:
        """Return when it began to fire this time, the instant of its last flip; for one that is over, when it was."""
        return self.flips[-1] if self.flips else self.standing.starts

    @property
    def name(self) -> str:
        """Return what is noted as told: the same as long as there is nothing new to tell."""
        standing = self.standing
        change = f".{standing.change}" if standing.state is SignalState.INFO else ""
        return f"{self.fingerprint}.{standing.severity.value}{change}"


class ToldAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that somebody was told of: by which rule (empty: pushed), and whether anybody acknowledged it."""

    rule: str
    fingerprint: str
    acknowledged: bool
    link: str


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody was told, or was not: one line for each decision.

    `code` is the short name of the reason; `alert_id` is None for a signal that met no rule.
    """

    at: float
    sent: bool
    code: str
    reason: str
    rule: str = ""
    channel: str = ""
    title: str = ""
    link: str = "/"
    alert_id: int | None = None
    group: str = ""
    idempotency_key: str = ""


class AlertPage(msgspec.Struct, frozen=True):
    """A page of alerts, and the cursor of the next page (None at the end)."""

    alerts: tuple[Alert, ...]
    cursor: str | None


class Told(msgspec.Struct, frozen=True):
    """An alert with its trace; beside each line of it, what became of the notice (None when there was none)."""

    alert: Alert
    lines: tuple[tuple[Trace, Delivery | None], ...]


class Counts(msgspec.Struct, frozen=True):
    """How many alerts fire now, how many changed, and how many notices were sent, since an instant.

    One past `MOST_COUNTED` says that there are more.
    """

    firing: int
    changed: int
    notices: int
