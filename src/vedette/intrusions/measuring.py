"""What intrusions can be charted and watched by: how much was detected, and how many were banned."""

from collections.abc import Callable, Mapping, Sequence

from vedette.intrusions.store import bans, detections
from vedette.plumbing.db import sql
from vedette.signals import service as signals
from vedette.signals.types import Series

DETECTIONS, BANS = "intrusions.detections", "intrusions.bans"
_DETECTED = {"host": "place", "rule": "rule", "service": "service"}
_BANNED = {"origin": "origin", "rule": "rule"}
Moments = Callable[[float, float], list[sql.Row]]
Tally = Callable[[Sequence[str], float, float], list[sql.Row]]


def register() -> None:
    """Enter the series of intrusions in the catalogue."""
    signals.register(
        _series(DETECTIONS, "detections", _DETECTED, detections.moments, detections.tally, "Detections of hosts and guards, simulated ones too, by host (`app:<project>` for a guard's), rule and service.")
    )  # fmt: skip
    signals.register(
        _series(BANS, "bans", _BANNED, bans.moments, bans.tally, "Decisions to ban, by origin (a host, `server`, `person:<name>`) and rule; none that were only simulated.")
    )  # fmt: skip


def _series(name: str, unit: str, columns: Mapping[str, str], moments: Moments, tally: Tally, about: str) -> Series:  # fmt: skip # noqa: PLR0917
    def read(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
        found = [0.0] * max(0, -int(-(end - start) // step))
        for at, *values in moments(start, end):
            place = int((float(at or 0) - start) // step)
            if 0 <= place < len(found) and _fits(columns, values, labels):
                found[place] += 1
        return found

    def totals(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Sequence[tuple[Mapping[str, str], float]]:  # fmt: skip
        summed: dict[tuple[str, ...], float] = {}
        for *values, count in tally(tuple(columns.values()), start, end):
            if _fits(columns, values, labels):
                named = dict(zip(columns, map(str, values), strict=True))
                key = tuple(named.get(name, "") for name in by)
                summed[key] = summed.get(key, 0.0) + float(count or 0)
        return [(dict(zip(by, key, strict=True)), total) for key, total in summed.items()]

    return Series(name=name, unit=unit, labels=tuple(columns), read=read, totals=totals, about=about)


def _fits(columns: Mapping[str, str], values: Sequence[sql.Value], labels: Mapping[str, str]) -> bool:
    return all(labels.get(name, value) == value for name, value in zip(columns, values, strict=True))
