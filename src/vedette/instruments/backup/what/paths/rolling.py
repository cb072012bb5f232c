"""Which files of a saved list a drill restores this time (`instruments/backup/sampling.py` decides)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from vedette.instruments.backup import sampling
from vedette.instruments.backup.sampling import Due
from vedette.instruments.backup.what.paths.listing import FILE, lines
from vedette.wire.backup import Drills


def due(path: Path, drills: Drills, proven: Mapping[str, float], *, now: float, between: float) -> Due:
    """Return what a drill restores of what a list names; raises `ValueError` for what is no list."""

    def files() -> Iterator[tuple[str, int]]:
        return ((line.name, line.size) for line in lines(path) if line.kind == FILE)

    units = sampling.units_of(files, max(drills.sample // 4, 1))
    return sampling.due(
        units, proven, now=now, sample=drills.sample, whole_days=drills.whole_days, between=between
    )
