"""The words of status pages: what visitors are shown, under which names, and who asked to hear of it."""

import enum
from collections.abc import Mapping

import msgspec

ROOM = "status"
OUTBOX = "status"  # the outbox topic of messages to subscribers
TOPIC = "status"  # the bus topic that is woken when the words of a page changed
REVISION = "status/revision"  # the KV key that changes with every change of a page's words
DAY = 86_400.0
DAYS = 90
AHEAD = 14 * DAY  # so long before are maintenance windows told


class ComponentState(enum.StrEnum):
    """What visitors are told of a component."""

    WORKS = "works"
    SLOW = "slow"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class NoticeKind(enum.StrEnum):
    """What is announced on a page by hand: something that went wrong, or work that is planned."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"


class Impact(enum.StrEnum):
    """What an incident does to the components it is about, as long as it goes on."""

    NONE = "none"
    SLOW = "slow"
    DOWN = "down"


class Progress(enum.StrEnum):
    """How far an incident is."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class SubscriberKind(enum.StrEnum):
    """How a subscriber is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor (its id) under its public name; `section` is the heading it stands under, empty for none."""

    monitor: int
    name: str
    section: str = ""
    id: int = 0


class StatusPageDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A status page as somebody asks for it.

    `domain` is a host name of its own, empty for none; `frames` names the origins that may embed it, parted by spaces,
    `*` for all; `windows` says that maintenance windows of its monitors show. A `password` of None leaves the one there
    is, an empty one makes the page public.
    """

    slug: str
    title: str
    text: str = ""
    domain: str = ""
    frames: str = ""
    windows: bool = False
    enabled: bool = True
    password: str | None = None
    components: tuple[Component, ...] = ()


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """A status page. `stamp` stands for its password and changes with it; empty for a public page."""

    id: int
    slug: str
    title: str
    text: str
    domain: str
    frames: str
    windows: bool
    enabled: bool
    stamp: str
    components: tuple[Component, ...]
    created_at: float
    updated_at: float


class PageUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of an incident or a maintenance, and when."""

    at: float
    progress: Progress
    text: str
    id: int = 0


class PageIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident or a maintenance of a page, newest update first.

    It is about `components` (ids). An incident ends when it is resolved (`ends` is None until then), a maintenance at
    its planned end.
    """

    id: int
    page: int
    kind: NoticeKind
    title: str
    impact: Impact
    starts: float
    ends: float | None
    components: tuple[int, ...] = ()
    updates: tuple[PageUpdate, ...] = ()


class IncidentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An incident or a maintenance as somebody announces it; a maintenance has both instants."""

    kind: NoticeKind
    title: str
    text: str
    impact: Impact = Impact.NONE
    progress: Progress = Progress.INVESTIGATING
    starts: float | None = None
    ends: float | None = None
    components: tuple[int, ...] = ()
    tell: bool = True


class PageSubscriber(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked to hear of a page; `target` is an e-mail address, or the host of a webhook."""

    id: int
    page: int
    kind: SubscriberKind
    target: str
    confirmed_at: float | None
    created_at: float
    failures: int = 0


class ShownDay(msgspec.Struct, frozen=True, kw_only=True):
    """How one UTC day (`YYYY-MM-DD`) went: seconds in which it worked, was slow, was down; the rest is not known."""

    day: str
    up: float = 0.0
    slow: float = 0.0
    down: float = 0.0


class ShownComponent(msgspec.Struct, frozen=True, kw_only=True):
    """A component as visitors see it. `uptime` is a share, None when nothing is known; `until` ends a maintenance."""

    id: int
    name: str
    section: str
    state: ComponentState
    since: float | None
    until: float | None
    days: tuple[ShownDay, ...]
    uptime: float | None


class ShownWindow(msgspec.Struct, frozen=True, kw_only=True):
    """A time at which the monitors of components (ids) will be worked on."""

    starts: float
    ends: float
    components: tuple[int, ...]


class ShownPage(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page shows at an instant: `open` goes on, `planned` comes, `past` is over; newest first.

    `windows` are the next maintenances of its monitors, soonest first; none when the page does not show them.
    """

    page: StatusPage
    url: str
    at: float
    components: tuple[ShownComponent, ...]
    open: tuple[PageIncident, ...]
    planned: tuple[PageIncident, ...]
    past: tuple[PageIncident, ...]
    windows: tuple[ShownWindow, ...] = ()

    @property
    def names(self) -> Mapping[int, str]:
        """Return the public name of each component by its id."""
        return {one.id: one.name for one in self.components}
