"""Everything behind the front door in one process: made in order, taken down in the reverse order."""

from collections.abc import Callable
from contextlib import ExitStack

from vedette.alerts import service as alerts
from vedette.app import crew, heartbeats, infrastructure, logs, scanner, status_roles
from vedette.app import prober as probers
from vedette.app.digestion import Digestion
from vedette.app.keyring import SnapshotKeyRing
from vedette.app.ping_ring import SnapshotPingRing
from vedette.app.prober import Prober
from vedette.app.roles import Crew, Role
from vedette.app.usage import UsageCarrier
from vedette.app.wiring import wire
from vedette.core.clock import monotonic
from vedette.core.settings import Settings
from vedette.hosts.types import REVISION as HOSTS_REVISION
from vedette.hosts.types import TOPIC as HOSTS
from vedette.intake.usage import MemoryUsage
from vedette.intrusions import service as intrusions
from vedette.intrusions.types import REVISION as BANS_REVISION
from vedette.intrusions.types import TOPIC as BANS
from vedette.monitors import service as monitors
from vedette.monitors.applying import LIVE as LIVE_MONITORS
from vedette.monitors.applying import MOVED
from vedette.monitors.types import REVISION as MONITORS_REVISION
from vedette.monitors.types import TOPIC as MONITORS
from vedette.projects import service as projects
from vedette.projects.types import REVISION, TOPIC
from vedette.web import vitals

LOG = logs.logger("vedette.house")
ROLES = ("web", "digester", "alerter", "notifier", "scheduler", "prober")
_ALWAYS = frozenset({"watcher", "scheduler"})
# Heartbeats wait in the journal, which belongs to the digester's process; status pages are answered by the door.
_WITH = {
    "monitor": "digester",
    "measurer": "digester",
    "detector": "digester",
    "escalator": "alerter",
    scanner.NAME: "scheduler",
    infrastructure.NAME: "scheduler",
    status_roles.DRAWER: "web",
    status_roles.MAILER: "notifier",
}


class House:
    """One process of Vedette: its ports, the key ring and counts of its front door, and its crew of threads."""

    def __init__(
        self,
        settings: Settings,
        roles: frozenset[str] = frozenset(ROLES),
        digestion: Digestion | None = None,
    ) -> None:
        self._stops = ExitStack()
        self._watchers: list[Callable[[], None]] = []
        self._host_watchers: list[Callable[[], None]] = []
        self._ban_watchers: list[Callable[[], None]] = []
        self.opened_at = monotonic()
        self.ports = wire(settings)
        self._stops.callback(self.ports.telemetry.close)
        self._stops.callback(self.ports.log.close)
        self.digestion = digestion or Digestion(None)
        self.digestion.wake_on(self.ports.bus)
        self._stops.callback(self.digestion.close)
        self.keyring = SnapshotKeyRing(projects.all_keys)
        self.pings = SnapshotPingRing(monitors.ping_keys)
        self.status = status_roles.new_site()
        self.prober = Prober(self.ports, self.digestion.take)
        self.usage = MemoryUsage()
        self.carrier = UsageCarrier(self.usage, self.keyring, self.ports.clock)
        self.crew = Crew(_crew(self, roles))

    def open(self) -> None:
        """Read the keys, see that the first rules are there, then start the crew."""
        self.keyring.refresh()
        self.pings.refresh()
        self.carrier.seed()
        alerts.ensure_default_rules(self.ports.clock.now())
        self._stops.callback(self.ports.bus.subscribe((TOPIC,), lambda _: self.keyring.refresh()))
        self._stops.callback(self.ports.bus.subscribe((MONITORS,), lambda _: self.monitors_changed()))
        self._stops.callback(self.ports.bus.subscribe((HOSTS,), lambda _: self.hosts_changed()))
        self._stops.callback(self.ports.bus.subscribe((BANS,), lambda _: self.bans_changed()))
        self.crew.start()
        self._stops.callback(self._stop_crew)
        vitals.watch_roles(self.crew.unwell)
        _Current.house = self
        LOG.info("roles started", roles=[thread.role.name for thread in self.crew.threads])

    def monitors_changed(self) -> None:
        """Read anew what is kept in memory of monitors."""
        self.pings.refresh()
        self.prober.refresh()
        for call in self._watchers:
            call()

    def watch_monitors(self, call: Callable[[], None]) -> None:
        """Have something called whenever monitors have changed, from any thread."""
        self._watchers.append(call)

    def hosts_changed(self) -> None:
        """Read anew who may speak as an agent, and tell agents what changed for them."""
        for call in self._host_watchers:
            call()

    def watch_hosts(self, call: Callable[[], None]) -> None:
        """Have something called whenever keys or orders of hosts have changed, from any thread."""
        self._host_watchers.append(call)

    def bans_changed(self) -> None:
        """Read into memory what is in force now, where somebody waits for it, and tell them."""
        if self._ban_watchers and intrusions.refresh(self.ports.clock.now()):
            for call in self._ban_watchers:
                call()

    def watch_bans(self, call: Callable[[], None]) -> None:
        """Have something called whenever it changed who is banned, from any thread."""
        self._ban_watchers.append(call)

    def close(self) -> None:
        """Stop the crew, store the last counts, close the journal and the telemetry."""
        _Current.house = None
        self._stops.close()

    def _stop_crew(self) -> None:
        stuck = self.crew.stop()
        if stuck:
            LOG.warning("roles did not end in time", roles=stuck)


class _Current:
    house: House | None = None


def current() -> House | None:
    """Return the house that is open in this process."""
    return _Current.house


def _crew(house: House, wanted: frozenset[str]) -> tuple[Role, ...]:
    ports = house.ports
    roles = (
        crew.watcher(
            ports,
            {
                REVISION: house.keyring.refresh,
                MONITORS_REVISION: house.monitors_changed,
                HOSTS_REVISION: house.hosts_changed,
                BANS_REVISION: house.bans_changed,
                MOVED: lambda: ports.bus.wake(LIVE_MONITORS),
            },
        ),
        crew.digester(ports, house.digestion),
        crew.measurer(ports),
        crew.detector(ports),
        heartbeats.role(ports),
        probers.role(ports, house.prober),
        crew.alerter(ports),
        crew.escalator(ports),
        crew.notifier(ports),
        status_roles.drawer(ports, house.status),
        status_roles.mailer(ports),
        scanner.role(ports),
        infrastructure.role(ports),
        crew.scheduler(ports, house.carrier, leads="scheduler" in wanted),
    )
    return tuple(one for one in roles if one.name in _ALWAYS or _WITH.get(one.name, one.name) in wanted)
