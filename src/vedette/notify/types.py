"""The words of notification: notice, channel, receipt, delivery, and the one error a channel may raise."""

import enum
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

import msgspec

from vedette.core.errors import VedetteError

SEVERITIES = ("info", "low", "high", "critical")  # the worst last
TOPIC = "notify"  # the outbox topic of this room, and the bus topic that is woken when a notice was queued


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One alert inside a notice. `link` is an absolute URL; `ends` is None while it goes on."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    state: str
    fingerprint: str
    starts: float
    ends: float | None
    link: str


class Action(msgspec.Struct, frozen=True):
    """What somebody may do from a notice: `kind` is acknowledge or silence, `url` is absolute and opens a page whose button acts."""

    kind: str
    label: str
    url: str

    @property
    def token(self) -> str:
        """Return the signed token its URL ends with: what a button of a chat bears to do it at once."""
        return self.url.rstrip("/").rpartition("/")[2]


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """A button pressed in a chat, as a channel's service told it.

    `token` says what to do, `who` is the name the chat gave whoever pressed (plain, trusted for nothing), `reply` is
    where the chat awaits the answer, in its own words; `channel` is the one at whose door it came.
    """

    channel: int
    token: str
    who: str
    reply: Mapping[str, str]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command written in a chat (`who`, `ack CHECKOUT-4F`): its first word, the rest, and who wrote it, as in `Press`.

    `channel` is the one at whose door it came, `reply` where the answer goes, in the chat's own words.
    """

    channel: int
    name: str
    words: str
    who: str
    reply: Mapping[str, str] = {}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is told. `severity` is info, low, high or critical; `link` is an absolute URL.

    `group` names what it belongs to, the same for every notice about one alert; `receiver` is the channel's
    name, filled in on delivery; `truncated` counts alerts that did not fit.
    """

    title: str
    text: str
    severity: str
    link: str
    at: float
    project: str = ""
    state: str = "firing"
    labels: Mapping[str, str] = {}
    reason: str = ""
    group: str = ""
    receiver: str = ""
    alerts: tuple[Told, ...] = ()
    truncated: int = 0
    actions: tuple[Action, ...] = ()


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """Title and text: of a notice, or the templates that make them (`parsing`); an empty one leaves the default."""

    title: str = ""
    text: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """The receiver's acceptance, in its own words (`250 2.0.0 Ok: queued`, `HTTP 204`)."""

    detail: str


