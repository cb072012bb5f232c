"""Measures and what happens, told again and again: a thread for what is quick, one for what may take its time.

Each is a source like those of lines (`run` until `stop`), so that whoever runs the agent's threads runs these alike.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vedette.agent.measured import Measured
from vedette.core.clock import Clock, monotonic
from vedette.instruments.host import inventory
from vedette.instruments.host.happenings import Conditions
from vedette.instruments.host.inventory import Stock
from vedette.instruments.host.measuring import Meter
from vedette.instruments.host.watching import Watch
from vedette.wire.agent.types import Inventory, Report

EVERY, SLOWLY, DAILY = 10.0, 60.0, 86_400.0
KEPT, LASTING = "watch.json", "lasting-databases.json"


class Tells(Protocol):
    """Carries reports; never waits for the server."""

    def report(self, reports: Sequence[Report]) -> None:
        """Let reports wait to be sent."""
        ...


class _Beating:
    """Does something every so many seconds; what took longer than that is not made up for."""

    def __init__(self, every: float) -> None:
        self._every, self._over = every, threading.Event()

    def run(self) -> None:
        """Do it until `stop`."""
        due = monotonic()
        while not self._over.wait(max(0.0, due - monotonic())):
            self.beat()
            due = max(due + self._every, monotonic())

    def stop(self) -> None:
        """End `run` after what is being done."""
        self._over.set()

    def standings(self) -> tuple[()]:
        """Return nothing: no lines are read here."""
        return ()

    def beat(self) -> None:
        """Do it once."""
        raise NotImplementedError


class Surveying(_Beating):
    """Looks each minute at databases and at what the host is; tells of the latter when it changed, and once a day."""

    def __init__(
        self, tells: Tells, clock: Clock, state: Path, measured: Measured, *, version: str, stock: Stock | None = None
    ) -> None:  # fmt: skip
        """`state` is the agent's folder, `version` the agent's."""
        super().__init__(SLOWLY)
        self._tells, self._clock, self._version = tells, clock, version
        self._databases, self._stock = measured.databases, stock or Stock()
        self._told: Inventory | None = None
        self._found: tuple[float, Mapping[str, float]] = (0.0, {})
        conditions = Conditions(state / LASTING)
        for database in self._databases:
            database.remember(conditions)

    def beat(self) -> None:
        """Look once and tell."""
        values: dict[str, float] = {}
        for database in self._databases:
            if self._over.is_set():
                return
            look = database.sample(self._clock.now())
            values |= look.sample.values
            if look.happened:
                self._tells.report(look.happened)
        self._found = (monotonic(), values)
        found = self._stock.taken(self._clock.now(), self._version)
        if inventory.changed(self._told, found) or found.at - (self._told.at if self._told else 0.0) >= DAILY:
            self._told = found
            self._tells.report([found])

    def values(self) -> Mapping[str, float]:
        """Return what was measured of databases, while that is not older than two looks; for any thread."""
        at, values = self._found
        return values if monotonic() - at < 2 * SLOWLY else {}


class Measuring(_Beating):
    """Tells a sample and what happened every ten seconds, and the processes each minute; `state` is the agent's folder.

    A host has one sample of an instant: what others measure of it meanwhile (`also`) is part of it.
    """

    def __init__(
        self, tells: Tells, clock: Clock, state: Path, measured: Measured, *, root: str | Path = "/",
        also: Callable[[], Mapping[str, float]] = dict,
    ) -> None:  # fmt: skip
        super().__init__(EVERY)
        self._tells, self._clock, self._also = tells, clock, also
        self._meter = Meter(
            root,
            certificates=measured.certificates,
            backups=measured.backups,
            time_servers=measured.time_servers,
        )
        self._watch = Watch(root, kept=state / KEPT)
        self._processes_at = 0.0

    def beat(self) -> None:
        """Measure once and tell."""
        now = self._clock.now()
        sample = self._meter.sample(now)
        sample = msgspec.structs.replace(sample, values={**sample.values, **self._also()})
        found: list[Report] = [sample, *self._watch.look(now, sample)]
        if monotonic() - self._processes_at >= SLOWLY - EVERY / 2:
            self._processes_at = monotonic()
            processes = self._meter.processes(now)
            found += [processes] if processes.top else []
        self._tells.report(found)
