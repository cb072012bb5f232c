"""A Vedette in memory (its shared values in core.db, for they live in transactions), and a browser without JavaScript."""

import dataclasses

import pytest
from django.test import Client

from vedette.core.clock import ManualClock
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports

NOW = 1_764_000_000.0


@pytest.fixture
def ports(transactional_db: None) -> MemoryPorts:
    memory = memory_ports(ManualClock(NOW))
    made = dataclasses.replace(memory, kv=DatabaseKV(memory.bus))
    install(made)
    return made


@pytest.fixture
def browser(ports: MemoryPorts) -> Client:
    return Client()
