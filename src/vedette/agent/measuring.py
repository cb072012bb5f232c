"""Measures and what happens: what is quick in one look, what may take its time in another. `agent/looking` has both looked at.

A host has one sample of an instant: what the slow one measured stands in the samples of the quick one.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.agent.measured import Measured
from vedette.core.clock import monotonic
from vedette.instruments.host import inventory
from vedette.instruments.host.happenings import Conditions
from vedette.instruments.host.inventory import Stock
from vedette.instruments.host.measuring import Meter
from vedette.instruments.host.watching import Watch
from vedette.wire.agent.types import Inventory, Report

EVERY, SLOWLY, DAILY = 10.0, 60.0, 86_400.0
KEPT, LASTING = "watch.json", "lasting-databases.json"


class Surveying:
    """Looks at databases and at what the host is; the latter is told when it changed, and once a day."""

    def __init__(self, state: Path, measured: Measured, *, version: str, stock: Stock | None = None) -> None:
        """`state` is the agent's folder, `version` the agent's."""
        self._version, self._databases, self._stock = version, measured.databases, stock or Stock()
        self._told: Inventory | None = None
        self._found: tuple[float, Mapping[str, float]] = (0.0, {})
        conditions = Conditions(state / LASTING)
        for database in self._databases:
            database.remember(conditions)

    def __call__(self, now: float) -> Sequence[Report]:
        """Look once, and return what is to be told."""
        values: dict[str, float] = {}
        told: list[Report] = []
        for database in self._databases:
            look = database.sample(now)
            values |= look.sample.values
            told += look.happened
        self._found = (monotonic(), values)
        found = self._stock.taken(now, self._version)
        if inventory.changed(self._told, found) or found.at - (self._told.at if self._told else 0.0) >= DAILY:
            self._told = found
            told.append(found)
        return told

    def values(self) -> Mapping[str, float]:
        """Return what was measured of databases, while that is not older than two looks; for any thread."""
        at, values = self._found
        return values if monotonic() - at < 2 * SLOWLY else {}


class Measuring:
    """Measures the host: a sample and what happened, and each minute the processes; `state` is the agent's folder.

    What others measured meanwhile (`also`) is part of the sample.
    """

    def __init__(
        self, state: Path, measured: Measured, *, root: str | Path = "/", also: Callable[[], Mapping[str, float]] = dict
    ) -> None:  # fmt: skip
        self._also = also
        self._meter = Meter(
            root,
            certificates=measured.certificates,
            backups=measured.backups,
            time_servers=measured.time_servers,
        )
        self._watch = Watch(root, kept=state / KEPT)
        self._processes_at = 0.0

    def __call__(self, now: float) -> Sequence[Report]:
        """Measure once, and return what is to be told."""
        sample = self._meter.sample(now)
        sample = msgspec.structs.replace(sample, values={**sample.values, **self._also()})
        found: list[Report] = [sample, *self._watch.look(now, sample)]
        if monotonic() - self._processes_at >= SLOWLY - EVERY / 2:
            self._processes_at = monotonic()
            processes = self._meter.processes(now)
            found += [processes] if processes.top else []
        return found
