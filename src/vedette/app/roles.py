"""Roles: the named threads behind the front door. Each repeats one step that does its work and waits for more."""

import threading
from collections.abc import Callable, Sequence

import msgspec

from vedette.app import logs
from vedette.core.clock import monotonic

LOG = logs.logger("vedette.roles")
STOP_SECONDS = 3.0
UNWELL = 3
_BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Role(msgspec.Struct, frozen=True):
    """One role.

    `step()` does one round of work and may wait up to a second for more; `wake()` ends such a wait early;
    `drain()` does what is left when the process stops and must be short; `recover()` runs after a failure.
    """

    name: str
    step: Callable[[], None]
    wake: Callable[[], None] = lambda: None
    drain: Callable[[], None] = lambda: None
    recover: Callable[[], None] = lambda: None


class RoleThread:
    """Runs a role until told to stop; whatever goes wrong is logged, and the role goes on after a pause."""

    def __init__(self, role: Role, backoff: Sequence[float] = _BACKOFF) -> None:
        self.role = role
        self.failures = 0
        self.last_error = ""
        self._backoff = backoff
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=role.name, daemon=True)

    @property
    def alive(self) -> bool:
        """Tell whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the role to finish its step, drain and end; returns at once."""
        self._stopping.set()
        self.role.wake()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False when the role still runs."""
        self._thread.join(max(0.0, timeout))
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._guarded(self.role.step):
                self.failures = 0
            else:
                self._stopping.wait(self._backoff[min(self.failures, len(self._backoff)) - 1])
        self._guarded(self.role.drain)
        self._guarded(self.role.recover)

    def _guarded(self, act: Callable[[], None]) -> bool:
        """Run and tell whether it went well. The one place that catches everything: a role must outlive any fault."""
        try:
            act()
        except Exception as error:
            self.failures += 1
            self.last_error = f"{type(error).__name__}: {error}"
            LOG.exception("role failed", role=self.role.name, failures=self.failures)
            if act != self.role.recover:
                self._guarded(self.role.recover)
            return False
        return True


class Crew:
    """The roles of this process: started in order, stopped in order within `seconds` together."""

    def __init__(self, roles: Sequence[Role], seconds: float = STOP_SECONDS) -> None:
        self.threads = tuple(RoleThread(role) for role in roles)
        self._seconds = seconds

    def start(self) -> None:
        """Start every role."""
        for thread in self.threads:
            thread.start()

    def unwell(self) -> tuple[str, ...]:
        """Return the roles whose thread has ended or that failed `UNWELL` times in a row."""
        return tuple(t.role.name for t in self.threads if t.failures >= UNWELL or not t.alive)

    def stop(self) -> tuple[str, ...]:
        """Stop the roles one after the other, so that what one hands on the next still takes; return who would not end."""
        deadline = monotonic() + self._seconds
        stuck = []
        for thread in self.threads:
            thread.stop()
            if not thread.join(deadline - monotonic()):
                stuck.append(thread.role.name)
        return tuple(stuck)
