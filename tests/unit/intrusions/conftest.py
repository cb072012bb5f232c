"""Intrusions on core.db; the feed of each test is its own."""

from collections.abc import Iterator

import pytest
from tests.support.rooms import BASE_URL, NOW, house_with_kv

from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.intrusions import feeding
from vedette.intrusions.service import Judges
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(clock: ManualClock) -> Iterator[MemoryPorts]:
    before = installed._Installed.ports
    made = house_with_kv(clock, Settings(base_url=BASE_URL, never_ban="198.51.100.250"))
    feed = feeding.FEED
    feed.__init__()  # type: ignore[misc]  # as in a process that starts
    made.bus.subscribe(("intrusions",), lambda _: feed.refresh(clock.now()) or None)
    yield made
    installed._Installed.ports = before


@pytest.fixture
def judges(house: MemoryPorts, clock: ManualClock) -> Judges:
    assert house
    return Judges(clock)
