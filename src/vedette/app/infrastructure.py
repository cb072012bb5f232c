"""The role that watches infrastructure and carries out what people asked of it: one run at a time, and looks at others meanwhile."""

from django.db import connections

from vedette.app import logs
from vedette.app.crew import Leadership
from vedette.app.roles import Role
from vedette.deploy import service as deploy
from vedette.deploy.reaching import LOOK, RUN, Patience
from vedette.deploy.types import TOPIC, DeployRun
from vedette.plumbing.ports import Ports

LOG = logs.logger("vedette.infrastructure")
NAME = "infrastructure"
_REST = 1.0  # seconds between two looks at what is due, unless somebody asks


class Watching:
    """Carries out what waits, reads what is due, or waits for either; for one thread."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._lease = Leadership(ports, NAME)
        self._patience = Patience(0)
        self._stopped = False

    def step(self) -> None:
        """Do one thing, or wait for it."""
        seen = self._ports.bus.seen(TOPIC)
        if not self._lease.held() or not (self._work() or self._look()):
            self._ports.bus.wait(TOPIC, seen, _REST)

    def stop(self) -> None:
        """End whatever waits for Hetzner, from any thread: a run goes on at the next start."""
        self._stopped = True
        self._patience.stop()
        self._ports.bus.wake(TOPIC)

    def drain(self) -> None:
        """Give the lease back."""
        self._lease.release()

    def _work(self) -> int:
        return deploy.work(self._ports.clock.now, self._waits(RUN), self._meanwhile)

    def _look(self, besides: int = 0) -> int:
        return deploy.look_due(
            self._ports.clock.now(), self._waits(LOOK) if not besides else Patience(LOOK), {besides}
        )

    def _meanwhile(self, run: DeployRun) -> None:
        """Keep the lease while a run works, and read other projects that are due."""
        if self._lease.held() and not self._stopped:
            self._look(run.project)

    def _waits(self, seconds: float) -> Patience:
        self._patience = Patience(seconds)
        if self._stopped:
            self._patience.stop()
        return self._patience


def role(ports: Ports) -> Role:
    """Return the role."""
    watching = Watching(ports)
    return Role(
        name=NAME,
        step=watching.step,
        wake=watching.stop,
        drain=watching.drain,
        recover=connections.close_all,
    )
