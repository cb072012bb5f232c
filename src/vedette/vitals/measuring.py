"""What web vitals can be charted and watched by: the 75th percentile by project, page and vital."""

from collections.abc import Mapping, Sequence

from vedette.signals import service as signals
from vedette.signals.types import Series
from vedette.vitals import store
from vedette.vitals.store import Place
from vedette.vitals.types import HOUR, SERIES, Vital
from vedette.wire.sketch import Sketch

LEAST = 10  # page loads in a window: what fewer say is nobody's level
_LABELS = ("project", "page", "vital")


def register() -> None:
    """Enter the series of web vitals in the catalogue."""
    signals.register(
        Series(
            name=SERIES, unit="ms", labels=_LABELS, read=_read, totals=_totals, finest=HOUR, level=True,
            about="The 75th percentile of a web vital by the hour, by project (its id), page and vital: lcp (as long as"
            " none is named), inp, fcp, ttfb in milliseconds, cls as a score.",
        )
    )  # fmt: skip


def _read(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    buckets: list[list[Sketch]] = [[] for _ in range(max(0, -int(-(end - start) // step)))]
    vital = _vital(labels)
    for _, hour, sketch in _found(labels, vital, start, end):
        place = max(0, int((hour * HOUR - start) // step))
        if place < len(buckets):
            buckets[place].append(sketch)
    return [store.measured(vital, each).p75 or 0.0 for each in buckets]


def _totals(
    by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    """Return the percentile over the hours that a window touches, for each set of labels of which `LEAST` loads are known."""
    found: dict[tuple[str, ...], list[tuple[Vital, Sketch]]] = {}
    vitals = list(Vital) if "vital" in by and "vital" not in labels else [_vital(labels)]
    for vital in vitals:
        for place, _, sketch in _found(labels, vital, start, end):
            named = _named(place)
            key = tuple(named.get(name, "") for name in by)
            found.setdefault(key, []).append((vital, sketch))
    levels = {key: store.measured(each[0][0], [sketch for _, sketch in each]) for key, each in found.items()}
    return [
        (dict(zip(by, key, strict=True)), one.p75 or 0.0)
        for key, one in levels.items()
        if one.samples >= LEAST
    ]


def _found(
    labels: Mapping[str, str], vital: Vital, start: float, end: float
) -> list[tuple[Place, int, Sketch]]:
    project = labels.get("project", "")
    rows = store.hours(int(start // HOUR), -int(-end // HOUR), int(project) if project.isdecimal() else None)
    page = labels.get("page", "")
    return [row for row in rows if row[0][2] is vital and page in {"", row[0][1]}]


def _named(place: Place) -> Mapping[str, str]:
    return {"project": str(place[0]), "page": place[1], "vital": place[2].value}


def _vital(labels: Mapping[str, str]) -> Vital:
    named = labels.get("vital", "").lower()
    return Vital(named) if named in {one.value for one in Vital} else Vital.LCP
