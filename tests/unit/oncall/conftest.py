"""On-call on core.db, with memory for what leaves the house, and a team of three."""

from collections.abc import Mapping

import pytest
from django.test import Client
from tests.support.rooms import house_with_kv
from tests.support.rotas import instant

from vedette.accounts import people
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.oncall import service
from vedette.oncall.types import Schedule, ScheduleDraft
from vedette.plumbing.testing import MemoryPorts

NOON = instant("2026-11-26T12:00")  # a Thursday


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    return house_with_kv(clock)


@pytest.fixture
def team(house: MemoryPorts) -> Mapping[str, Actor]:
    """Return Mira (owner), Jonas (admin), Ada (member) and Leo (viewer) as actors."""
    made = {}
    for name, role in (
        ("Mira Lind", Role.OWNER),
        ("Jonas Berg", Role.ADMIN),
        ("Ada Holm", Role.MEMBER),
        ("Leo Vik", Role.VIEWER),
    ):
        email = f"{name.split()[0].lower()}@example.org"
        ref = people.admit_known(SYSTEM, name=name, email=email, role=role, now=NOON)
        made[name.split()[0].lower()] = Actor(ActorKind.USER, ref.id, name, role)
    return made


@pytest.fixture
def web_schedule(team: Mapping[str, Actor]) -> Schedule:
    """Return a schedule in which Mira, Jonas and Ada take turns by the week, changing on Mondays at nine."""
    from tests.support.rotas import weekly

    layer = weekly(*(team[name].id for name in ("mira", "jonas", "ada")))
    return service.create_schedule(SYSTEM, ScheduleDraft(name="Web", layers=(layer,)), NOON)


@pytest.fixture
def signed_in(team: Mapping[str, Actor]) -> Mapping[str, Client]:
    from vedette.accounts.models import User

    made = {}
    for name, actor in team.items():
        made[name] = Client()
        made[name].force_login(User.objects.get(id=actor.id))
    return made
