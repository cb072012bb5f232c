"""The words of errors: issue, event, why they belong together, what a person may do with them."""

import enum

import msgspec

from vedette.wire.delivery import Note

KIND = "event"  # the kind of this room's telemetry records
GROUP = "errors"  # the consumer group that digests events
SERIES = "errors.events"  # the series of event counts, with the labels `project` and `issue`
ISSUES_TOPIC = "live:issues"  # woken after every digest or act that touched an issue
JOBS_TOPIC = "errors.jobs"  # woken when there is a piece of a job to do


class Level(enum.StrEnum):
    """How bad an event says it is, worst first."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"

    @property
    def rank(self) -> int:
        """Return 0 (debug) to 4 (fatal)."""
        return _LEVELS[self]


_LEVELS = {level: 4 - place for place, level in enumerate(Level)}


class Status(enum.StrEnum):
    """What people decided about an issue."""

    OPEN = "open"
    RESOLVED = "resolved"
    MUTED = "muted"


class State(enum.StrEnum):
    """Where an issue stands, as people are shown it. All but muted and resolved ones are open."""

    NEW = "new"
    REGRESSED = "regressed"
    ESCALATING = "escalating"
    ONGOING = "ongoing"
    MUTED = "muted"
    RESOLVED = "resolved"


class Transition(enum.StrEnum):
    """What an event, or time, did to an issue."""

    NEW = "new"
    REGRESSED = "regressed"
    UNMUTED = "unmuted"
    ESCALATED = "escalated"
    NONE = "none"


class Fixed(enum.StrEnum):
    """From when on a resolved issue must not come: at once, or in a release."""

    NOW = "now"
    NEXT = "next_release"
    CURRENT = "current_release"
    RELEASE = "release"


class Sort(enum.StrEnum):
    """The order of a list of issues; all of them greatest first."""

    WORST = "worst"
    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    EVENTS = "events"
    USERS = "users"


class Part(msgspec.Struct, frozen=True):
    """One thing that decides to which issue an event belongs: `exception type`, `ValueError`."""

    name: str
    value: str


class Fingerprint(msgspec.Struct, frozen=True):
    """The identity of an issue as its events tell it.

    `hash` is 16 bytes and includes the project; `component` is what decided (`exception`, `message`, …);
    `parts` name everything that went in, in order; `version` is the version of grouping that made it.
    """

    hash: bytes
    component: str
    parts: tuple[Part, ...]
    version: int


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event, normalised and scrubbed: what telemetry stores and pages show.

    `id` is 32 lower-case hex digits; `at` when it happened (after a clock far off was corrected), `received`
    when it arrived. `title` is `kind: message`; `kind` is the exception's type, empty for messages. `tags` are
    those sent and those derived (`browser`, `os.name`, `url`, …). `user` names the user (`id:7`), `handled` is
    None when unknown. `data` is the whole event in the protocol's shape. `notes` say what could not be kept.
    """

    id: str
    project: int
    at: float
    received: float
    level: Level = Level.ERROR
    platform: str = "other"
    title: str = ""
    kind: str = ""
    message: str = ""
    culprit: str = ""
    location: str = ""
    transaction: str = ""
    logger: str = ""
    release: str = ""
    environment: str = ""
    user: str = ""
    handled: bool | None = None
    tags: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    data: dict[str, object] = {}


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Events that are one problem, and what people decided about it.

    `short_id` is its human key (`CHECKOUT-4F`). `state` is what is shown, `status` what was decided. `users`
    are distinct. A muted issue comes back at `muted_until`, or once `mute_events` more events or `mute_users` more
    users came; None = that one does not count. `mute_usual` is set while it is muted until it escalates: the most events
    an hour it is used to. A resolved one may be fixed only in releases after `fixed_after` ("" = none was known), or
    from `fixed_in` on. `changed_at` is when its state last changed. `parts` say why its events belong together.
    """

    id: int
    short_id: str
    project: int
    project_slug: str
    project_name: str
    status: Status
    state: State
    level: Level
    title: str
    kind: str
    message: str
    culprit: str
    platform: str
    logger: str
    handled: bool | None
    first_seen: float
    last_seen: float
    events: int
    users: int
    first_release: str = ""
    last_release: str = ""
    assignee: int | None = None
    muted_until: float | None = None
    mute_events: int | None = None
    mute_users: int | None = None
    mute_usual: int | None = None
    fixed_after: str | None = None
    fixed_in: str | None = None
    changed_at: float = 0.0
    component: str = ""
    parts: tuple[Part, ...] = ()


class IssuePage(msgspec.Struct, frozen=True):
    """A page of issues and the cursor of the next one (None at the end)."""

    issues: tuple[Issue, ...]
    cursor: str | None


class EventPage(msgspec.Struct, frozen=True):
    """A page of an issue's events, newest first, and the cursor of the next one (None at the end)."""

    events: tuple[Event, ...]
    cursor: str | None


