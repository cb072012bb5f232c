"""Opens an installation for one command: database up to date, Django set up, ports wired; no roles, no journal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from vedette.app import migrate
from vedette.app.live_key import LIVE_ALL
from vedette.core.settings import Settings, load
from vedette.plumbing.ports import Ports


def prepare() -> Settings:
    """Read the settings, bring the database up to date and set Django up; raises `ConfigError`."""
    settings = load()
    os.umask(0o077)
    migrate.ensure(settings)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
    import django

    django.setup()
    return settings


@contextmanager
def opened() -> Iterator[Ports]:
    """Yield the ports of a command beside a server that may run on the same data."""
    settings = prepare()
    from vedette.app.wiring import wire

    ports = wire(settings, journal=False)
    try:
        yield ports
    finally:
        ports.telemetry.close()


def tell_server(ports: Ports) -> None:
    """Have a running server's live pages look again (it sees this within 200 ms)."""
    ports.kv.put(LIVE_ALL, repr(ports.clock.now()).encode())
