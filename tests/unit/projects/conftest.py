"""Projects on core.db, with memory for what leaves the house."""

import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
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


def browser(ports: MemoryPorts, scope: Scope) -> Client:
    secret, _ = accounts.create_token(SYSTEM, scope.value, [scope], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def web(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may do everything."""
    return browser(ports, Scope.ADMIN)


@pytest.fixture
def reader(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may only read."""
    return browser(ports, Scope.READ)
