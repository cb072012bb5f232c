"""A Vedette in memory with people and a project, and a way to let errors happen in it."""

import dataclasses
from collections.abc import Callable

import msgspec
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.core import ids
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import Issue
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.wire.delivery import Delivery, encode

NOW = 1_764_000_000.0
PASSWORD = "a-long-walk-to-the-lighthouse"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(transactional_db: None, clock: ManualClock) -> MemoryPorts:
    memory = memory_ports(clock)
    made = dataclasses.replace(memory, kv=DatabaseKV(memory.bus))
    install(made)
    return made


@pytest.fixture
def shop(house: MemoryPorts) -> Project:
    return projects.create_project(SYSTEM, "shop", "python", NOW)


Happen = Callable[..., Issue]


@pytest.fixture
def happen(house: MemoryPorts, shop: Project, clock: ManualClock) -> Happen:
    """Return a function that lets an event arrive and be digested, and gives back its issue."""

    def act(event: dict[str, object], project: Project = shop) -> Issue:
        event_id = ids.new_id()
        now = clock.now()
        body = msgspec.json.encode({"event_id": event_id, "timestamp": now, **event})
        delivery = Delivery(project=project.id, event_id=event_id, received=now, payload=body)
        house.log.publish("event", encode(delivery), event_id, now).result(5)
        messages = house.log.pull("errors", 10, now)
        assert service.digest(messages, now) == 1
        house.log.ack("errors", [m.seq for m in messages])
        return service.find_event(event_id)[0]

    return act


def an_error(
    kind: str = "ValueError", text: str = "no such order", line: str = "order = find(key)"
) -> dict[str, object]:
    frame = {
        "function": "view",
        "filename": "shop/views.py",
        "module": "shop.views",
        "lineno": 61,
        "in_app": True,
        "context_line": line,
    }
    return {
        "platform": "python", "level": "error", "release": "2.1", "environment": "production", "user": {"id": "7", "email": "ann@example.org"},
        "tags": {"payment": "card"}, "exception": {"values": [{"type": kind, "value": text, "stacktrace": {"frames": [frame]}}]},
    }  # fmt: skip


def signed_in(role: Role, name: str = "Mira Lind", address: str = "") -> Client:
    """Return a browser in which a new person of this role is signed in."""
    email = address or f"{role}@tidemark.example"
    ref = accounts.create_user(SYSTEM, name, email, PASSWORD, role, NOW)
    browser = Client()
    browser.force_login(get_user_model().objects.get(pk=ref.id))
    return browser


@pytest.fixture
def member(house: MemoryPorts) -> Client:
    return signed_in(Role.MEMBER)


@pytest.fixture
def viewer(house: MemoryPorts) -> Client:
    return signed_in(Role.VIEWER, "Ola Vik")
