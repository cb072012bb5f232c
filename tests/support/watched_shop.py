"""A project at the fake of Hetzner's API that a server watches: core.db, a real client on loopback, a clock that whoever waits moves."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tests.support.deploying import READS, WRITES, Place, place
from tests.support.rooms import house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.core.settings import Settings
from vedette.deploy import service
from vedette.deploy.types import CloudProject, CloudSeen, Deed, DeployRun, ProjectStanding
from vedette.plumbing import ports as installed
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.ports import Ports

__all__ = ["READS", "WRITES", "Watched", "watched"]
SAID = """project = "shop"
location = "fsn1"
assert = ["internet cannot reach db:*", "admin reaches web:22"]
[groups]
admin = ["203.0.113.0/24"]
[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[servers.web]
type = "cx23"
image = "debian-12"
labels = { role = "web" }
network = "main"
[servers.db]
type = "cx23"
image = "debian-12"
network = "main"
public = false
[firewalls.web]
on = "role=web"
allow = ["tcp/443 from any", "tcp/22 from admin"]
"""
FILES = {"infra/shop.toml": SAID}
WRITING = {Deed.APPLY, Deed.REVERT, Deed.DESTROY}


@dataclasses.dataclass
class Watched:
    """The fake, and what a server does with it."""

    place: Place
    ports: Ports

    @property
    def now(self) -> float:
        """Return the instant of everybody."""
        return self.place.clock.now()

    def connect(self, token: str = WRITES, *, files: dict[str, str] | None = None) -> CloudProject:
        """Have the shop watched, with what its files say."""
        made = service.connect(
            SYSTEM, "shop", token, self.place.endpoint, self.now, wait=self.place.clock.forward
        )
        return made if files == {} else service.say(SYSTEM, made.id, files or FILES, self.now)

    def look(self) -> CloudSeen | None:
        """Read it now."""
        return service.look(service.project("shop"), self.now, self.place.clock.forward)

    def ask(self, deed: Deed, *targets: str, confirmed: str = "") -> DeployRun:
        """Ask for what a plan shows now."""
        number = service.project("shop").id
        mark = service.planned(number, deed, targets, self.now).mark if deed in WRITING else ""
        return service.ask(SYSTEM, number, deed, targets, self.now, mark=mark, confirmed=confirmed)

    def work(self) -> DeployRun:
        """Carry out what waits, and return it as it is then."""
        run = service.runs().items[0]
        service.work(self.place.clock.now, self.place.clock.forward)
        return service.run(run.id)

    def standing(self) -> ProjectStanding:
        """Return how it stands."""
        return service.standing(service.project("shop").id, self.now)


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Serve a fresh project and install ports that reach it."""
    before = installed._Installed.ports
    with place(folder) as made:
        made.fake.pace = 0
        settings = Settings(base_url="https://vedette.example", allow_private_addresses=True, data=folder)
        memory = house_with_kv(made.clock, settings)
        ports = dataclasses.replace(memory, net=NetClient(allow_private=True))
        installed.install(ports)
        yield Watched(made, ports)
    installed._Installed.ports = before