class EventPlace(msgspec.Struct, frozen=True):
    """An event and the ids of its neighbours in time within the issue (None at the ends)."""

    event: Event
    older: str | None
    newer: str | None


class TagValue(msgspec.Struct, frozen=True):
    """A value of a tag, how often it came, and its share (0..1) of the events that carry the tag."""

    value: str
    count: int
    share: float
    last_seen: float


class Tag(msgspec.Struct, frozen=True):
    """A tag of an issue: its most frequent values first; `other` counts events whose value is not listed."""

    key: str
    total: int
    values: tuple[TagValue, ...]
    other: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an issue's history. `kind` is what happened (`new`, `resolved`, `comment`, …).

    `user` is the id of who did it, None for Vedette itself; `who` is the name it went by. `text` says it to a
    person; for a comment it is the comment. `undo` undoes it while that is still possible.
    """

    id: int
    at: float
    kind: str
    user: int | None
    who: str
    text: str
    undo: str = ""


class Attached(msgspec.Struct, frozen=True):
    """A file that came with an event. `content_type` is what its sender said, `file` its name in `plumbing.files`."""

    id: int
    project: int
    name: str
    content_type: str
    kind: str
    size: int
    file: str
    at: float


class Said(msgspec.Struct, frozen=True):
    """What a user wrote about an event."""

    name: str
    email: str
    comments: str
    at: float


class Resolve(msgspec.Struct, frozen=True, tag="resolve"):
    """Say that it is fixed: the next event makes it regressed, or the next of a release with the fix (maybe `release`)."""

    fixed: Fixed = Fixed.NOW
    release: str = ""


class Reopen(msgspec.Struct, frozen=True, tag="reopen"):
    """Say that it is open again: neither resolved nor muted."""


class Mute(msgspec.Struct, frozen=True, tag="mute"):
    """Be quiet until an instant, until so many more events or users, until it escalates; with none of them, for good."""

    until: float | None = None
    events: int | None = None
    users: int | None = None
    escalating: bool = False


class Assign(msgspec.Struct, frozen=True, tag="assign"):
    """Give it to a user (by id), or to nobody."""

    user: int | None


Action = Resolve | Reopen | Mute | Assign


class Done(msgspec.Struct, frozen=True):
    """Which issues an act changed, what it says, and the token `undo` takes (empty when nothing changed).

    An act on many issues has only begun: `job` names the job that does it.
    """

    changed: tuple[str, ...]
    text: str
    undo: str
    job: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An act on many issues, done in pieces: how many of `total` are `done`, and, once over, when and what went wrong.

    `undo` takes it back once it is over. `changed` counts the issues of a search it changed so far; None for a merge.
    """

    id: str
    kind: str
    text: str
    at: float
    ended_at: float | None
    done: int
    total: int
    problem: str
    undo: str
    changed: int | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One of the groups a merged issue consists of: what was an issue of its own, with the key it had.

    `hashes` are the grouping hashes (hex) whose events it counts, `component` what decided that they belong together.
    `own` marks the group the issue began with, which cannot be split off.
    """

    key: str
    title: str
    level: str
    component: str
    hashes: tuple[str, ...]
    events: int
    users: int
    first_seen: float
    last_seen: float
    joined_at: float
    own: bool


class GroupPage(msgspec.Struct, frozen=True):
    """A page of the groups of an issue, most events first; how many there are in all; the cursor of the next page."""

    groups: tuple[Group, ...]
    total: int
    cursor: str | None


class Spoken(msgspec.Struct, frozen=True):
    """What an issue said last, and how many events came for it in a time; `project` is its id."""

    project: int
    issue: str
    message: str
    events: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The state of errors in a few numbers.

    `open`, `new`, `regressed`, `escalating` count issues (new ones: first seen in the last 24 hours). `last_hour` counts events,
    `usual_hour` is the median of the hours of the last seven days. `busiest` are the issues with most events
    in the last hour, `hours` the events of the last 24 hours, oldest first.
    """

    open: int
    new: int
    regressed: int
    escalating: int = 0
    last_hour: int
    usual_hour: float
    hours: tuple[int, ...]
    worst: tuple[Issue, ...]
    busiest: tuple[tuple[Issue, int], ...]


class Term(msgspec.Struct, frozen=True):
    """A condition of a search: `key` is is, level, release, times, first-seen, has, tag, text, … (see `query`).

    `tag` names the tag when `key` is tag; `wild` says that each `*` of the value stands for anything.
    """

    key: str
    value: str
    negated: bool = False
    tag: str = ""
    wild: bool = False


class Query(msgspec.Struct, frozen=True):
    """A search that was understood; an issue must meet every term."""

    terms: tuple[Term, ...] = ()
