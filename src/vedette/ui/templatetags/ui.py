"""`{% load ui %}`: what every template writes with."""

import functools
import math
from collections.abc import Sequence
from typing import Protocol

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from vedette.core import clock
from vedette.plumbing.ports import ports
from vedette.ui import built, charts, highlight, words
from vedette.ui import markdown as prose

register = template.Library()
# A page asks for fifty icons and states, and every page for the same ones. By type: a text that is marked as safe
# must not stand for one that is to be escaped.
_remembered = functools.lru_cache(maxsize=512, typed=True)


class Person(Protocol):
    """Anyone who can be shown by initials."""

    name: str


def _now(context: Context) -> float:
    now = context.get("now")
    return float(now) if now is not None else ports().clock.now()


def _zone(context: Context) -> str:
    return str(context.get("tz") or "UTC")


@register.simple_tag
def asset(name: str) -> str:
    """Return the URL of a built file: `{% asset "app.css" %}`."""
    return built.url(name)


@register.simple_tag
@_remembered
def icon(name: str, classes: str = "") -> SafeString:
    """Return an icon of the sprite: `{% icon "bug" "i-s" %}`. Icons never stand alone: words or a label say it."""
    sprite = built.url("icons.svg")
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name
    )


@register.simple_tag(takes_context=True)
def ago(context: Context, at: float | None, none: str = "never") -> SafeString | str:
    """Return how long ago an instant was, exact on hover; `{% ago issue.last_seen %}`."""
    if at is None:
        return none
    zone, now = _zone(context), _now(context)
    text = words.ago(at, now, zone)
    live = f"{at:.0f}" if 0 <= now - at < words.DAY else ""
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        clock.iso(at), words.exact(at, zone), format_html(' data-ago="{}"', live) if live else "", text,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def when(context: Context, at: float | None, none: str = "never") -> SafeString | str:
    """Return the day and time of an instant, exact on hover."""
    if at is None:
        return none
    zone = _zone(context)
    text = words.date(at, _now(context), zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', clock.iso(at), words.exact(at, zone), text)


@register.simple_tag(takes_context=True)
def clocktime(context: Context, at: float | None, none: str = "never") -> SafeString | str:
    """Return the time of day to the second, exact on hover; a narrow timeline hides the seconds."""
    if at is None:
        return none
    zone = _zone(context)
    told = words.clock_seconds(at, zone)
    return format_html(
        '<time datetime="{}" title="{}">{}<span>{}</span></time>',
        clock.iso(at), words.exact(at, zone), told[:5], told[5:],
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def since(context: Context, at: float) -> SafeString:
    """Return the time run since an instant; it keeps running while the page is open."""
    return format_html(
        '<span data-since="{}">{}</span>', f"{at:.0f}", words.duration(math.floor(_now(context) - at))
    )


@register.filter
def duration(seconds: float) -> str:
    """Return a length of time in words."""
    return words.duration(seconds)


@register.filter
def num(value: float | None) -> str:
    """Return a number with thin spaces, or a dash for none."""
    return "–" if value is None else words.number(value)


@register.filter
def shortnum(value: float | None) -> str:
    """Return a number in at most four signs, or a dash for none."""
    return "–" if value is None else words.short(value)


@register.filter
def bytesize(count: float) -> str:
    """Return a number of bytes in words."""
    return words.size(count)


@register.filter
def percent(share: float) -> str:
    """Return a share (0 to 1) as per cent."""
    return words.percent(share)


@register.filter
def plural(count: int, word: str) -> str:
    """Return the word for a number of things: `{{ n|plural:"event" }}`, `{{ n|plural:"entry,entries" }}`."""
    one, _, many = word.partition(",")
    return one if count == 1 else many or one + "s"


@register.filter
def markdown(text: str) -> SafeString:
    """Return Markdown that somebody wrote as HTML that can do nothing."""
    return mark_safe(prose.html(text))  # noqa: S308 - the renderer lets no HTML through


@register.simple_tag
def avatar(who: "Person | str | None") -> SafeString:
    """Return the initials of a person in a disc; the name beside it says the same."""
    name = who if isinstance(who, str) else who.name if who is not None else ""
    tone = "abc"[sum(name.encode()) % 3]
    return format_html('<span class="ava {}" aria-hidden="true">{}</span>', tone, words.initials(name))


@register.simple_tag
@_remembered
def state(tone: str, word: str) -> SafeString:
    """Return a state as shape, word and colour; tone is ok, warn, crit, info or off."""
    return format_html('<span class="st {}">{}</span>', tone, word)


@register.simple_tag
def spark(values: Sequence[float], tone: str = "") -> SafeString:
    """Return a small line of values."""
    return mark_safe(charts.spark(values, tone))  # noqa: S308 - charts escapes what it writes


@register.simple_tag
def meter(share: float, sentence: str) -> SafeString:
    """Return a thin bar filled to a share (0 to 1)."""
    return mark_safe(charts.meter(share, sentence))  # noqa: S308 - charts escapes what it writes


@register.simple_tag
def tagbar(shares: Sequence[float]) -> SafeString:
    """Return a bar cut by shares (0 to 1)."""
    return mark_safe(charts.tagbar(shares))  # noqa: S308 - charts escapes what it writes


@register.simple_tag
def heartbeat(beats: str, sentence: str) -> SafeString:
    """Return a row of beats (`u`, `d`, `x`, `n`)."""
    return mark_safe(charts.heartbeat(beats, sentence))  # noqa: S308 - charts escapes what it writes


@register.inclusion_tag("ui/chart.html", takes_context=True)
def chart(
    context: Context,
    values: Sequence[float],
    sentence: str,
    *,
    start: float = 0.0,
    step: float = 3600.0,
    unit: str = "events",
    marks: Sequence[charts.Mark] = (),
    threshold: float | None = None,
    hot: int | None = None,
    table: bool = True,
    ends: str = "now",
) -> dict[str, object]:
    """Return a rate as an area with axes and table: `{% chart values "Errors per minute …" start=s step=60 %}`.

    `start` is the instant of the first value, `step` the seconds of one; `ends` stands at the right end of the axis.
    """
    plot = charts.Plot(
        values=values, sentence=sentence, start=start, step=step, unit=unit, zone=_zone(context), marks=marks,
        threshold=threshold, hot=hot,
    )  # fmt: skip
    figure = _figure(plot, charts.area(plot), table=table)
    return figure if ends == "now" else {**figure, "x": [*_axis(plot)[:-1], ends]}


@register.simple_tag
def lane(marks: Sequence[tuple[float, int]], tone: str, sentence: str) -> SafeString:
    """Return events on a time axis, (place from 0 to 1, how many) each."""
    return mark_safe(charts.lane(marks, tone, sentence))  # noqa: S308 - charts escapes what it writes


@register.inclusion_tag("ui/chart.html", takes_context=True)
def bars(
    context: Context,
    values: Sequence[float],
    sentence: str,
    *,
    start: float = 0.0,
    step: float = 3600.0,
    unit: str = "events",
    marks: Sequence[charts.Mark] = (),
    hot: int | None = None,
    table: bool = True,
) -> dict[str, object]:
    """Return counts as bars with axes and table; from `hot` on they are drawn as trouble."""
    plot = charts.Plot(
        values=values, sentence=sentence, start=start, step=step, unit=unit, zone=_zone(context), marks=marks, hot=hot,
    )  # fmt: skip
    return _figure(plot, charts.bars(plot), table=table)


@register.inclusion_tag("ui/stack.html", takes_context=True)
def stack(
    context: Context,
    layers: Sequence[tuple[str, Sequence[float]]],
    line: tuple[str, Sequence[float]],
    sentence: str,
    *,
    start: float = 0.0,
    step: float = 3600.0,
    unit: str = "ms",
    marks: Sequence[charts.Mark] = (),
) -> dict[str, object]:
    """Return named layers on one another under a named line, with axes, a legend and a table of all of them."""
    name, values = line
    plot = charts.Plot(
        values=values, sentence=sentence, start=start, step=step, unit=unit, zone=_zone(context), marks=marks
    )
    drawn = [found for _, found in layers]
    top = charts.topmost(plot, drawn)
    happened = {label: what for label, _, what in _rows(plot)}
    return {
        "svg": mark_safe(charts.stacked(plot, drawn)),  # noqa: S308 - charts escapes what it writes
        "y": [words.short(top), words.short(top / 2), "0"],
        "x": _axis(plot),
        "names": [found for found, _ in layers],
        "line": name,
        "rows": [
            (_label(plot, i), [column[i] for column in drawn], v, happened.get(_label(plot, i), ""))
            for i, v in enumerate(values) if v or happened.get(_label(plot, i))
        ],
        "unit": unit,
        "sentence": sentence,
        "marked": bool(marks),
    }  # fmt: skip


def _figure(plot: charts.Plot, drawn: str, *, table: bool) -> dict[str, object]:
    """Return what `ui/chart.html` shows: the drawing, its axes, and the same values as rows."""
    top = charts.ceiling(plot.values, plot.threshold)
    return {
        "svg": mark_safe(drawn),  # noqa: S308 - charts escapes what it writes
        "y": [words.short(top), words.short(top / 2), "0"],
        "x": _axis(plot),
        "rows": _rows(plot) if table else [],
        "unit": plot.unit,
        "sentence": plot.sentence,
        "marked": bool(plot.marks),
        "table": table,
    }


def _rows(plot: charts.Plot) -> list[tuple[str, float, str]]:
    """Return (time, value, what happened) of every value that is not zero or in whose time something happened."""
    count = len(plot.values)
    notes: dict[int, list[str]] = {}
    for mark in sorted(plot.marks, key=lambda m: m.at):
        notes.setdefault(min(int(mark.at * count), count - 1), []).append(mark.note or mark.text)
    said = [", ".join(notes.get(i, ())) for i in range(count)]
    return [(_label(plot, i), v, said[i]) for i, v in enumerate(plot.values) if v or said[i]]


def _label(plot: charts.Plot, index: int) -> str:
    at = words.local(plot.start + index * plot.step, plot.zone)
    return f"{at.day} {at:%b}" if plot.step >= words.DAY else f"{at:%H:%M}"


def _axis(plot: charts.Plot) -> list[str]:
    """Return five labels of the time axis, the last of them "now"."""
    count = len(plot.values)
    if count < 5:
        return []
    span = plot.step * count
    form = "%d %b" if span > 3 * words.DAY else "%H:%M"
    return [f"{words.local(plot.start + span * k / 4, plot.zone):{form}}" for k in range(4)] + ["now"]


@register.simple_tag
def code(line: str, language: str) -> SafeString:
    """Return one line of source with its words coloured by class."""
    return mark_safe(highlight.line(line, language))  # noqa: S308 - highlight escapes what it writes


@register.inclusion_tag("ui/field.html")
def field(bound: object, help: str = "", mono: bool = False) -> dict[str, object]:  # noqa: A002
    """Return a form field with label, help and errors: `{% field form.email %}`."""
    return {"field": bound, "help": help or getattr(bound, "help_text", ""), "mono": mono}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, label: str = "Copy") -> dict[str, object]:
    """Return a text in a box with a button that copies it."""
    return {"text": text, "label": label}


@register.inclusion_tag("ui/empty.html")
def empty(icon: str, text: str, command: str = "", href: str = "", verb: str = "") -> dict[str, object]:
    """Return what stands where nothing is yet: what will be here, and the one thing that fills it."""
    return {"icon": icon, "text": text, "command": command, "href": href, "verb": verb}


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: object, param: str = "cursor") -> dict[str, object]:
    """Return links to the first and the next page; `page` has `cursor` (None at the end)."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    at, following = (query.get(param) if query is not None else None), getattr(page, "cursor", None)
    return {
        "first": _query(query, param, None) if at else "",
        "next": _query(query, param, following) if following else "",
    }


def _query(query: object, param: str, value: str | None) -> str:
    changed = query.copy() if isinstance(query, QueryDict) else QueryDict(mutable=True)
    changed.pop(param, None)
    if value is not None:
        changed[param] = value
    return "?" + changed.urlencode()
