"""The words of reports: what a day or a week was, in one page or one mail."""

import enum

import msgspec

ROOM = "reports"


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
    """What one room tells of a period: a sentence first, then lines, worst first. One with nothing to tell is left out."""

    key: str
    title: str
    sentence: str
    lines: tuple[Line, ...] = ()
    more: int = 0


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What a period was for a project (None: all of them): a verdict in one sentence, and sections."""

    period: Period
    start: float
    end: float
    zone: str
    project: int | None
    verdict: str
    sections: tuple[Section, ...]
    id: int = 0
    made_at: float = 0.0


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Which digests a person gets by mail: at `hour` by the wall clock of `zone` (weekly ones on `weekday`, 0 is Monday).

    `projects` are ids, none means every project. `quiet` leaves out those that have nothing to tell.
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
