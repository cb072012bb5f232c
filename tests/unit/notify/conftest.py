"""Notify on core.db: memory for what leaves the house, the real outbox for what must not be lost."""

import pytest
from django.test import Client
from tests.support.rooms import bearing, house_with_outbox

from vedette.accounts.permissions import Scope
from vedette.core.clock import ManualClock
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock) -> MemoryPorts:
    return house_with_outbox(clock)


@pytest.fixture
def web(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, ports.clock.now(), "test")


@pytest.fixture
def reader(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may only read."""
    return bearing(Scope.READ, ports.clock.now(), "reader")
