"""Status pages on core.db, with memory for what leaves the house."""

import dataclasses

import pytest
from django.test import Client
from tests.support.rooms import bearing

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.monitors import service as monitors
from vedette.monitors.types import CheckResult, Monitor, MonitorDraft, Outcome, Reading
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.status import service
from vedette.status.types import Component, StatusPage, StatusPageDraft

NOW = 1_764_000_000.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    memory = memory_ports(clock, Settings(base_url="https://vedette.example"))
    made = dataclasses.replace(memory, kv=DatabaseKV(memory.bus), outbox=DatabaseOutbox())
    install(made)
    return made


@pytest.fixture
def checkout(house: MemoryPorts) -> Monitor:
    config = monitors.config_of(b'{"rhythm": {"schedule": {"kind": "every", "seconds": 60}, "grace": 60}}')
    return monitors.create(
        SYSTEM, 0, MonitorDraft(name="db-7.internal", kind="heartbeat", config=config), NOW
    )


@pytest.fixture
def page(checkout: Monitor) -> StatusPage:
    return service.create(SYSTEM, draft(checkout), NOW)


def draft(monitor: Monitor, **more: object) -> StatusPageDraft:
    components = (Component(monitor=monitor.id, name="Checkout", section="Shop"),)
    how = {"slug": "shop", "title": "Tidemark", "components": components, **more}
    return StatusPageDraft(**how)  # type: ignore[arg-type]


def found(monitor: Monitor, reading: Reading, at: float) -> None:
    """Let a check find a monitor so."""
    outcome = Outcome(at=at, reading=reading, cause="refused", sentence="db-7.internal refused at 10.0.0.7.")
    monitors.record([CheckResult(monitor=monitor.id, outcome=outcome)], at)


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, NOW)
