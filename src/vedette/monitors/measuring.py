"""What monitors can be charted and watched by: how long their checks took, and how many failed."""

from collections.abc import Mapping, Sequence

from vedette.monitors import tallying
from vedette.monitors.packing import MINUTES_KEPT
from vedette.monitors.store import monitors, results
from vedette.monitors.store.results import HOURS
from vedette.monitors.tallying import Line, Tally
from vedette.monitors.types import MINUTE, Reading
from vedette.signals import service as signals
from vedette.signals.types import Series

CHECKS, DURATION = "monitors.checks", "monitors.duration"
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_HOUR = 3_600.0


def register() -> None:
    """Enter the series of monitors in the catalogue."""
    signals.register(
        Series(
            name=CHECKS, unit="checks", labels=("monitor", "reading"), read=_read_checks, fine=MINUTES_KEPT,
            about="Checks of a monitor (its id), by what they found: good, slow, bad, unknown.",
        )
    )  # fmt: skip
    signals.register(
        Series(
            name=DURATION, unit="ms", labels=("monitor", "quantile"), read=_read_duration, fine=MINUTES_KEPT,
            about="How long the checks of a monitor (its id) took, in milliseconds: p50, p95 (as long as none is named) or p99.",
        )
    )  # fmt: skip


def tallies(monitor: int, start: float, end: float, step: float) -> list[Tally]:
    """Return what a monitor's checks come to in buckets of `step` seconds from `start` on.

    From minutes while they are there and the step is fine, else from hours; the hour that goes on from single results.
    """
    buckets: list[list[Tally]] = [[] for _ in range(max(0, -int(-(end - start) // step)))]
    packed = (
        results.minutes(monitor, start, end) if step < _HOUR else results.tallies(HOURS, monitor, start, end)
    )
    for at, found in packed.items():
        _put(buckets, at, start, step, found)
    by_minute: dict[int, list[Line]] = {}
    for _, line in results.between(monitor, start, end):
        by_minute.setdefault(int(line.at // MINUTE * MINUTE), []).append(line)
    for minute, lines in by_minute.items():
        _put(buckets, minute, start, step, tallying.tally(lines))
    return [tallying.merged(found) for found in buckets]


def _put(buckets: list[list[Tally]], at: float, start: float, step: float, found: Tally) -> None:
    place = max(0, int((at - start) // step))
    if place < len(buckets):
        buckets[place].append(found)


def _read_checks(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    wanted = [one for one in Reading if labels.get("reading", "") in {"", str(one)}]
    each = [tallies(monitor, start, end, step) for monitor in _monitors(labels)]
    return [
        float(sum(one.of(reading) for one in row for reading in wanted)) for row in zip(*each, strict=True)
    ]


def _read_duration(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    q = _QUANTILES.get(labels.get("quantile", ""), 0.95)
    each = [tallies(monitor, start, end, step) for monitor in _monitors(labels)]
    return [tallying.merged(row).ms.quantile(q) or 0.0 for row in zip(*each, strict=True)]


def _monitors(labels: Mapping[str, str]) -> Sequence[int]:
    named = labels.get("monitor", "")
    return [int(named)] if named.isdecimal() else [one.id for one in monitors.every()]
