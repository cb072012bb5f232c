"""What a check has seen so far: a probe writes, and whoever ends the check reads, also when time ran out."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from vedette.core.clock import monotonic
from vedette.instruments.probe.types import Certificate, Hop, Phase, Phases


class Tape:
    """The notes of one check. `phase` is the one it is in, None while it is in none.

    `body` is all that was read, at most the probe's cap. `connected` says that the host answered at all. `secrets` are
    those that only the check itself knows, such as a token that it was given on the way.
    """

    def __init__(self) -> None:
        self.began = monotonic()
        self.phase: Phase | None = None
        self.spent: dict[Phase, float] = {}
        self.connected = False
        self.host = ""
        self.address = ""
        self.status: int | None = None
        self.protocol = ""
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.chain: tuple[Certificate, ...] = ()
        self.hops: list[Hop] = []
        self.records: tuple[str, ...] = ()
        self.rcode = ""
        self.notes: list[str] = []
        self.round_trip: float | None = None
        self.domain_ms: float | None = None
        self.secrets: set[str] = set()
        self.picture = b""
        self.limit: asyncio.Timeout | None = None

    def wait(self) -> None:
        """Let the deadline rest: the check waits for its turn, and keeps to the deadline itself once it has it."""
        if self.limit is not None:
            self.limit.reschedule(None)

    def begin(self) -> None:
        """Let the time of the check begin now."""
        self.began = monotonic()

    @contextlib.contextmanager
    def timed(self, phase: Phase) -> Iterator[None]:
        """Count the time that passes inside to a phase; it stays the present one when the check ends inside."""
        self.phase = phase
        began = monotonic()
        try:
            yield
        finally:
            self.add(phase, (monotonic() - began) * 1000)
        self.phase = None

    def add(self, phase: Phase, milliseconds: float) -> None:
        """Count milliseconds to a phase, beside what earlier redirects took."""
        self.spent[phase] = self.spent.get(phase, 0.0) + max(0.0, milliseconds)

    def elapsed(self) -> float:
        """Return the milliseconds since the check began."""
        return (monotonic() - self.began) * 1000

    def phases(self) -> Phases:
        """Return the milliseconds of each phase, and of all."""
        spent = {phase.value: round(ms, 3) for phase, ms in self.spent.items()}
        return Phases(**spent, total=round(self.elapsed(), 3))

    def soonest_end(self) -> float | None:
        """Return the instant at which the first certificate of any hop expires."""
        ends = [hop.certificate_ends for hop in self.hops if hop.certificate_ends is not None]
        return min([*ends, *(certificate.ends for certificate in self.chain)], default=None)


class TellingTape(Tape):
    """A tape that tells of each phase when it begins (None) and, by its milliseconds, when it is over."""

    def __init__(self, on_step: Callable[[str, float | None], None]) -> None:
        self._on_step = on_step
        super().__init__()

    def __setattr__(self, name: str, value: object) -> None:
        """Note, and tell of a phase that begins."""
        begins = name == "phase" and value is not None and value is not getattr(self, "phase", None)
        super().__setattr__(name, value)
        if begins:
            self._on_step(str(value), None)

    def add(self, phase: Phase, milliseconds: float) -> None:
        """Count, and tell."""
        super().add(phase, milliseconds)
        self._on_step(phase.value, round(self.spent[phase], 3))
