"""Deploys on core.db, with memory for what leaves the house."""

import pytest
from tests.support.rooms import NOW, house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    return house_with_kv(clock)


@pytest.fixture
def checkout(house: MemoryPorts) -> Project:
    return projects.create_project(SYSTEM, "checkout", "django", NOW)
