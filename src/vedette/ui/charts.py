"""Charts as SVG text: pure functions of data, without style attributes, so that the strict CSP lets them pass."""

import math
from collections.abc import Sequence
from html import escape
from itertools import groupby, pairwise

import msgspec

WIDTH, HEIGHT = 400, 100
APART, APART_ON_PHONES = (
    0.16,
    0.55,
)  # of the width: what the words of a mark take on a wide page, and on a phone


class Mark(msgspec.Struct, frozen=True):
    """A vertical line in a chart: `at` from 0 (left) to 1 (right), tone info, ok or crit, a short word.

    `note` says it in full where there is room: in the table.
    """

    at: float
    text: str
    tone: str = "info"
    note: str = ""


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart shows. `sentence` says it in words; `start` is an instant, `step` the seconds of one value.

    `threshold` draws a dashed line, `hot` is the index from which values are drawn as trouble.
    """

    values: Sequence[float]
    sentence: str
    start: float = 0.0
    step: float = 3600.0
    unit: str = "events"
    zone: str = "UTC"
    marks: Sequence[Mark] = ()
    threshold: float | None = None
    hot: int | None = None


def ceiling(values: Sequence[float], threshold: float | None = None) -> float:
    """Return a round number above everything shown: 1, 2, 3, 4, 5, 6, 8 times a power of ten."""
    top = max([*values, threshold or 0.0, 1.0])
    power = 10.0 ** math.floor(math.log10(top))
    return next(float(n * power) for n in (1, 2, 3, 4, 5, 6, 8, 10) if n * power >= top)


def spark(values: Sequence[float], tone: str = "") -> str:
    """Return a small line without axes; it starts at 0 and tops at 2.2 medians at least, so noise looks calm."""
    if len(values) < 2 or not any(values):
        return '<svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true"><path d="M0 19L100 19"/></svg>'
    top = max(*values, 2.2 * sorted(values)[len(values) // 2])
    line = _line(values, 100, 19, top)
    return (
        f'<svg class="spark {escape(tone)}" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="fill" d="{line}L100 20L0 20z"/><path d="{line}"/></svg>'
    )


def area(plot: Plot) -> str:
    """Return a filled line over time, for a rate."""
    top = ceiling(plot.values, plot.threshold)
    tone = "" if plot.hot is None else " crit"
    line = _line(plot.values, WIDTH, HEIGHT, top) if len(plot.values) > 1 else f"M0 {HEIGHT}L{WIDTH} {HEIGHT}"
    body = (
        f'<path class="ar{tone}" d="{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}z"/><path class="ln{tone}" d="{line}"/>'
    )
    return _frame(plot, _zone(plot) + body + _threshold(plot, top))


def bars(plot: Plot) -> str:
    """Return one bar for each value, for counts."""
    top = ceiling(plot.values, plot.threshold)
    pitch = WIDTH / max(1, len(plot.values))
    gap = min(1.6, pitch * 0.3)
    hot = len(plot.values) if plot.hot is None else plot.hot
    drawn = "".join(
        f'<rect class="bar{" crit" if i >= hot else ""}" x="{_n(i * pitch + gap / 2)}" width="{_n(pitch - gap)}"'
        f' y="{_n(HEIGHT - h)}" height="{_n(h)}"/>'
        for i, h in enumerate(max(1.2, v / top * HEIGHT) if v else 0.0 for v in plot.values)
        if h
    )
    return _frame(plot, drawn + _threshold(plot, top))


def stacked(plot: Plot, layers: Sequence[Sequence[float]]) -> str:
    """Return layers that lie on one another (at most five, the lowest first) under the line of the plot's own values."""
    sums = [0.0] * len(plot.values)
    floors = [sums]
    for layer in layers:
        sums = [a + b for a, b in zip(sums, layer, strict=True)]
        floors.append(sums)
    top = topmost(plot, layers)
    drawn = "".join(
        f'<path class="ly l{place + 1}" d="{_band(low, high, top)}"/>'
        for place, (low, high) in enumerate(pairwise(floors))
    )
    line = _line(plot.values, WIDTH, HEIGHT, top) if len(plot.values) > 1 else ""
    return _frame(plot, drawn + f'<path class="ln" d="{line}"/>' + _threshold(plot, top))


