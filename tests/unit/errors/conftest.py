"""Errors on core.db, with memory for everything else."""

import json
from collections.abc import Callable

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.errors import service
from vedette.errors.scrubbing import Scrubber, scrubber
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.projects.types import Project, ScrubRules
from vedette.wire import delivery as wire
from vedette.wire.delivery import Delivery

ID = "0123456789abcdef0123456789abcdef"


def delivery(event: object = None, **changes: object) -> Delivery:
    """Return a delivery of an event (anything JSON) or of bytes as `payload`."""
    given = {"project": 1, "event_id": ID, "received": 1_764_000_000.0, "payload": json.dumps(event).encode()}
    return Delivery(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def scrub() -> Scrubber:
    return scrubber(ScrubRules())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock, tmp_path) -> MemoryPorts:
    made = memory_ports(clock, Settings(data=tmp_path))
    install(made)
    return made


@pytest.fixture
def shop(ports: MemoryPorts, clock: ManualClock, transactional_db: None) -> Project:
    return projects.create_project(SYSTEM, "Shop", "python", clock.now())


class Journal:
    """Hands deliveries to errors as the digester does, with seqs that grow."""

    def __init__(self, clock: ManualClock, project: int) -> None:
        self.clock = clock
        self.project = project
        self.seq = 0

    def message(self, event: object = None, event_id: str = "", **changes: object) -> Message:
        self.seq += 1
        event_id = event_id or f"{self.seq:032x}"
        given = {"project": self.project, "event_id": event_id, "received": self.clock.now(), **changes}
        body = wire.encode(delivery(event, **given))
        return Message(seq=self.seq, subject="event", body=body, msg_id=event_id, at=self.clock.now())

    def send(self, *events: object, **changes: object) -> int:
        return service.digest([self.message(event, **changes) for event in events], self.clock.now())


@pytest.fixture
def journal(clock: ManualClock, shop: Project) -> Journal:
    return Journal(clock, shop.id)


def error(
    kind: str = "ValueError", value: str = "no", function: str = "pay", **more: object
) -> dict[str, object]:
    """Return an event of a Python exception raised in a function."""
    frame = {
        "function": function,
        "module": "shop.orders",
        "filename": "shop/orders.py",
        "lineno": 7,
        "in_app": True,
    }
    exception = {"values": [{"type": kind, "value": value, "stacktrace": {"frames": [frame]}}]}
    return {"platform": "python", "exception": exception, **more}


@pytest.fixture
def raised() -> Callable[..., dict[str, object]]:
    return error
