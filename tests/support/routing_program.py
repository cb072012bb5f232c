"""Puts the routing that comes in as JSON in force; run as a program beside a server, on the same data."""

import os
import sys

import django
import msgspec

from vedette.app import migrate
from vedette.app.wiring import wire
from vedette.core import settings as core_settings

if __name__ == "__main__":
    settings = core_settings.load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
    migrate.ensure(settings)
    django.setup()
    from vedette.accounts.permissions import SYSTEM
    from vedette.alerts import governing
    from vedette.alerts.types import Routing

    made = wire(settings, journal=False)
    table = msgspec.json.decode(sys.stdin.buffer.read(), type=Routing)
    governing.save_routing(SYSTEM, table, made.clock.now())
