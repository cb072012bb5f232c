"""Hosts on core.db, with measures in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.agents import DoorNet
from tests.support.rooms import BASE_URL, NOW, house_with_kv

from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.hosts.store import shelf
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(clock: ManualClock, tmp_path: Path) -> Iterator[MemoryPorts]:
    before = installed._Installed.ports
    yield house_with_kv(clock, Settings(base_url=BASE_URL, data=tmp_path / "data"))
    shelf.close()
    installed._Installed.ports = before


@pytest.fixture
def net(house: MemoryPorts, clock: ManualClock) -> Iterator[DoorNet]:
    made = DoorNet(clock)
    house.bus.subscribe(("hosts",), lambda _: made.door.refresh())
    yield made
    made.close()
