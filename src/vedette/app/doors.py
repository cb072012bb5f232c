"""What stands at the front of one process: intake, static files, live streams and pages, and the house behind."""

import os
import sys

from django.urls import get_resolver

from vedette.accounts import service as accounts
from vedette.app import own_agent, wsgi
from vedette.app.agent_door import AgentDoor
from vedette.app.ban_door import BanDoor
from vedette.app.digestion import Digestion
from vedette.app.guarding import Guarded
from vedette.app.hook_desk import HookDesk
from vedette.app.house import ROLES, House
from vedette.app.location_door import LocationDoor
from vedette.app.pages import Pages
from vedette.app.streams import Streams
from vedette.app.token_desk import TokenDesk
from vedette.app.wiring import backups, findings, infra, intrusions
from vedette.core.settings import Settings
from vedette.intake.http import Intake
from vedette.intake.limits import limits_of
from vedette.intake.loading import LoaderDoor
from vedette.plumbing.ports import Ports
from vedette.projects.naming import dsn
from vedette.signals.types import TOPIC as SIGNALS
from vedette.status.door import StatusDoor
from vedette.ui.asgi_types import Receive, Scope, Send
from vedette.ui.static_files import StaticFiles
from vedette.web import vitals


class Doors:
    """Opens the house and what answers requests; `listen` completes it on the event loop's thread."""

    def __init__(
        self, settings: Settings, roles: frozenset[str] | None = None, digestion: Digestion | None = None
    ) -> None:
        self.house = House(settings, frozenset(ROLES) if roles is None else roles, digestion)
        self.house.open()
        ports = self.house.ports
        if os.environ.get(own_agent.HERE):
            _let_agent_in(settings, ports)
        self.intake = Intake(
            ports.log,
            self.house.keyring,
            self.house.usage,
            ports.clock,
            limits_of(settings),
            files=ports.files,
            loader=LoaderDoor(
                self.house.keyring, lambda key, project: dsn(key, project, settings.public_url)
            ),
            tokens=TokenDesk(ports.clock),
            hooks=HookDesk(),
            pings=self.house.pings,
            on_alerts=lambda: ports.bus.wake(SIGNALS),
        )
        vitals.watch_senders(self.intake.alerts.crowded)
        self.static = StaticFiles()
        self.status = StatusDoor(
            self.house.status,
            ports.clock,
            settings.trusted_proxies,
            https=settings.public_url.startswith("https://"),
        )
        self.locations = LocationDoor(self.house.digestion.take, ports.clock, settings.trusted_proxies)
        self.house.watch_monitors(self.locations.refresh)
        self.agents = AgentDoor(
            intrusions(), ports.clock, settings.trusted_proxies, findings(), backups(), infra=infra()
        )
        self.house.watch_hosts(self.agents.refresh)
        self.bans = BanDoor(self.house.keyring, ports.clock)
        self.house.watch_bans(self.agents.ring)
        self.pages = Pages(wsgi.application)
        self.guarded = Guarded(self._inside, settings)
        self._bus = ports.bus
        get_resolver().url_patterns  # noqa: B018 - loads every view now, not in the first request
        _print_setup_link(ports)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is Vedette's own interface: its files, its live streams, its pages and their API."""
        if scope["path"].startswith("/static/"):
            await self.static(scope, receive, send)
        elif scope["path"] == "/live":
            await self.live(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    def listen(self) -> None:
        """Start the live streams."""
        self.live = Streams(self._bus)

    def close(self) -> None:
        """End streams and pages, then close the house."""
        self.live.close()
        self.locations.close()
        self.agents.close()
        self.bans.close()
        self.status.close()
        self.pages.close()
        self.house.close()


def _print_setup_link(ports: Ports) -> None:
    """Print the way in while nobody is there to let people in; the link before dies."""
    if not accounts.has_admin():
        token = accounts.setup_link_token(ports.clock.now())
        sys.stdout.write(
            f"Set Vedette up: {ports.settings.public_url}/setup/{token}/ (works once, for a day)\n"
        )
        sys.stdout.flush()


def _let_agent_in(settings: Settings, ports: Ports) -> None:
    from vedette.app.letting_in import let_in

    let_in(settings, ports.clock.now())
