"""The whole path on core.db: signals, rules, outbox; memory for what leaves the house; a clock moved by hand."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from django.test import Client
from tests.support.rooms import bearing, house_with_outbox

from vedette.accounts.permissions import Scope
from vedette.core.clock import ManualClock
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.signals.types import Series, Severity, Signal, SignalState


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock) -> MemoryPorts:
    return house_with_outbox(clock)


class Events:
    """A series of events a test writes by hand: `add(at, issue, n)`."""

    def __init__(self) -> None:
        self._events: list[tuple[float, str, str]] = []

    def add(self, at: float, issue: str, n: int = 1, project: str = "1") -> None:
        self._events += [(at // 60 * 60, project, issue)] * n

    def read(self, labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
        return [
            sum(n for _, n in self.totals((), labels, at, at + step))
            for at in (start + k * step for k in range(int((end - start) / step)))
        ]

    def totals(
        self, by: Sequence[str], labels: Mapping[str, str], start: float, end: float
    ) -> Sequence[tuple[Mapping[str, str], float]]:
        found: dict[tuple[str, ...], float] = {}
        for at, project, issue in self._events:
            told = {"project": project, "issue": issue}
            if start <= at < end and labels.items() <= told.items():
                key = tuple(told[name] for name in by)
                found[key] = found.get(key, 0.0) + 1
        return [(dict(zip(by, key, strict=True)), n) for key, n in found.items()]


@pytest.fixture
def events() -> Iterator[Events]:
    """Put a series of our own into the catalogue, and the one that was there back."""
    made, name = Events(), "errors.events"
    before = signals.catalogue().get(name)
    signals.register(
        Series(name=name, unit="events", labels=("project", "issue"), read=made.read, totals=made.totals)
    )
    yield made
    if before is not None:
        signals.register(before)


@pytest.fixture
def publish(clock: ManualClock) -> Callable[..., Signal]:
    """Publish a signal of errors: `publish("issue.new", "SHOP-1", project=3)`."""

    def publish(kind: str = "issue.new", subject: str = "SHOP-1", **changes: object) -> Signal:
        given = {
            "room": "errors", "kind": kind, "subject": subject, "severity": Severity.HIGH,
            "state": SignalState.INFO, "at": clock.now(), "title": f"Error in {subject}",
            "link": f"/issues/{subject}/",
        }  # fmt: skip
        made = Signal(**{**given, **changes})  # type: ignore[arg-type]
        signals.publish([made], clock.now())
        return made

    return publish


@pytest.fixture
def web(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, ports.clock.now(), "test")


@pytest.fixture
def reader(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may only read."""
    return bearing(Scope.READ, ports.clock.now(), "reader")
