"""The words of reports: what a day or a week was, in one page or one mail."""

import enum
from collections.abc import Callable
from typing import ClassVar, Protocol

import msgspec

from vedette.accounts.permissions import Verb

ROOM = "reports"
TOPIC = "reports"  # the bus topic that is woken while there are digests to make or to mail
OUTBOX = "reports"  # the outbox topic of digests that are mailed
MOST_LINES = 10  # of one section; the rest is counted


class Period(enum.StrEnum):
    """What a digest covers: a day or a week, by the wall clock of the reader's zone."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a section: what, the figure, the figure of the period before, and where to look. `tone` is ok, warn, crit or empty."""

    text: str
    value: str = ""
    before: str = ""
    link: str = ""
    tone: str = ""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What one room tells of a period: a sentence first, then lines, worst first. One with nothing to tell is left out.

    `tone` is how bad it is (crit, warn, ok or empty), `verb` what a reader must be allowed to do to read it.
    """

    key: str
    title: str
    sentence: str
    lines: tuple[Line, ...] = ()
    more: int = 0
    tone: str = ""
    verb: Verb = Verb.REPORT_READ


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What a digest is asked of: from `start` to `end` (instants), for a project (its id; None: all of them)."""

    start: float
    end: float
    project: int | None = None

    @property
    def before(self) -> "Stretch":
        """Return the time of the same length before it, which figures are compared with."""
        return Stretch(start=2 * self.start - self.end, end=self.start, project=self.project)


class Teller(Protocol):
    """What tells one section; one file under `reports/sections/`, found by the registry through `SECTION`.

    `order` is its place in a digest. `tell` returns None when there is nothing to tell.
    """

    key: ClassVar[str]
    order: ClassVar[int]

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        """Return what happened in a time."""
        ...


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What a period was for a project (None: all of them), in sections; empty when nothing happened."""

    period: Period
    start: float
    end: float
    zone: str
    project: int | None
    sections: tuple[Section, ...]
    id: int = 0
    made_at: float = 0.0


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Which digests a person gets by mail: at `hour` by the wall clock of `zone` (weekly ones on `weekday`, 0 is Monday).

    `projects` are ids, none means one digest of all. `quiet` leaves out those that have nothing to tell.
    """

    user: int
    period: Period
    hour: int = 8
    weekday: int = 0
    zone: str = "UTC"
    projects: tuple[int, ...] = ()
    quiet: bool = False
    enabled: bool = True
    next_at: float | None = None


class DigestPage(msgspec.Struct, frozen=True):
    """A page of digests, newest first, and the cursor of the next page (None at the end)."""

    digests: tuple[Digest, ...]
    cursor: str | None


Allowed = Callable[[Verb], bool]
"""Whether the reader of a digest may do what a verb says."""
