"""Incidents on core.db, with memory for what leaves the house; alerts are pushed by hand and the clock is moved."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing, house_with_outbox

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.alerts import processing
from vedette.alerts.becoming import Seen
from vedette.alerts.telling import Story
from vedette.alerts.types import Standing
from vedette.core.clock import ManualClock
from vedette.incidents import service
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals.types import Severity, SignalState


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    made = house_with_outbox(clock)
    service.work(NOW)  # from here on it listens
    return made


@pytest.fixture
def shop(house: MemoryPorts) -> Project:
    return projects.create_project(SYSTEM, "shop", "django", NOW)


Fire = Callable[..., None]


@pytest.fixture
def fire(clock: ManualClock, shop: Project) -> Fire:
    """Let alerts fire or end: `fire("checkout")`, `fire("checkout", over=True)`."""

    def fire(*names: str, over: bool = False, severity: Severity = Severity.CRITICAL, **labels: str) -> None:
        now, state = clock.now(), SignalState.RESOLVED if over else SignalState.FIRING
        standing = Standing(
            state=state, severity=severity, change=0, starts=now, ends=now if over else now + 1e6
        )
        seen = [
            Seen(
                Story(
                    labels={"alertname": name, **labels}, annotations={}, seen=standing, title=f"{name} fires", text="",
                    link="/alerts/", subject=name, project=shop.id,
                ),
                (), "",
            )
            for name in names
        ]  # fmt: skip
        processing.push(seen, now)

    return fire


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, NOW)


@pytest.fixture
def reader(house: MemoryPorts) -> Client:
    """Return a browser that may only read."""
    return bearing(Scope.READ, NOW, "reader")
