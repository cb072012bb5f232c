"""What the loop needs of others: who reads lines, detects, decides and carries reports. `assembling` picks who does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from vedette.instruments.logs.sources.types import Standing
from vedette.instruments.logs.types import LogEntry
from vedette.wire.agent.types import Detection, Report

Say = Callable[[str], None]


class Reads(Protocol):
    """Makes entries of lines."""

    def entries(self, chunk: bytes, source: str, now: float) -> Iterator[LogEntry]:
        """Yield what whole lines tell that is wanted; `now` is when they were read."""
        ...


class Detects(Protocol):
    """Counts entries by rules."""

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        """Count an entry; return what it sets off."""
        ...


class Decides(Protocol):
    """Does something about attackers, or not; called by several threads."""

    def start(self, now: float) -> None:
        """Put in force what stood before."""
        ...

    def consider(self, detection: Detection, now: float) -> None:
        """Decide about a detection and enforce that, before it returns."""
        ...

    def tick(self, now: float) -> None:
        """Do what time brings, about once a second."""
        ...

    def close(self) -> None:
        """Keep what stands; nothing is lifted."""
        ...


class Reports(Protocol):
    """Carries what is told to the server; keeps it while that is away."""

    def start(self) -> None:
        """Begin to send."""
        ...

    def report(self, reports: Sequence[Report]) -> None:
        """Let reports wait to be sent; never waits for the server."""
        ...

    def waiting(self) -> Mapping[str, int]:
        """Return how many wait, by lane."""
        ...

    def stop(self) -> None:
        """Keep what waits, within a second and a half."""
        ...


class Follows(Protocol):
    """A source of lines with a thread of its own."""

    def run(self) -> None:
        """Follow until `stop`."""
        ...

    def stop(self) -> None:
        """End `run` soon."""
        ...

    def standings(self) -> Sequence[Standing]:
        """Return how each source fares."""
        ...
