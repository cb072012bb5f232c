"""Incidents on core.db, with memory for what leaves the house."""

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing, house_with_outbox

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role, Scope
from vedette.core.clock import ManualClock
from vedette.incidents.models import IncidentRow
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    return house_with_outbox(clock)


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    """Return a browser that may do everything."""
    return bearing(Scope.ADMIN, NOW)


def person(name: str, role: Role = Role.MEMBER) -> Actor:
    """Make a person and return them as who asks."""
    made = accounts.create_user(SYSTEM, name, f"{name.lower()}@example.org", "kJ8#vQ2!mZ5x", role, NOW)
    return accounts.actor_for(made.id)


def incident(**more: object) -> int:
    """Make an incident and return its number."""
    row = {
        "title": "Checkout fails", "state": "open", "severity": 2, "impact": "many", "urgency": "now", "declared": "rule",
        "declared_by": "", "started_at": NOW - 600, "detected_at": NOW - 540, "quiet_minutes": 10, "updated_at": NOW, **more,
    }  # fmt: skip
    return IncidentRow.objects.create(**row).pk