def columns(layers: Sequence[Sequence[float]], sentence: str) -> str:
    """Return one column for each place, cut by layers (at most four, the first at the bottom): counts of few kinds."""
    top = ceiling([sum(values) for values in zip(*layers, strict=True)])
    pitch = WIDTH / max(1, len(layers[0]) if layers else 1)
    parts, floors = [], [0.0] * (len(layers[0]) if layers else 0)
    for number, layer in enumerate(layers, 1):
        for place, value in enumerate(layer):
            low, high = floors[place], floors[place] + value
            floors[place] = high
            if value:
                parts.append(
                    f'<rect class="bar k{number}" x="{_n(place * pitch + pitch * 0.15)}" width="{_n(pitch * 0.7)}"'
                    f' y="{_n(HEIGHT - high / top * HEIGHT)}" height="{_n((high - low) / top * HEIGHT)}"/>'
                )
    grid = "".join(f'<line class="g" x1="0" x2="{WIDTH}" y1="{y}" y2="{y}"/>' for y in (0, 50, HEIGHT))
    return (
        f'<div class="plot" role="img" aria-label="{escape(sentence)}"><svg viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' preserveAspectRatio="none" aria-hidden="true">{grid}{"".join(parts)}</svg></div>'
    )


def topmost(plot: Plot, layers: Sequence[Sequence[float]]) -> float:
    """Return the round number above a plot's values and the sums of its layers."""
    sums = [sum(values) for values in zip(*layers, strict=True)]
    return ceiling([*plot.values, *sums], plot.threshold)


def _band(low: Sequence[float], high: Sequence[float], top: float) -> str:
    """Return the area between two lines."""
    if len(low) < 2:
        return ""
    back = _line(list(reversed(low)), WIDTH, HEIGHT, top)
    mirrored = "L".join(_mirrored(point) for point in back[1:].split("L"))
    return f"{_line(high, WIDTH, HEIGHT, top)}L{mirrored}z"


def _mirrored(point: str) -> str:
    x, y = point.split(" ")
    return f"{_n(WIDTH - float(x))} {y}"


def lane(marks: Sequence[tuple[float, int]], tone: str, sentence: str) -> str:
    """Return events on a time axis: (place from 0 to 1, how many) each; more of them stand higher, at most four times."""
    drawn = "".join(
        f'<rect class="{escape(tone)}" x="{_n(max(0.0, min(1.0, at)) * WIDTH - 1.2)}" width="2.4" y="{16 - high}" height="{high}"/>'
        for at, high in ((at, min(14, 8 + 2 * (n - 1))) for at, n in marks)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="{escape(sentence)}">'
        f'<line x1="0" x2="{WIDTH}" y1="16" y2="16"/>{drawn}</svg>'
    )


_BEATS = {"u": 8, "d": 13, "x": 20, "n": 4}


def heartbeat(beats: str, sentence: str) -> str:
    """Return a row of beats: `u` up, `d` slow, `x` failing, `n` no data; height and colour both carry the state."""
    parts, at = [], 0
    for state, run in groupby(beats):
        count, height = len(list(run)), _BEATS[state]
        drawn = "".join(f"M{k * 4} {20 - height}h3v{height}h-3z" for k in range(at, at + count))
        parts.append(f'<path class="{state}" d="{drawn}"/>')
        at += count
    box = f"0 0 {max(1, at * 4 - 1)} 20"
    return f'<svg class="hb" viewBox="{box}" preserveAspectRatio="none" role="img" aria-label="{escape(sentence)}">{"".join(parts)}</svg>'


