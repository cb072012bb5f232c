"""A sample of a host: every instrument once. One that cannot measure says nothing, and the others go on."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.host import (
    backups,
    certificates,
    clock,
    cpu,
    disks,
    memory,
    network,
    series,
    temperatures,
)
from vedette.instruments.host.asking import Ask, answer
from vedette.instruments.host.containers import Containers
from vedette.instruments.host.processes import Running
from vedette.instruments.host.rating import Rates
from vedette.instruments.host.reading import Files
from vedette.wire.agent.types import Processes, Sample

Value = tuple[str, float | None]
SLOWLY = 60.0  # seconds between looks at what takes longer: states of sockets, the clock, backups
# What files that are not there, or that hold something else than their documentation says, make of reading them.
UNMEASURED = (OSError, ValueError, IndexError, KeyError, StopIteration, RuntimeError)
_MOST = 900
_INSTRUMENTS: Sequence[Callable[[Files, Rates], Iterator[Value]]] = (
    cpu.measured, cpu.load, cpu.uptime, cpu.open_files, memory.measured, memory.paging, memory.pressure, disks.space, disks.work,
    network.interfaces, network.tcp, network.listening, network.connections, network.followed, temperatures.measured,
)  # fmt: skip


class Meter:
    """Measures a host under a root; for one thread.

    `certificates` are patterns of certificate files beside the usual ones, `backups` patterns of a backup's files by name,
    `time_servers` are asked when no program of the host knows how far its clock is off.
    """

    def __init__(
        self,
        root: str | Path = "/",
        *,
        certificates: Sequence[str] = (),
        backups: Mapping[str, str] | None = None,
        time_servers: Sequence[str] = (),
        ask: Ask = answer,
    ) -> None:
        self._files = Files(root)
        self._rates = Rates()
        self._containers = Containers(self._files)
        self._running = Running(self._files)
        self._clock = clock.Comparing(self._files, ask, time_servers)
        self._patterns, self._backups = certificates, backups or {}
        self._kept: dict[str, float] = {}
        self._ends: dict[str, float] = {}
        self._slowly: float | None = None
        self._read_at: float | None = None

    def sample(self, now: float) -> Sample:
        """Return what is measured at an instant. Rates are over the time since the sample before: the first has none."""
        at = self._uptime()
        self._rates.turn(at)
        found: dict[str, float] = {}
        for instrument in _INSTRUMENTS:
            self._take(found, instrument(self._files, self._rates))
        self._take(found, self._containers.measured(at, self._rates))
        self._look_slowly(at, now)
        found |= self._kept
        found |= {series.of("certificate.left.seconds", path): end - now for path, end in self._ends.items()}
        return Sample(
            now, dict(sorted(list(found.items())[:_MOST]))
        )  # alike where the same is measured: packs small

    def processes(self, now: float) -> Processes:
        """Return the processes that used the most since the call before; the first has none."""
        try:
            return Processes(now, self._running.top(self._uptime()))
        except UNMEASURED:
            return Processes(now, ())

    def _uptime(self) -> float:
        """Return seconds of the host's own clock that is never set; that of a made tree is in the tree."""
        try:
            return float(self._files.text("/proc/uptime", 64).split()[0])
        except UNMEASURED:
            return monotonic()

    def _take(self, found: dict[str, float], values: Iterator[Value]) -> None:
        """Keep what an instrument says until it fails."""
        try:
            found.update(
                (name, round(value, 4))
                for name, value in values
                if value is not None and math.isfinite(value)
            )
        except UNMEASURED:
            return

    def _look_slowly(self, at: float, now: float) -> None:
        """Look at what takes longer, each minute and each hour; what was found stands until then."""
        self._each_minute(at, now)
        if self._read_at is None or not 0 <= at - self._read_at < certificates.EVERY:
            self._read_at, self._ends = at, {}
            self._take(self._ends, certificates.ends(self._files, self._patterns))

    def _each_minute(self, at: float, now: float) -> None:
        if self._slowly is None or not 0 <= at - self._slowly < SLOWLY:
            self._slowly, self._kept = at, {}
            self._take(self._kept, iter([("clock.offset.ms", self._clock.offset(at))]))
            self._take(self._kept, network.states(self._files, self._rates))
            self._take(self._kept, backups.ages(self._files, self._backups, now))
