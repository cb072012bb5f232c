"""What the rooms tell the others: signals (alertable), moments (facts of a timeline), series (charts)."""

import enum
from collections.abc import Callable, Mapping, Sequence

import msgspec

TOPIC = "signals"  # the bus topic that is woken after signals were committed


Totals = Callable[[Sequence[str], Mapping[str, str], float, float], Sequence[tuple[Mapping[str, str], float]]]


class Severity(enum.StrEnum):
    """How bad it is; ordered by `rank`."""

    INFO = "info"
    LOW = "low"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 (info) to 3 (critical)."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class SignalState(enum.StrEnum):
    """Whether what the signal speaks of goes on, is over, or only happened."""

    FIRING = "firing"
    RESOLVED = "resolved"
    INFO = "info"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person may need to know.

    `room` and `kind` say who speaks of what (`errors`, `issue.new`); `subject` is its human key
    (`CHECKOUT-4F`). Its identity as an alert is its label set. Instants are seconds, UTC; `link` is a path.
    """

    room: str
    kind: str
    subject: str
    severity: Severity
    state: SignalState
    at: float
    title: str
    text: str = ""
    link: str = "/"
    project: int | None = None
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    starts: float | None = None
    ends: float | None = None


class StoredSignal(msgspec.Struct, frozen=True):
    """A published signal and its place in the stream (`seq` grows)."""

    seq: int
    signal: Signal


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a room's story: a fact a timeline may want."""

    at: float
    room: str
    kind: str
    subject: str
    text: str
    link: str = "/"
    project: int | None = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A chart a room can draw: name (`errors.events`), unit, label names and how to read it.

    `read(labels, start, end, step)` returns one value for each bucket of `step` seconds from `start` on.
    `totals(by, labels, start, end)` returns, for each set of values the labels named in `by` took between
    `start` and `end`, the labels (those of `by`, and any the room wants to tell with them) and the sum:
    which issues were busy, not only how busy one was. None when a room cannot tell. `finest` is the shortest
    step (seconds) it can tell apart, and for how long (seconds); before, it is counted
    by the hour. `about` says in one sentence what is counted. `level` says that values are a level (a percentile), not
    an amount: what stands for a window is then the level over all that it touches, never a sum of its parts.
    """

    name: str
    unit: str
    labels: tuple[str, ...]
    read: Callable[[Mapping[str, str], float, float, float], Sequence[float]]
    totals: Totals | None = None
    finest: float = 60.0
    fine: float = float("inf")
    about: str = ""
    level: bool = False
