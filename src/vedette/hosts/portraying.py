"""What the page of a host shows: charts of a range with what happened in it, and what used it the most at that time."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.hosts import gauges, service
from vedette.hosts.gauges import Gauge
from vedette.hosts.types import DAY, HOUR, Host, Noted
from vedette.ui.charts import Mark

CHARTS = ("hosts.cpu", "hosts.memory", "hosts.load", "hosts.disk", "hosts.received", "hosts.sent")
_NAMES = {
    "hosts.cpu": "Processors", "hosts.memory": "Memory", "hosts.load": "Load", "hosts.disk": "Disk",
    "hosts.received": "Received", "hosts.sent": "Sent",
}  # fmt: skip
_BUCKETS = 120
_MOST_MARKS, _MOST_LINES = 8, 4
_TONES = {"critical": "crit", "high": "crit"}


class Span(msgspec.Struct, frozen=True):
    """A range that charts can be looked at in: its key, seconds, and in words."""

    key: str
    seconds: float
    words: str


SPANS = (
    Span("1h", HOUR, "the last hour"), Span("6h", 6 * HOUR, "the last 6 hours"), Span("24h", DAY, "the last 24 hours"),
    Span("14d", 14 * DAY, "the last 14 days"), Span("1y", 365 * DAY, "the last year"),
)  # fmt: skip


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart: its name with what it is of, means in steps, and in words."""

    name: str
    unit: str
    values: Sequence[float]
    sentence: str
    last: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The charts of a range, with what happened in it as marks."""

    start: float
    step: float
    charts: Sequence[Chart]
    marks: Sequence[Mark]


def span_of(key: str) -> Span:
    """Return the range of a key; a day where there is none."""
    return next((one for one in SPANS if one.key == key), SPANS[2])


def picture(host: Host, span: Span, noted: Sequence[Noted], now: float) -> Picture:
    """Return the charts of a host that something was measured for."""
    start, step = now - span.seconds, span.seconds / _BUCKETS
    wanted = {gauges.BY_NAME[name].series for name in CHARTS}
    found = service.levels(host, lambda name: gauges.apart(name)[0] in wanted, start, now, step)
    rows = {
        name: [0.0 if one is None else one[1] for one in row]
        for name, row in found.items()
        if any(one is not None for one in row)
    }
    drawn = [one for name in CHARTS for one in _charts(gauges.BY_NAME[name], rows, span)]
    marks = [_mark(one, start, span.seconds) for one in noted if start <= one.at < now]
    return Picture(start=start, step=step, charts=drawn, marks=marks[:_MOST_MARKS])


def _charts(gauge: Gauge, rows: Mapping[str, Sequence[float]], span: Span) -> list[Chart]:
    """Return the charts of a gauge: of several disks or interfaces those with the most."""
    mine = [
        (gauges.apart(name)[1], row) for name, row in rows.items() if gauges.apart(name)[0] == gauge.series
    ]
    mine.sort(key=lambda one: (-max(one[1]), one[0]))
    found = []
    for label, row in mine[:_MOST_LINES]:
        name = f"{_NAMES[gauge.name]} {label}".strip()
        last, most = (_shown(value, gauge.unit) for value in (row[-1] or row[-2], max(row)))
        sentence = f"{name} in {span.words}: {last} now, at most {most}."
        found.append(Chart(name=name, unit=gauge.unit or "load", values=row, sentence=sentence, last=last))
    return found


def _mark(one: Noted, start: float, seconds: float) -> Mark:
    return Mark(
        at=(one.at - start) / seconds,
        text=one.kind[:16],
        tone=_TONES.get(one.severity, "info"),
        note=one.text[:200],
    )


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.0f} %"
    if unit == "B/s":
        for prefix in ("B/s", "kB/s", "MB/s", "GB/s"):
            if value < 1000 or prefix == "GB/s":
                return f"{value:.0f} {prefix}"
            value /= 1000
    return f"{value:.2f} {unit}".strip()