class ChannelError(VedetteError):
    """The channel could not deliver; `permanent` means that no retry will help.

    `retry_after` is the wait the receiver asked for, in seconds.
    """

    def __init__(self, message: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Gone(ChannelError):
    """The far end is gone for good and said so; the channel is removed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Field(msgspec.Struct, frozen=True):
    """One setting of a channel as the form shows it; a `secret` one is sealed at rest and prints as dots.

    `choices`, when there are any, are all it can be; the first stands in the form at first. `kind` is text, textarea, url, or push: what a browser
    fills in, so that the channel can only be a person's own.
    """

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    kind: str = "text"
    choices: tuple[str, ...] = ()


class Channel(Protocol):
    """A way to reach people; one folder under `notify/channels/`, found by the registry through `CHANNEL`.

    `icon` is a name of the sprite. The first field that is no secret tells people where the channel leads.
    `each`: it keeps apart and closes what it was told by itself, so that floods are not bundled for it.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    each: ClassVar[bool]

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `core.errors.Invalid` with a message for each wrong field."""
        ...

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Deliver once and return the receipt; raises `ChannelError`."""
        ...


class ChannelRef(msgspec.Struct, frozen=True, kw_only=True):
    """A configured channel, fit to be shown: secrets in `config` are dots.

    `default` ones are told by every rule that names no channel. `owner` is the person whose own it is, None when
    it is everybody's. `failures` counts failed tries since the
    last success, `failing_since` is the instant of the first of them; `refused` says that the last was for good.
    """

    id: int
    kind: str
    name: str
    config: Mapping[str, str]
    enabled: bool
    default: bool
    created_at: float
    failures: int = 0
    failing_since: float | None = None
    refused: bool = False
    last_error: str = ""
    last_success_at: float | None = None
    owner: int | None = None


class QuietHours(msgspec.Struct, frozen=True, kw_only=True):
    """When a person hears nothing each week: from `start` to `end` (`HH:MM`) by the wall clock of `zone`.

    `days` are those on which it begins, 0 is Monday; an `end` before `start` is the next day's. What is critical
    passes unless `critical` says that it is kept back too; what else is important passes only if `important` says so.
    """

    start: str
    end: str
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    zone: str = "UTC"
    critical: bool = False
    important: bool = False


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a personal rule: `wait` so many minutes after the step before, and if nobody acknowledged, tell `channel` (its id)."""

    channel: int
    wait: int = 0


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What one person wants to hear of by the channels of their own.

    `severity` is the least at which every alert is told, None for only what is theirs; `projects` are ids, none
    means every project. `assigned`: what is assigned to them; `followed`: comments and alerts on issues they
    follow, and mentions. `quiet_until` is an instant before which they hear nothing; `hours` are quiet each week.
    Alerts from `important_from` on are told by the steps of `important`, all else by those of `default`; None is
    what `steps.usual` makes of the channels there are.
    """

    severity: str | None = "high"
    projects: tuple[int, ...] = ()
    assigned: bool = True
    followed: bool = True
    quiet_until: float | None = None
    hours: QuietHours | None = None
    important_from: str = "critical"
    important: tuple[Step, ...] | None = None
    default: tuple[Step, ...] | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person who can be told: preferences, own channels that are switched on."""

    user: int
    name: str
    email: str
    preferences: Preferences
    channels: tuple[ChannelRef, ...]


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What something is to one person: how bad it is, whose project, and why it may be theirs.

    `named`: a rule names them; `assigned`, `followed`, `mentioned`: the issue is theirs, they follow it, a
    comment names them. `own` says that they did it themselves; `personal` that no rule speaks, only it being theirs.
    """

    severity: str
    project: int | None = None
    named: bool = False
    assigned: bool = False
    followed: bool = False
    mentioned: bool = False
    own: bool = False
    personal: bool = False


class Hearing(msgspec.Struct, frozen=True):
    """Whether a person is told, why or why not, and whether only the quiet keeps it from them."""

    tell: bool
    reason: str
    quieted: bool = False


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One channel of a personal rule as it would be told: `number` is the step (from 1), `after` seconds after the first."""

    channel: ChannelRef
    which: str
    number: int
    after: float
    reason: str


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Which step of whose personal rule a delivery is; `thread` names what it tells of, `proof` the test page it is of (0: none)."""

    owner: int
    which: str
    number: int
    after: float
    thread: str
    proof: int = 0


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A test page somebody sent themselves: when it began and ends, and when it was acknowledged, and how ("" while it was not)."""

    id: int
    user: int
    started_at: float
    ends_at: float
    acknowledged_at: float | None = None
    how: str = ""


class DeliveryState(enum.StrEnum):
    """Where a notice is on its way; `waiting` for its step, `stopped` when its step was not needed any more."""

    QUEUED = "queued"
    RETRYING = "retrying"
    SENT = "sent"
    FAILED = "failed"
    BUNDLED = "bundled"
    WAITING = "waiting"
    STOPPED = "stopped"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: the receipt when `ok`, else the error."""

    number: int
    at: float
    ok: bool
    detail: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to one channel and what became of it.

    `channel_id` is None once the channel was deleted. `reason` says why it was sent, `detail` the last word
    (receipt, error, or the bundle it went into); `acknowledged` names who acknowledged what it tells; `next_at` is the instant of the next try.
    """

    id: int
    channel_id: int | None
    channel: str
    kind: str
    title: str
    reason: str
    severity: str
    link: str
    idempotency_key: str
    state: DeliveryState
    queued_at: float
    done_at: float | None
    next_at: float | None
    detail: str
    bundle_id: int | None
    acknowledged: str = ""
    attempts: tuple[Attempt, ...] = ()


class DeliveryPage(msgspec.Struct, frozen=True):
    """A page of the delivery log, newest first, and the cursor of the next page (None at the end)."""

    deliveries: tuple[Delivery, ...]
    cursor: str | None


Settled = Callable[[Notice, float], str]
"""Why nobody needs to be told more of what a notice tells, at an instant; "" while somebody does."""


class Lag(msgspec.Struct, frozen=True):
    """What waits to go out: how many notices, and the instant the oldest was queued (None when none)."""

    waiting: int
    oldest: float | None
