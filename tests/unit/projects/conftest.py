"""Projects on core.db, with memory for what leaves the house."""

import pytest
from django.test import Client
from tests.support.rooms import bearing

from vedette.accounts.permissions import Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock, tmp_path) -> MemoryPorts:
    made = memory_ports(clock, Settings(base_url="https://vedette.example", data=tmp_path, retention_days=30))
    install(made)
    return made


@pytest.fixture
def web(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, ports.clock.now())


@pytest.fixture
def reader(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may only read."""
    return bearing(Scope.READ, ports.clock.now())
