"""The words of locations: where monitors are checked from besides here, and what travels between them and this installation.

Instants are seconds since the epoch; a location's are by its own clock, and corrected when they arrive.
"""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe.types import Request
from vedette.monitors.types import CheckResult, Reading

TOKEN_PREFIX = "vdl_"  # noqa: S105 - how tokens of locations begin
ORDERS, RESULTS = "/api/v1/probe/orders", "/api/v1/probe/results"
PATIENCE = 25.0  # seconds that a poll for orders waits for something new
MOST_RESULTS, MOST_BYTES = 2_000, 4 * 1024 * 1024  # of one batch
OLDEST = 86_400.0  # seconds after which what was found is of no use to anybody
SILENT = 90.0  # seconds after which people are told that a location is not heard of


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Somewhere else that checks. `slug` never changes; `hint` is how its token begins.

    `skew` is how many seconds its clock is behind ours, `lost` how many findings it had no room for; `told` says that people
    know of its silence.
    """

    id: int
    slug: str
    name: str
    hint: str
    created_at: float
    heard_at: float | None = None
    version: str = ""
    skew: float = 0.0
    lost: int = 0
    told: bool = False


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """A sign of life of a location: when, of which version, and what it says of itself; None for what it does not say."""

    at: float
    version: str = ""
    skew: float | None = None
    lost: int | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a location checks again and again: a monitor, every how many seconds, and what is asked, with its secrets.

    `retry` is how many seconds after a first failure it is checked again.
    """

    monitor: int
    kind: str
    interval: float
    retry: float
    request: Request


class Errands(msgspec.Struct, frozen=True, kw_only=True):
    """What changed for a location: `put` is new or changed, `drop` is checked no more, `soon` early (in seconds).

    `revision` is to be sent with the next poll; `whole` says that what is not among `put` is checked no more, and `more` that
    the answers to the next polls go on with it: nothing is known to be gone before the last of them.
    """

    revision: str
    name: str
    whole: bool
    more: bool = False
    put: tuple[Task, ...] = ()
    drop: tuple[int, ...] = ()
    soon: Mapping[int, float] = {}


class Sighted(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found, as a location tells it; `evidence` is JSON, `phases` are milliseconds."""

    monitor: int
    at: float
    reading: Reading
    cause: str = ""
    sentence: str = ""
    ms: float | None = None
    expires: float | None = None
    phases: Mapping[str, float] = {}
    evidence: msgspec.Raw = msgspec.Raw(b"null")


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Findings that travel together. `origin` names who numbers them, `first` is the number of the first.

    `sent_at` is when they were sent by the location's clock; `lost` are those it had no room for since it was started.
    """

    origin: str
    first: int
    sent_at: float
    results: tuple[Sighted, ...]
    version: str = ""
    lost: int = 0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: up to which number all is recorded, what is checked again early, and what was refused, and why.

    `skew` is how many seconds the location's clock is behind.
    """

    taken: int
    soon: Mapping[int, float] = {}
    refused: int = 0
    detail: str = ""
    skew: float = 0.0


class Corrected(msgspec.Struct, frozen=True):
    """Findings by our clock, with the number of each; `skew`, and how many were refused with the reason."""

    results: tuple[CheckResult, ...]
    numbers: tuple[int, ...]
    skew: float
    refused: int
    reason: str
