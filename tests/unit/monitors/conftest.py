"""Monitors on core.db, with memory for what leaves the house."""

import dataclasses

import msgspec
import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.projects.types import Project

NOW = 1_764_000_000.0
SITE = msgspec.Raw(b'{"url": "https://site.example"}')


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def house(db: None, clock: ManualClock) -> MemoryPorts:
    memory = memory_ports(clock, Settings(base_url="https://vedette.example"))
    made = dataclasses.replace(memory, kv=DatabaseKV(memory.bus))
    install(made)
    return made


@pytest.fixture
def shop(house: MemoryPorts) -> Project:
    return projects.create_project(SYSTEM, "shop", "django", NOW)


def browser(scope: Scope) -> Client:
    secret, _ = accounts.create_token(SYSTEM, scope.value, [scope], NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})
