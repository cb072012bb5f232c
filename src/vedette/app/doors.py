"""What stands at the front of one process: intake, static files, live streams and pages, and the house behind."""

from vedette.app import wsgi  # sets Django up; everything below may import models
from vedette.app.house import House
from vedette.app.pages import Pages
from vedette.app.streams import Streams
from vedette.core.settings import Settings
from vedette.intake.http import Intake, limits_of
from vedette.ui.static_files import StaticFiles


class Doors:
    """Opens the house and what answers requests; `listen` completes it on the event loop's thread."""

    def __init__(self, settings: Settings, roles: frozenset[str] | None = None) -> None:
        self.house = House(settings) if roles is None else House(settings, roles)
        self.house.open()
        ports = self.house.ports
        self.intake = Intake(
            ports.log, self.house.keyring, self.house.usage, ports.clock, limits_of(settings)
        )
        self.static = StaticFiles()
        self.pages = Pages(wsgi.application)
        self._bus = ports.bus

    def listen(self) -> None:
        """Start the live streams."""
        self.live = Streams(self._bus)

    def close(self) -> None:
        """End streams and pages, then close the house."""
        self.live.close()
        self.pages.close()
        self.house.close()
