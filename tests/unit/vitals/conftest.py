"""Web vitals on core.db, with memory for everything else."""

import json
from collections.abc import Mapping

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.vitals import service
from vedette.wire import delivery as wire
from vedette.wire import vitals
from vedette.wire.delivery import Delivery


def transaction(page: str = "/", **values: float) -> dict[str, object]:
    """Return a transaction as our browser client sends it."""
    measured = {
        name: {"value": value, "unit": "none" if name == "cls" else "millisecond"}
        for name, value in values.items()
    }
    return {"type": "transaction", "transaction": page, "measurements": measured, "spans": []}


class Browsers:
    """Hands page loads to the room as the measurer does, with seqs that grow."""

    def __init__(self, clock: ManualClock, project: int) -> None:
        self.clock, self.project, self.seq = clock, project, 0

    def message(self, sent: Mapping[str, object], kind: str = "transaction") -> Message:
        self.seq += 1
        body = vitals.brief(kind, json.dumps(sent).encode())
        made = Delivery(self.project, f"{self.seq:032x}", self.clock.now(), body)
        return Message(seq=self.seq, subject=kind, body=wire.encode(made), msg_id="", at=self.clock.now())

    def load(self, n: int = 1, page: str = "/", **values: float) -> int:
        """Let `n` page loads be measured."""
        return service.digest([self.message(transaction(page, **values)) for _ in range(n)], self.clock.now())


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
    return projects.create_project(SYSTEM, "Shop", "javascript", clock.now())


@pytest.fixture
def browsers(clock: ManualClock, shop: Project) -> Browsers:
    return Browsers(clock, shop.id)
