"""The room of backups on core.db: a host that is let in, an engine and a source of the tests' own."""

from collections.abc import Iterator

import pytest
from tests.support import backup_kinds
from tests.support.rooms import NOW, house_with_kv

from vedette.core.clock import ManualClock
from vedette.hosts.store import hosts
from vedette.plumbing import ports as installed
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with backup_kinds.known():
        yield


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(clock: ManualClock) -> Iterator[MemoryPorts]:
    before = installed._Installed.ports
    yield house_with_kv(clock)
    installed._Installed.ports = before


@pytest.fixture
def host(house: MemoryPorts) -> int:
    assert house
    with transaction():
        return hosts.add("web1", b"k" * 32, "web1", "anna", NOW).id
