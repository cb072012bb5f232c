"""What rooms tell the others: publish and read signals, record and read moments, register and find series."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from vedette.plumbing.ports import ports
from vedette.signals import store
from vedette.signals.types import TOPIC, Moment, Series, Signal, StoredSignal

KEEP_SECONDS = 35 * 86_400.0
MOST_AT_ONCE = 20_000
_CHUNK = 2_000
_SERIES: dict[str, Series] = {}


def publish(signals: Sequence[Signal], now: float) -> None:
    """Append signals in the caller's transaction; after its commit whoever waits for `TOPIC` is woken."""
    if not signals:
        return
    store.add_signals(signals, now)
    store.after_commit(_wake)


def after(seq: int, n: int) -> tuple[StoredSignal, ...]:
    """Return up to `n` signals past `seq`, oldest first. Seqs grow in order of commit and may have gaps."""
    return store.signals_after(seq, n)


def between(start: float, end: float, n: int = MOST_AT_ONCE) -> tuple[tuple[float, Signal], ...]:
    """Return the newest `n` signals that were published in `start` <= t < `end`, oldest first, each with that instant."""
    return store.between(start, end, n)


def last_seq() -> int:
    """Return the seq of the newest signal, 0 when there is none."""
    return store.last_seq()


def record(moments: Sequence[Moment]) -> None:
    """Append lines to the story in the caller's transaction."""
    if moments:
        store.add_moments(moments)


def moments(
    start: float,
    end: float,
    project: int | None = None,
    room: str | None = None,
    *,
    subject: str | None = None,
    kind: str | None = None,
    n: int = 100,
) -> tuple[Moment, ...]:
    """Return what happened with `start` <= at < `end`, newest first, narrowed by project, room, subject and kind."""
    return store.moments(start, end, project=project, room=room, subject=subject, kind=kind, n=n)


def register(series: Series) -> None:
    """Enter a series in the catalogue; a room does this once when it is loaded. The last one of a name wins."""
    _SERIES[series.name] = series


def catalogue() -> Mapping[str, Series]:
    """Return every registered series by name."""
    return MappingProxyType(_SERIES)


def drop_before(instant: float) -> int:
    """Delete signals and moments older than `instant`, in short transactions; return how many went."""
    total = 0
    while dropped := store.drop_before(instant, _CHUNK):
        total += dropped
    return total


def _read_published(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    counts = [0.0] * max(0, -int(-(end - start) // step))
    for at, signal in store.between(start, end, MOST_AT_ONCE):
        if _labels(signal).items() >= labels.items():
            counts[int((at - start) // step)] += 1
    return counts


def _total_published(
    by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    found: dict[tuple[str, ...], float] = {}
    for _, signal in store.between(start, end, MOST_AT_ONCE):
        named = _labels(signal)
        if named.items() >= labels.items():
            key = tuple(named.get(name, "") for name in by)
            found[key] = found.get(key, 0.0) + 1
    return [(dict(zip(by, key, strict=True)), n) for key, n in found.items()]


def _labels(signal: Signal) -> Mapping[str, str]:
    project = "" if signal.project is None else str(signal.project)
    return {"project": project, "room": signal.room, "kind": signal.kind}


def _wake() -> None:
    ports().bus.wake(TOPIC)


register(
    Series(
        name="signals.published",
        unit="signals",
        labels=("project", "room", "kind"),
        read=_read_published,
        totals=_total_published,
        about="Signals the rooms published: a new issue, a regression, what a monitor found.",
    )
)
