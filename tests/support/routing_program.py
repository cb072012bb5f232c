"""Puts the routing that comes in as JSON in force, after webhooks by name and URL; run as a program beside a server, on the same data."""

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
    from vedette.notify import service as notify
    from vedette.plumbing.db.sql import transaction

    made = wire(settings, journal=False)
    now = made.clock.now()
    table, hooks = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[Routing, dict[str, str]])
    with transaction():
        for name, url in hooks.items():
            notify.create_channel(SYSTEM, "webhook", name, {"url": url}, now, default=False)
        governing.save_routing(SYSTEM, table, now)
