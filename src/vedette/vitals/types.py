"""The words of web vitals: vital, rating, what a page's vital comes to, and how it changed."""

import enum

import msgspec

ROOM = "vitals"
GROUP = "vitals"  # as this room's consumer is known in the journal
SERIES = "web.vitals"
OTHER = "other pages"  # stands for the pages beyond those that are told apart
HOUR, DAY = 3_600.0, 86_400.0


class Vital(enum.StrEnum):
    """What is measured (https://web.dev/articles/vitals): milliseconds, but CLS, which is a score."""

    LCP = "lcp"
    INP = "inp"
    CLS = "cls"
    FCP = "fcp"
    TTFB = "ttfb"

    @property
    def label(self) -> str:
        """Return it as people write it."""
        return self.value.upper()


class Rating(enum.StrEnum):
    """How good a value is, by the thresholds of web.dev."""

    GOOD = "good"
    FAIR = "needs improvement"
    POOR = "poor"


class Measured(msgspec.Struct, frozen=True):
    """The 75th percentile of a vital over some time, and of how many page loads; None when there was none."""

    p75: float | None
    samples: int


class PageVital(msgspec.Struct, frozen=True, kw_only=True):
    """A vital of a page in the last 24 hours, beside the week before.

    `change` is the share by which it grew (0.2: a fifth worse), None where one of the two is not known. `worse` says
    that it grew by more than the bound, with samples enough on both sides, `reason` why or why not.
    """

    project: int
    page: str
    vital: Vital
    now: Measured
    before: Measured
    rating: Rating
    change: float | None
    worse: bool
    reason: str
