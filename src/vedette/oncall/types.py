"""The words of on-call: schedules and who is on, escalation policies, and escalations that run."""

import enum
from collections.abc import Callable, Mapping

import msgspec

from vedette.notify.types import Action, ChannelRef, Notice

ROOM = "oncall"
TOPIC = "oncall"  # the bus topic that is woken when an escalation began or may end
LIVE_TOPIC = "live:oncall"
OUTBOX = "oncall.webhook"  # the outbox topic of the webhooks that steps call
DECLARE = "incident.declare"  # the kind of signal by which a step asks for an incident
MOST_REPEATS = 5


class RotationKind(enum.StrEnum):
    """How often the next person of a layer takes over."""

    DAILY = "daily"
    WEEKLY = "weekly"
    CUSTOM = "custom"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the week in which a layer holds: `days` (0 is Monday) on which it begins, from `start` to `end` (`HH:MM`).

    By the wall clock of the schedule's zone; an `end` that is not after `start` is the next day's.
    """

    days: tuple[int, ...]
    start: str
    end: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns. A later layer stands above an earlier one where both hold.

    `people` are ids of users in their order; those of one turn who are on together stand in one tuple. `turns_at`
    (`HH:MM`, and for weekly ones `turns_on`, 0 is Monday) is the wall time at which the next takes over, every `every`
    periods of `rotation`; `first` (`YYYY-MM-DD`) is the day of the first turn, `until` the first day without.
    `spans` narrow it to parts of the week, none means always; with `counts_spans` a turn is one span (a weekday-only
    layer does not rotate on weekends). `calendar` is the id of an imported calendar in place of people.
    """

    name: str
    people: tuple[tuple[int, ...], ...] = ()
    rotation: RotationKind = RotationKind.WEEKLY
    every: int = 1
    turns_on: int = 0
    turns_at: str = "09:00"
    first: str = ""
    until: str = ""
    spans: tuple[Span, ...] = ()
    counts_spans: bool = False
    calendar: int | None = None


class ScheduleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as somebody writes it: layers in the wall time of a zone (IANA name)."""

    name: str
    zone: str = "UTC"
    layers: tuple[Layer, ...] = ()


class Schedule(ScheduleDraft, frozen=True, kw_only=True):
    """A schedule in force. `source` is the file it is written in, empty when it was written by hand."""

    id: int
    created_at: float = 0.0
    updated_at: float = 0.0
    source: str = ""


class CoverKind(enum.StrEnum):
    """Why somebody else is on: takes over, swapped, or listens along (a shadow is never told alone).

    What is `asked` is a half of a swap that the other one did not accept yet: it changes nothing.
    """

    OVERRIDE = "override"
    SWAP = "swap"
    SHADOW = "shadow"
    ASKED = "asked"


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which `user` stands for whom the layers name: for `instead` alone, or for everybody when it is None.

    `maker` is the id of who made it, `made_by` their name as it was, for show: names are chosen and not unique.
    """

    id: int
    schedule: int
    user: int
    starts: float
    ends: float
    kind: CoverKind = CoverKind.OVERRIDE
    instead: int | None = None
    reason: str = ""
    made_by: str = ""
    maker: int | None = None
    made_at: float = 0.0


class Event(msgspec.Struct, frozen=True):
    """A time in which a calendar of others says that these people (ids of users) are on. Instants are seconds, UTC."""

    starts: float
    ends: float
    people: tuple[int, ...]


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a schedule in which the same people are on; nobody in `people` is a gap.

    `layer` names what puts them on (`override` for a cover), `shadows` listen along. Instants are seconds, UTC.
    """

    starts: float
    ends: float
    people: tuple[int, ...]
    shadows: tuple[int, ...] = ()
    layer: str = ""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on by a schedule now, until when at the least, and who is after that (None: nothing changes for weeks)."""

    schedule: Schedule
    now: Shift
    then: Shift | None = None


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What being on call cost a person in a time: hours, nights and weekends that it touched, and pages."""

    user: int
    hours: float = 0.0
    nights: int = 0
    weekends: int = 0
    pages: int = 0


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar of others from which a layer may take who is on: an address that is read again and again, or a text.

    What was read last stands, also when a later reading failed; `problem` says what is wrong. `host` is all of the address
    that is shown.
    """

    id: int
    name: str
    host: str = ""
    read_at: float | None = None
    checked_at: float | None = None
    problem: str = ""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """An address by which a calendar program reads shifts: those of a schedule, or those of `user` where it is None."""

    id: int
    user: int
    schedule: int | None
    made_at: float
    used_at: float | None = None


