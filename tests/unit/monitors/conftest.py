"""Monitors on core.db, with memory for what leaves the house."""

import msgspec
import pytest
from tests.support.rooms import NOW, house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project

SITE = msgspec.Raw(b'{"url": "https://site.example"}')


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    return house_with_kv(clock)


@pytest.fixture
def shop(house: MemoryPorts) -> Project:
    return projects.create_project(SYSTEM, "shop", "django", NOW)
