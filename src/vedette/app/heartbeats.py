"""The role that hears heartbeats: pings and check-ins of the journal, and the deadlines that are over; locations, too."""

from collections.abc import Callable, Sequence

from django.db import connections

from vedette.app import consuming
from vedette.app.roles import Role
from vedette.core.clock import monotonic
from vedette.monitors import service as monitors
from vedette.monitors.outposts import service as locations
from vedette.monitors.types import GROUP, Blind
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import Ports

_BATCH = 256
_WAIT = 0.25
_LOOK = 1.0
_ATTEND = 10.0
_SLACK = 2.0  # what was received may wait so long for the disk before it can be pulled
Digest = Callable[[Sequence[Message], float], int]


class Listener:
    """Hears heartbeats of one process, and looks for those that did not come."""

    def __init__(self, ports: Ports, digest: Digest = monitors.digest) -> None:
        self._ports, self._digest = ports, digest
        self._blind: Blind | None = None
        self._looked = self._attended = float("-inf")
        self._began = ports.clock.now()

    def step(self) -> None:
        """Digest what waits, and once a second look for what is missed."""
        began = self._ports.clock.now()
        if self.hear(_WAIT) < _BATCH and monotonic() - self._looked >= _LOOK:
            self._looked = monotonic()
            self.look(began)

    def hear(self, wait: float) -> int:
        """Digest a batch and return its size; one that fails is handed out again."""
        return consuming.consume(self._ports, GROUP, self._digest, _BATCH, wait)

    def look(self, began: float) -> None:
        """Judge deadlines up to where all that was received is digested; a look began at `began`."""
        due = monitors.next_due()
        if monotonic() - self._attended >= _ATTEND:
            self._attended = monotonic()
            monitors.settle(self._ports.clock.now())
            locations.notice(self._ports.clock.now(), self._began)
            self._blind = monitors.attend(self._ports.clock.now()) if due is not None else None
        if due is None:
            return
        oldest = self._ports.log.lag(GROUP).oldest
        heard = (began if oldest is None else min(began, oldest)) - _SLACK
        if due < heard:
            monitors.look(heard, self._ports.clock.now(), self._blind)

    def drain(self) -> None:
        """Digest what is left, for a moment."""
        consuming.drain(lambda: self.hear(0.0))


def role(ports: Ports) -> Role:
    """Return the role."""
    listener = Listener(ports)
    return Role(name="monitor", step=listener.step, drain=listener.drain, recover=connections.close_all)
