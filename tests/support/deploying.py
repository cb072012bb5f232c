"""A project at the fake of Hetzner's API, asked by our client, with a clock that goes on whenever somebody waits."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.hetzner import TickingClock

from vedette.core.clock import ManualClock
from vedette.deploy import offline
from vedette.deploy.types import Applied, Desired, Planned, Step, Wish
from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.fake.fake import Fake
from vedette.instruments.hetzner.fake.serving import serving
from vedette.wire.infra import Live, Thing

WRITES, READS = "token-that-writes", "token-that-reads"


class Place:
    """The fake, how it is asked, and the verbs of deploying upon it."""

    def __init__(self, fake: Fake, endpoint: str, clock: ManualClock, folder: Path) -> None:
        self.fake, self.endpoint, self.clock, self.folder = fake, endpoint, clock, folder
        self.steps: list[Step] = []

    def cloud(self, token: str = WRITES) -> Cloud:
        """Return a new client."""
        return Cloud(Secret(token), wait=self.clock.forward, endpoint=self.endpoint)

    def plan(self, desired: Desired, **wish: object) -> Planned:
        """Plan."""
        return offline.plan(desired, self.cloud(), self.clock.now(), Wish(**wish))

    def apply(self, desired: Desired, **wish: object) -> Applied:
        """Carry out whatever is to be done."""
        return self.applied(desired, **wish)[1]

    def applied(self, desired: Desired, **wish: object) -> tuple[Planned, Applied]:
        """Carry it out and return the plan as well."""
        return offline.apply(
            desired, self.cloud(), self.folder, self.clock.now, wish=Wish(**wish), agree=lambda _: True, tell=self.steps.append
        )  # fmt: skip

    def live(self) -> Live:
        """Return what is there."""
        return offline.seen(self.cloud(), "shop", self.clock.now())

    def thing(self, kind: str, name: str) -> Thing:
        """Return one thing that is there."""
        return next(each for each in self.live().things if each.kind == kind and each.name == name)

    def calls(self, method: str = "") -> Sequence[str]:
        """Return the paths that were asked, in order."""
        return [each.call.path for each in self.fake.asked if method in {"", each.call.method}]


@contextlib.contextmanager
def place(folder: Path, *, step: float = 0.0) -> Iterator[Place]:
    """Serve a fresh project; with a step its clock goes on by so many seconds whenever it is looked at, so that nobody waits."""
    clock = TickingClock(step) if step else ManualClock()
    fake = Fake(clock, {WRITES: "write", READS: "read"})
    with serving(fake) as endpoint:
        yield Place(fake, endpoint, clock, folder)
