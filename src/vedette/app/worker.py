"""Runs roles without the front door: `vedette up --role digester`."""

import os
import signal
import threading

from vedette.app import logs, migrate
from vedette.core import settings as core_settings


def work() -> None:
    """Run the roles `VEDETTE_ROLES` names until SIGTERM or SIGINT."""
    settings = core_settings.load()
    os.umask(0o077)
    logs.configure(settings)
    migrate.ensure(settings)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
    import django

    django.setup()
    from vedette.app.house import House

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    house = House(settings, frozenset(os.environ["VEDETTE_ROLES"].split(",")))
    house.open()
    stop.wait()
    house.close()
