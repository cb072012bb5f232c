"""What the front door can be measured by; it stands here, for intake meets neither Django nor the catalogue."""

from collections import Counter
from collections.abc import Mapping, Sequence

from vedette.core.clock import parse_iso, utc_day
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Series

ITEMS = "intake.items"
_DAY = 86_400.0
_LABELS = ("project", "type", "outcome")


def register() -> None:
    """Enter the series of the front door in the catalogue."""
    signals.register(
        Series(
            name=ITEMS,
            unit="items",
            labels=_LABELS,
            read=_read,
            totals=_totals,
            finest=_DAY,
            about="What SDKs sent, by the UTC day: by project (its id), type of item, and outcome (accepted, limited, …).",
        )
    )


def _read(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    counts = [0.0] * max(0, -int(-(end - start) // step))
    for at, named, n in _rows(start, end):
        if named.items() >= labels.items():
            counts[max(0, int((at - start) // step))] += n
    return counts


def _totals(
    by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    found: Counter[tuple[str, ...]] = Counter()
    for _, named, n in _rows(start, end):
        if named.items() >= labels.items():
            found[tuple(named.get(name, "") for name in by)] += n
    return [(dict(zip(by, key, strict=True)), float(n)) for key, n in found.items()]


def _rows(start: float, end: float) -> list[tuple[float, Mapping[str, str], int]]:
    """Return (start of the day, labels, items) of the days that touch a time."""
    found: list[tuple[float, Mapping[str, str], int]] = []
    for row in projects.usage(None, utc_day(start)):
        at = parse_iso(row.day)
        if at < end:
            values = (str(row.project), row.item_type, row.outcome)
            found.append((at, dict(zip(_LABELS, values, strict=True)), row.count))
    return found
