"""Who looks at a host beside its logs: measures, what it is, its hardening, its files, its live state.

Each is made by the thread that uses it, so that an agent starts without waiting for them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from vedette.agent.config import Config
from vedette.agent.ports import Detects
from vedette.agent.rounds import Looks
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import Detection, Inventory, Report

SAMPLES, MINUTE, DAY = 10.0, 60.0, 86_400.0
_WAITS = 1.0  # seconds that what waits by itself waits at most, so that it ends in time
Make = Callable[[float], Looks]


def rounds(config: Config, witnesses: Witnesses, version: str) -> Sequence[tuple[str, Make, float]]:
    """Return what is looked at: the name of its thread, what makes it, and every how many seconds it looks."""
    found: list[tuple[str, Make, float]] = [
        ("drift", lambda now: _drift(config, witnesses, now), 0.0),
        ("files", lambda _: _integrity(config, witnesses), 0.0),
        ("audit", lambda _: lambda now: _audit(config, now), DAY),
    ]
    if config.metrics:
        found.append(("metrics", lambda _: Metrics(config, version), SAMPLES))
    return found


class Forgets(Detects, Protocol):
    """Counts, and forgets what it counted of an address."""

    def forget(self, address: str) -> None:
        """Be told that a ban was lifted."""
        ...


class Heard:
    """Implements `ports.Detects`: who ran what as somebody else is remembered, for what may change then, and counted."""

    def __init__(self, detects: Forgets, witnesses: Witnesses) -> None:
        self._detects, self._witnesses = detects, witnesses
        self._lifted: deque[str] = deque()

    def forget(self, address: str) -> None:
        """Forget what was counted of an address before the next entry is counted; from any thread."""
        self._lifted.append(address)

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        """Count an entry; return what it sets off."""
        while self._lifted:
            self._detects.forget(self._lifted.popleft())
        if entry.kind is EntryKind.COMMAND:
            self._witnesses.heard(entry)
        return self._detects.pour(entry, now)


class Metrics:
    """Measures each time; each minute also the processes and what the host is, which is told when it changed, and once a day."""

    def __init__(self, config: Config, version: str) -> None:
        from vedette.instruments.host.inventory import Stock
        from vedette.instruments.host.measuring import Meter
        from vedette.instruments.host.watching import Watch

        self._meter, self._stock = Meter(), Stock()
        self._watch = Watch(kept=config.state / "watch.json")
        self._version = version
        self._minute = 0.0
        self._told: Inventory | None = None

    def __call__(self, now: float) -> Sequence[Report]:
        """Return what was measured, what happened, and each minute the rest."""
        sample = self._meter.sample(now)
        found: list[Report] = [sample, *self._watch.look(now, sample)]
        if not self._minute <= now < self._minute + MINUTE:
            self._minute = now
            found += [self._meter.processes(now), *self._inventory(now)]
        return found

    def _inventory(self, now: float) -> Sequence[Report]:
        from vedette.instruments.host.inventory import changed

        taken = self._stock.taken(now, self._version)
        if self._told is not None and now < self._told.at + DAY and not changed(self._told, taken):
            return ()
        self._told = taken
        return (taken,)


def _drift(config: Config, witnesses: Witnesses, now: float) -> Looks:
    from vedette.instruments.drift.drifting import Drift

    drift = Drift(witnesses, config.state / "drift.json")
    first = list(drift.start(now))

    def look(now: float) -> Sequence[Report]:
        found = [*first, *drift.look(now, _WAITS)]
        first.clear()
        return found

    return look


def _integrity(config: Config, witnesses: Witnesses) -> Looks:
    from vedette.instruments.files.integrity import Integrity
    from vedette.instruments.files.types import DEFAULT_EXCLUDES, DEFAULT_PATHS, FileSet

    usual = DEFAULT_PATHS if config.files.usual else ()
    wanted = FileSet(
        paths=tuple(dict.fromkeys((*usual, *config.files.paths))),
        excludes=(*DEFAULT_EXCLUDES, *config.files.excludes),
    )
    integrity = Integrity(wanted, config.state / "files.db", witnesses)
    integrity.start()
    return lambda now: integrity.look(now, _WAITS)


def _audit(config: Config, now: float) -> Sequence[Report]:
    from vedette.instruments.audit import looking, registry, waiving
    from vedette.instruments.live.host import HostLive

    return [looking.audit(HostLive(now), waiving.waivers(config.waive, registry.checks()))]