def meter(share: float, sentence: str, warn: float = 0.78, crit: float = 0.9) -> str:
    """Return a thin bar filled to `share` (0 to 1); from `warn` and `crit` on it changes its tone."""
    tone = " crit" if share >= crit else " warn" if share >= warn else ""
    filled = _n(max(0.0, min(1.0, share)) * 100)
    return (
        f'<svg class="meter{tone}" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="{escape(sentence)}">'
        f'<rect class="t" width="100" height="4" rx="1"/><rect class="v" width="{filled}" height="4" rx="1"/></svg>'
    )


def tagbar(shares: Sequence[float]) -> str:
    """Return a bar cut by shares (0 to 1), largest first; the words beside it say the same."""
    parts, at = [], 0.0
    for share in shares[:4]:
        parts.append(f'<rect x="{_n(at)}" width="{_n(max(share * 100 - 0.6, 0.4))}" height="6"/>')
        at += share * 100
    return f'<svg class="tb" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def _line(values: Sequence[float], width: float, height: float, top: float) -> str:
    pitch = width / (len(values) - 1)
    points = (f"{_n(i * pitch)} {_n(height - v / (top or 1) * height)}" for i, v in enumerate(values))
    return "M" + "L".join(points)


def _threshold(plot: Plot, top: float) -> str:
    if plot.threshold is None:
        return ""
    y = _n(HEIGHT - plot.threshold / top * HEIGHT)
    return f'<line class="th" x1="0" x2="{WIDTH}" y1="{y}" y2="{y}"/>'


def _zone(plot: Plot) -> str:
    if plot.hot is None or len(plot.values) < 2:
        return ""
    x = plot.hot / (len(plot.values) - 1) * WIDTH
    return f'<rect class="zone" x="{_n(x)}" width="{_n(max(0.0, WIDTH - x))}" y="0" height="{HEIGHT}"/>'


def _marks(marks: Sequence[Mark]) -> str:
    return "".join(
        f'<line class="ev {escape(m.tone)}" x1="{_n(m.at * WIDTH)}" x2="{_n(m.at * WIDTH)}" y1="-10" y2="{HEIGHT}"/>'
        for m in marks
    )


def _apart(marks: Sequence[Mark], room: float = APART) -> list[Mark]:
    """Return the marks whose words do not cover those of an earlier one; the lines and the table show them all."""
    shown: list[Mark] = []
    for mark in marks:
        if all(abs(other.at - mark.at) >= room for other in shown):
            shown.append(mark)
    return shown


def _flag(mark: Mark, *, on_phones: bool) -> str:
    """Return the words of a mark, at the side where there is room; `w` are for wide pages only."""
    ends = mark.at > 0.2
    classes = " ".join(name for name, on in (("e", ends), ("w", not on_phones)) if on)
    css = f' class="{classes}"' if classes else ""
    return f'<text x="{_n(mark.at * 100 + (-1.2 if ends else 1.2))}%" y="3"{css}>{escape(mark.text)}</text>'


def _flags(marks: Sequence[Mark]) -> str:
    if not marks:
        return ""
    on_phones = _apart(marks, APART_ON_PHONES)
    texts = "".join(_flag(m, on_phones=m in on_phones) for m in _apart(marks))
    return f'<svg class="flags" aria-hidden="true">{texts}</svg>'


def _frame(plot: Plot, body: str) -> str:
    """Return the drawing in its frame, with what the crosshair needs as data attributes."""
    grid = "".join(f'<line class="g" x1="0" x2="{WIDTH}" y1="{y}" y2="{y}"/>' for y in (0, 50, HEIGHT))
    data = ",".join(_n(v) for v in plot.values)
    return (
        f'<div class="plot" tabindex="0" role="img" aria-label="{escape(plot.sentence)}" data-v="{data}" data-start="{_n(plot.start)}"'
        f' data-step="{_n(plot.step)}" data-tz="{escape(plot.zone)}" data-unit="{escape(plot.unit)}">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{grid}{body}{_marks(plot.marks)}</svg>'
        f"{_flags(plot.marks)}</div>"
    )
