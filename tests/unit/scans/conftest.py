"""The room of scans on core.db, with memory for what leaves the house."""

from collections.abc import Iterator

import pytest
from tests.support.rooms import NOW, house_with_kv

from vedette.core.clock import ManualClock
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import MemoryPorts
from vedette.scans.models import TargetRow


@pytest.fixture
def house() -> Iterator[MemoryPorts]:
    before = installed._Installed.ports
    yield house_with_kv(ManualClock(NOW))
    installed._Installed.ports = before


@pytest.fixture
def target(house: MemoryPorts) -> int:
    assert house
    return int(TargetRow.objects.create(scanner="deps", target="/srv/shop", body={"name": "shop"}).id)
