"""What tests of single rooms begin with: core.db with memory for what leaves the house, and a browser that bears a token."""

import dataclasses

from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports

NOW = 1_764_000_000.0
BASE_URL = "https://vedette.example"


def house_with_kv(clock: ManualClock, settings: Settings | None = None) -> MemoryPorts:
    """Install and return ports of memory, but that the KV store is core.db's."""
    memory = memory_ports(clock, settings or Settings(base_url=BASE_URL))
    made = dataclasses.replace(memory, kv=DatabaseKV(memory.bus))
    install(made)
    return made


def house_with_outbox(clock: ManualClock) -> MemoryPorts:
    """Install and return ports of memory, but that the outbox is core.db's: what waits there must not be lost."""
    made = dataclasses.replace(memory_ports(clock, Settings(base_url=BASE_URL)), outbox=DatabaseOutbox())
    install(made)
    return made


def bearing(scope: Scope, now: float, name: str = "") -> Client:
    """Return a browser whose requests bear a token of a scope, made at an instant; called after its scope without a name."""
    secret, _ = accounts.create_token(SYSTEM, name or scope.value, [scope], now)
    return Client(headers={"Authorization": f"Bearer {secret}"})