class StepKind(enum.StrEnum):
    """What a step of an escalation policy does."""

    NOTIFY_USERS = "notify_users"
    NOTIFY_TEAM = "notify_team"
    NOTIFY_SCHEDULE = "notify_schedule"
    ROUND_ROBIN = "round_robin"
    NOTIFY_CHANNEL = "notify_channel"
    WAIT = "wait"
    IF_TIME = "if_time"
    IF_MANY = "if_many"
    WEBHOOK = "webhook"
    DECLARE_INCIDENT = "declare_incident"


class EscalationStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a policy; each kind takes some of these.

    `users` are ids (for a round-robin in their order), `team` a role's name (`admin`: everybody of that role and
    above), `schedule` and `channel` ids. `important` says that the important personal rule tells it. `minutes` is a
    wait, or the window of `if_many`. `spans` in `zone` are when `if_time` goes on; `count` is the number of alerts
    above which `if_many` goes on; when they do not hold, the next `skips` steps are left out. `url` (webhook, its
    secret is sealed apart), `severity` of the incident.
    """

    kind: StepKind
    users: tuple[int, ...] = ()
    team: str = ""
    schedule: int | None = None
    channel: int | None = None
    important: bool = True
    minutes: int = 0
    spans: tuple[Span, ...] = ()
    zone: str = "UTC"
    count: int = 0
    skips: int = 1
    url: str = ""
    severity: int | None = None


class PolicyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation policy as somebody writes it. `repeats` is how often it begins again (at most five).

    `ack_minutes` is how long an acknowledgement holds before the escalation goes on, 0 for good.
    """

    name: str
    steps: tuple[EscalationStep, ...]
    repeats: int = 0
    ack_minutes: int = 0


class Policy(PolicyDraft, frozen=True, kw_only=True):
    """An escalation policy in force. `source` is the file it is written in, empty when it was written by hand."""

    id: int
    created_at: float = 0.0
    updated_at: float = 0.0
    source: str = ""


class EscalationState(enum.StrEnum):
    """Where an escalation is: it goes on, rests while somebody acknowledged, ran out of steps, or was stopped."""

    RUNNING = "running"
    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    STOPPED = "stopped"


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """A policy at work on one thing (`thread`: the key of a group of alerts). `policy` is as it was when it began.

    `step` is the index of the step that comes next, `round` how often it began again, `due` when (None: never).
    `why` says in words how it came to where it is. `notice` is what people are told.
    """

    id: int
    thread: str
    policy: Policy
    state: EscalationState
    step: int
    round: int
    due: float | None
    started_at: float
    notice: Notice
    project: int | None = None
    acked_by: str = ""
    acked_at: float | None = None
    ended_at: float | None = None
    why: str = ""


class PageKind(enum.StrEnum):
    """How a page ended: nobody answered yet, acknowledged, or not needed any more."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was paged by a step: when, by which policy, what it was of, whether and when they answered."""

    id: int
    escalation: int
    user: int
    at: float
    policy: str
    title: str
    link: str
    kind: PageKind = PageKind.OPEN
    answered_at: float | None = None


class EscalationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what an escalation did and why, in its order; `key` names what was done, once."""

    key: str
    at: float
    text: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that a step calls, as it waits in the outbox: `secret` is sealed, "" for none; `body` is what is sent."""

    escalation: int
    url: str
    secret: str
    body: bytes


Settled = Callable[[Notice, float], str]
"""Why nobody needs to be told more of what a notice tells, at an instant; "" while somebody does (`alerts.service.settled`)."""

Counted = Callable[[Notice, float], int]
"""How many alerts came since an instant in what a notice tells of (`alerts.service.came_since`)."""

Links = Callable[[int, str, ChannelRef, Notice, float], tuple[Action, ...]]
"""What who gets a page may do from it: by escalation, name of the move (`0.2`), channel, notice and instant (`alerts.service.page_links`)."""

Names = Mapping[int, str]
"""Names of users by their ids."""
