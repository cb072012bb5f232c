"""Notify on core.db: memory for what leaves the house, the real outbox for what must not be lost."""

import dataclasses

import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock) -> MemoryPorts:
    settings = Settings(base_url="https://vedette.example")
    made = dataclasses.replace(memory_ports(clock, settings), outbox=DatabaseOutbox())
    install(made)
    return made


@pytest.fixture
def web(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may do everything."""
    secret, _ = accounts.create_token(SYSTEM, "test", [Scope.ADMIN], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def reader(ports: MemoryPorts, db: None) -> Client:
    """Return a browser that may only read."""
    secret, _ = accounts.create_token(SYSTEM, "reader", [Scope.READ], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})
