"""Who looks at a host beside its logs: measures, what it is, its hardening, its files, its live state.

Each is made by the thread that uses it, so that an agent starts without waiting for them.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vedette.agent.config import Config
from vedette.agent.ports import Detects
from vedette.agent.rounds import Looks
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted
from vedette.wire.agent.types import Detection, Report

if TYPE_CHECKING:
    from vedette.agent.measuring import Surveying

SAMPLES, MINUTE, DAY = 10.0, 60.0, 86_400.0
SCANS = 60.0
_WAITS = 1.0  # seconds that what waits by itself waits at most, so that it ends in time
Make = Callable[[float], Looks]


def rounds(config: Config, witnesses: Witnesses, version: str) -> Sequence[tuple[str, Make, float]]:
    """Return what is looked at: the name of its thread, what makes it, and every how many seconds it looks."""
    found: list[tuple[str, Make, float]] = [
        ("drift", lambda now: _drift(config, witnesses, now), 0.0),
        ("files", lambda _: _integrity(config, witnesses), 0.0),
        ("audit", lambda _: lambda now: _audit(config, now), DAY),
    ]
    if config.scan.packages or config.scan.listening or config.scan.paths:
        found.append(("scan", lambda now: _scanning(config, now), SCANS))
    if config.metrics:
        measures = Measures(config.state, version)
        found += [("metrics", measures.quick, SAMPLES), ("survey", measures.slow, MINUTE)]
    return found


class Forgets(Detects, Protocol):
    """Counts, and forgets what it counted of an address."""

    def forget(self, address: str) -> None:
        """Be told that a ban was lifted."""
        ...


class Heard:
    """Implements `ports.Detects`: who ran what as somebody else is remembered, for what may change then, and counted.

    `WANTED` is what of the logs that takes. What stands `beside` counts by itself, too.
    """

    WANTED = Wanted(frozenset({EntryKind.COMMAND}), fields=frozenset({"command", "as"}))

    def __init__(self, detects: Forgets, witnesses: Witnesses, *beside: Detects) -> None:
        self._detects, self._witnesses, self._beside = detects, witnesses, beside
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
        found = self._detects.pour(entry, now)
        for one in self._beside:
            found = [*found, *one.pour(entry, now)]
        return found


class Measures:
    """Two that look: what is quick every ten seconds, and databases and what the host is each minute."""

    def __init__(self, state: Path, version: str) -> None:
        self._state, self._version = state, version
        self._slow: Surveying | None = None

    def quick(self, _now: float) -> Looks:
        """Return what measures the host, with what the slow one measured."""
        from vedette.agent.measured import load
        from vedette.agent.measuring import Measuring

        return Measuring(self._state, load(), also=self._values)

    def slow(self, _now: float) -> Looks:
        """Return what asks databases, and looks what the host is."""
        from vedette.agent.measured import load
        from vedette.agent.measuring import Surveying

        self._slow = Surveying(self._state, load(), version=self._version)
        return self._slow

    def _values(self) -> Mapping[str, float]:
        return self._slow.values() if self._slow is not None else {}


def _drift(config: Config, witnesses: Witnesses, now: float) -> Looks:
    from vedette.instruments.drift.drifting import Drift

    drift = Drift(witnesses, config.state / "drift.json")
    first = list(drift.start(now))

    def look(now: float) -> Sequence[Report]:
        found = [*first, *drift.look(now, _WAITS)]
        first.clear()
        return found

    return look


def _scanning(config: Config, now: float) -> Looks:
    from vedette.agent.scanning import Scanning

    return Scanning(config, now)


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
    from vedette.instruments.judges import reading
    from vedette.instruments.live.host import HostLive

    live, waivers = HostLive(now), waiving.waivers(config.waive, registry.checks())
    return [reading.joined(looking.audit(live, waivers), live, waivers)]
