"""What telling people can be measured by. It stands here, for `notify` lies below the catalogue."""

from collections.abc import Mapping, Sequence

from vedette.notify import service as notify
from vedette.signals import service as signals
from vedette.signals.types import Series

NOTICES = "notify.notices"


def register() -> None:
    """Enter the series of notices in the catalogue."""
    signals.register(
        Series(
            name=NOTICES,
            unit="notices",
            labels=("channel", "state"),
            read=_read,
            totals=_totals,
            about="Notices queued for everybody's channels, by channel and by what became of them (sent, failed, …).",
        )
    )


def _read(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    counts = [0.0] * max(0, -int(-(end - start) // step))
    for channel, state, place, n in notify.notices(start, end, step):
        if {"channel": channel, "state": state}.items() >= labels.items():
            counts[place] += n
    return counts


def _totals(
    by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    found: dict[tuple[str, ...], float] = {}
    for channel, state, _, n in notify.notices(start, end, max(1.0, end - start)):
        named = {"channel": channel, "state": state}
        if named.items() >= labels.items():
            key = tuple(named.get(name, "") for name in by)
            found[key] = found.get(key, 0.0) + n
    return [(dict(zip(by, key, strict=True)), n) for key, n in found.items()]
