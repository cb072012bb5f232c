"""Reading measures, as fine as they are kept; and the series of hosts that rules and charts read."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from vedette.hosts import blocks, gauges
from vedette.hosts.blocks import LEAST, MEAN, MOST, Block
from vedette.hosts.gauges import Gauge
from vedette.hosts.store import hosts, shelf
from vedette.hosts.store.shelf import FINE, FIVE, HOURLY, KEPT
from vedette.hosts.types import HOUR, Host
from vedette.signals import service as signals
from vedette.signals.types import Series

TEN = 10.0
_SHELVES = (FINE, FIVE, HOURLY)
Wanted = Callable[[str], bool]
Level = tuple[float, float, float]  # least, mean, most


def register() -> None:
    """Enter the series of hosts in the catalogue."""
    for gauge in gauges.GAUGES:
        named = ("host", gauge.label) if gauge.label else ("host",)
        signals.register(_series(gauge, named))
    value = Gauge(gauges.VALUE, "", "", "Any measure of a host, by the name the agent gives it.", "series")
    signals.register(_series(value, ("host", "series")))


def _series(gauge: Gauge, named: tuple[str, ...]) -> Series:
    return Series(
        name=gauge.name, unit=gauge.unit, labels=named, read=partial(_read, gauge), totals=partial(_totals, gauge),
        finest=TEN, fine=KEPT[FINE], level=True, about=f"{gauge.about} The mean over each step.",
    )  # fmt: skip


def levels(
    host: int, wanted: Wanted, start: float, end: float, step: float
) -> Mapping[str, list[Level | None]]:
    """Return least, mean and most of series in buckets of `step` seconds from `start` on; None where nothing was measured."""
    n = max(0, -int(-(end - start) // step))
    found: dict[str, list[list[Level]]] = {}
    for block in _blocks(host, wanted, start, end, step):
        places = [
            (k, int((time - start) // step)) for k, time in enumerate(block.times) if start <= time < end
        ]
        for name, column in block.columns.items():
            buckets = found.setdefault(name, [[] for _ in range(n)])
            least, mean, most = column if block.planes > 1 else column * 3
            for k, place in places:
                if not math.isnan(mean[k]):
                    buckets[place].append((least[k], mean[k], most[k]))
    return {name: [_level(one) for one in buckets] for name, buckets in found.items()}


def _blocks(host: int, wanted: Wanted, start: float, end: float, step: float) -> Iterator[Block]:
    """Yield what was measured: from blocks as coarse as will do, and samples that are in none yet.

    What is not kept so fine any more is read from coarser blocks.
    """
    open_now = [
        (time, *_chosen(names, values, wanted)) for time, names, values in shelf.rows(host, start, end)
    ]
    if open_now:
        yield blocks.of_rows(open_now)
    for one in _SHELVES[_grain(start, end, step) :]:
        found = [blocks.unpack(body, wanted) for body in shelf.read(one, host, start, end)]
        if any(block.times for block in found) or open_now:
            yield from found
            return


def _grain(start: float, end: float, step: float) -> int:
    """Return the place of the shelf that will do: a few of its values in each step, and not too many in all."""
    if step >= 6 * HOUR or end - start > KEPT[FIVE]:
        return 2
    return 1 if step >= HOUR / 2 or end - start > KEPT[FINE] else 0


def _chosen(
    names: Sequence[str], values: Sequence[float], wanted: Wanted
) -> tuple[Sequence[str], Sequence[float]]:
    places = [place for place, name in enumerate(names) if wanted(name)]
    return [names[place] for place in places], [values[place] for place in places]


def _level(found: Sequence[Level]) -> Level | None:
    if not found:
        return None
    means = [one[MEAN] for one in found]
    return min(one[LEAST] for one in found), sum(means) / len(means), max(one[MOST] for one in found)


def _read(gauge: Gauge, labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    """Return means; of several hosts or labels their most, as whoever watches many waits for the worst."""
    n = max(0, -int(-(end - start) // step))
    found = [0.0] * n
    for host in _hosts(labels):
        for row in levels(host.id, _wanted(gauge, labels), start, end, step).values():
            for place, level in enumerate(row):
                if level is not None:
                    found[place] = max(found[place], level[MEAN])
    return found


def _totals(
    gauge: Gauge, by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    """Return the mean over a window for each host (and label) that is named in `by`; of nothing where nothing was measured."""
    found: dict[tuple[str, ...], float] = {}
    for host in _hosts(labels):
        rows = levels(host.id, _wanted(gauge, labels), start, end, max(TEN, end - start))
        for series, row in rows.items():
            if row and row[0] is not None:
                named = {"host": host.name, gauge.label: _label(gauge, series)}
                key = tuple(named.get(name, "") for name in by)
                found[key] = max(found.get(key, row[0][MEAN]), row[0][MEAN])
    return [(dict(zip(by, key, strict=True)), level) for key, level in found.items()]


def _label(gauge: Gauge, series: str) -> str:
    return gauges.apart(series)[1] if gauge.series else series


def _wanted(gauge: Gauge, labels: Mapping[str, str]) -> Wanted:
    label = labels.get(gauge.label, "") if gauge.label else ""
    if not gauge.series:
        return lambda name: name == label if label else True
    return lambda name: gauges.apart(name)[0] == gauge.series and label in {"", gauges.apart(name)[1]}


def _hosts(labels: Mapping[str, str]) -> Sequence[Host]:
    named = labels.get("host", "")
    if not named:
        return hosts.every()
    found = hosts.by_name(named)
    return () if found is None else (found,)
