"""A clock, memory ports and people for the tests of accounts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from vedette.accounts import service
from vedette.accounts.permissions import SYSTEM, Role
from vedette.accounts.types import UserRef
from vedette.core.clock import ManualClock, SystemClock
from vedette.core.settings import Settings
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import MemoryPorts, memory_ports

PASSWORD = "kJ8#vQ2!mZ5x"


@dataclass
class House:
    """A Vedette with memory ports, whose clock the test moves."""

    ports: MemoryPorts
    clock: ManualClock

    def person(self, name: str, role: Role = Role.MEMBER) -> UserRef:
        """Add a person `name@example.org`."""
        email = f"{name.lower()}@example.org"
        return service.create_user(SYSTEM, name, email, PASSWORD, role, self.clock.now())

    def client(
        self, who: UserRef | None = None, *, csrf: bool = False, address: str = "203.0.113.7"
    ) -> Client:
        """Return a browser, signed in where `who` is given."""
        client = Client(enforce_csrf_checks=csrf, REMOTE_ADDR=address, HTTP_USER_AGENT="Firefox on Linux")
        if who is not None:
            client.force_login(_row(who))
        return client

    def seed(self, who: UserRef) -> str:
        """Set up an authenticator and return its seed."""
        totp = service.begin_totp(who.id)
        from vedette.accounts.store.factors import code_at

        assert service.confirm_totp(who.id, code_at(totp.secret, self.clock.now()), self.clock.now())
        return totp.secret


def _row(who: UserRef):
    from vedette.accounts.models import User

    return User.objects.get(id=who.id)


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """Return a house with a data folder of its own, whose clock starts at the machine's time: allauth reads that one."""
    clock = ManualClock(SystemClock().now())
    ports = memory_ports(clock, Settings(data=tmp_path / "data"))
    before = installed._Installed.ports
    installed.install(ports)
    yield House(ports, clock)
    installed._Installed.ports = before


def links(text: str) -> list[str]:
    """Return the paths of links in a mail."""
    return re.findall(r"https?://[^/\s]+(/\S+)", text)
