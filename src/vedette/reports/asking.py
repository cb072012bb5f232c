"""What sections ask alike: sums of series, moments and monitors of a time."""

from collections.abc import Mapping, Sequence

from vedette.monitors import service as monitors
from vedette.monitors.types import Monitor
from vedette.reports.types import Stretch
from vedette.signals import service as signals
from vedette.signals.types import Moment


def totals(name: str, by: Sequence[str], stretch: Stretch) -> list[tuple[Mapping[str, str], float]]:
    """Return what a series comes to in a time, by labels, the most first; nothing where no room can tell."""
    series = signals.catalogue().get(name)
    if series is None or series.totals is None:
        return []
    found = series.totals(by, _labels(stretch, series.labels), stretch.start, stretch.end)
    return sorted(found, key=lambda each: -each[1])


def total(name: str, stretch: Stretch) -> float:
    """Return the sum of a series in a time: of one project by reading it alone, of all from the sums of each."""
    series = signals.catalogue().get(name)
    if series is None:
        return 0.0
    if stretch.project is None:
        return sum(n for _, n in totals(name, (), stretch))
    whole = stretch.end - stretch.start
    return sum(series.read(_labels(stretch, series.labels), stretch.start, stretch.end, whole))


def watched(stretch: Stretch, most: int) -> Sequence[Monitor]:
    """Return up to `most` monitors of a digest's project, or of all."""
    if stretch.project is None:
        return monitors.every()[:most]
    return [one.monitor for one in monitors.page(None, most, stretch.project)[0]]


def moments_of(room: str, stretch: Stretch, n: int, kind: str | None = None) -> tuple[Moment, ...]:
    """Return up to `n` lines of a room's story in a time, newest first."""
    return signals.moments(stretch.start, stretch.end, stretch.project, room, kind=kind, n=n)


def _labels(stretch: Stretch, known: Sequence[str]) -> Mapping[str, str]:
    return {"project": str(stretch.project)} if stretch.project is not None and "project" in known else {}
