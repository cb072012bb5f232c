"""What checks of a span of time come to, so that spans can be added up: counts and quantiles. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.monitors.types import CheckResult, Outcome, Reading
from vedette.wire.sketch import Sketch

PHASES = ("dns", "connect", "tls", "first_byte", "transfer")
_READINGS = tuple(Reading)
_TENTH = 10.0


class Line(msgspec.Struct, frozen=True, array_like=True):
    """A check as it is kept: second of its instant, reading (place in `Reading`), tenths of milliseconds, cause, location."""

    at: float
    reading: int
    ms: int | None = None
    phases: tuple[int, ...] = ()
    cause: str = ""
    location: str = ""


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """Checks of a span: how many of each reading (in the order of `Reading`), and how long they and their phases took."""

    readings: tuple[int, int, int, int] = (0, 0, 0, 0)
    ms: Sketch = Sketch()
    phases: Mapping[str, Sketch] = {}

    @property
    def total(self) -> int:
        """Return how many checks there were."""
        return sum(self.readings)

    def of(self, reading: Reading) -> int:
        """Return how many checks read so."""
        return self.readings[_READINGS.index(reading)]


def line_of(result: CheckResult) -> Line:
    """Return a result as it is kept."""
    outcome = result.outcome
    phases = tuple(round(result.phases.get(name, 0.0) * _TENTH) for name in PHASES) if result.phases else ()
    return Line(
        at=round(outcome.at, 3), reading=_READINGS.index(outcome.reading),
        ms=None if outcome.ms is None else round(outcome.ms * _TENTH), phases=phases, cause=outcome.cause[:60],
        location=result.location[:40],
    )  # fmt: skip


def result_of(monitor: int, line: Line) -> CheckResult:
    """Return a result from what is kept of it."""
    outcome = Outcome(
        at=line.at, reading=_READINGS[line.reading], cause=line.cause,
        ms=None if line.ms is None else line.ms / _TENTH,
    )  # fmt: skip
    phases = {name: value / _TENTH for name, value in zip(PHASES, line.phases, strict=False)}
    return CheckResult(monitor=monitor, outcome=outcome, location=line.location, phases=phases)


def tally(lines: Sequence[Line], *, phases: bool = False) -> Tally:
    """Return what lines come to, with their phases when they are wanted."""
    readings = [0, 0, 0, 0]
    for line in lines:
        readings[line.reading] += 1
    ms = Sketch.of(line.ms / _TENTH for line in lines if line.ms is not None)
    parts = _phases(lines) if phases else {}
    return Tally((readings[0], readings[1], readings[2], readings[3]), ms, parts)


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return what several spans come to together."""
    readings, ms = [0, 0, 0, 0], Sketch()
    parts: dict[str, Sketch] = {}
    for one in tallies:
        readings = [a + b for a, b in zip(readings, one.readings, strict=True)]
        ms = ms.merged(one.ms)
        for name, sketch in one.phases.items():
            parts[name] = parts.get(name, Sketch()).merged(sketch)
    return Tally((readings[0], readings[1], readings[2], readings[3]), ms, parts)


def _phases(lines: Sequence[Line]) -> Mapping[str, Sketch]:
    """Return the sketches of phases; one that did not happen took no time and is left out."""
    found = {}
    for place, name in enumerate(PHASES):
        values = [
            line.phases[place] / _TENTH for line in lines if len(line.phases) > place and line.phases[place]
        ]
        if values:
            found[name] = Sketch.of(values)
    return found
