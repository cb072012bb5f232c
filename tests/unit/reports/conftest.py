"""Reports on core.db, with memory for everything else."""

import pytest
from tests.unit.vitals.conftest import ports

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.core.clock import ManualClock, parse_iso
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project

__all__ = ["ports"]
MORNING = parse_iso("2026-11-25T08:00:00Z")  # a Wednesday


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MORNING)


@pytest.fixture
def shop(ports: MemoryPorts, transactional_db: None) -> Project:
    return projects.create_project(SYSTEM, "Shop", "python", MORNING - 3 * 86_400.0)


def person(role: Role = Role.ADMIN, email: str = "mira@example.org") -> Actor:
    made = accounts.create_user(SYSTEM, "Mira", email, "kJ8#vQ2!mZ5x", role, MORNING)
    return accounts.actor_for(made.id)
