"""What may stand in a schedule: a sentence for each field that does not fit. Pure."""

import datetime as dt
import re
from collections.abc import Collection, Iterator

import msgspec

from vedette.core import zones
from vedette.oncall.types import Layer, ScheduleDraft, Span

MOST_LAYERS, MOST_PEOPLE, MOST_SPANS, MOST_EVERY = 10, 50, 14, 365
LONGEST_NAME = 80
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
WORKDAYS = (0, 1, 2, 3, 4)


def tidied(draft: ScheduleDraft) -> ScheduleDraft:
    """Return a draft without space around its names, its spans' days in order."""
    layers = tuple(_tidy(layer, place) for place, layer in enumerate(draft.layers, 1))
    return msgspec.structs.replace(draft, name=draft.name.strip(), zone=draft.zone.strip(), layers=layers)


def problems(
    draft: ScheduleDraft, people: Collection[int], calendars: Collection[int] = ()
) -> dict[str, str]:
    """Return what is wrong with a draft, by field (`layers.0.people`); `people` are in the team, `calendars` are known."""
    found = {"name": _name_problem(draft.name), "zone": zones.problem(draft.zone)}
    if not 1 <= len(draft.layers) <= MOST_LAYERS:
        found["layers"] = f"A schedule has one to {MOST_LAYERS} layers."
    elif not any(layer.people or layer.calendar is not None for layer in draft.layers):
        found["layers"] = "The schedule names nobody: nobody would be on call. Put people into a layer."
    for place, layer in enumerate(draft.layers):
        wrong = _layer_problems(layer, people, calendars)
        found |= {f"layers.{place}.{field}": text for field, text in wrong if text}
    return {field: text for field, text in found.items() if text}


def _tidy(layer: Layer, place: int) -> Layer:
    spans = tuple(msgspec.structs.replace(one, days=tuple(sorted(set(one.days)))) for one in layer.spans)
    return msgspec.structs.replace(layer, name=layer.name.strip() or f"Layer {place}", spans=spans)


def _name_problem(name: str) -> str:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        return f"A name has 1 to {LONGEST_NAME} characters that can be printed."
    return ""


def _layer_problems(
    layer: Layer, people: Collection[int], calendars: Collection[int]
) -> Iterator[tuple[str, str]]:
    yield "name", _name_problem(layer.name)
    yield "people", _people_problem(layer, people)
    yield "every", "" if 1 <= layer.every <= MOST_EVERY else f"A turn takes 1 to {MOST_EVERY} periods."
    yield "turns_on", "" if 0 <= layer.turns_on <= 6 else "A weekday is 0 (Monday) to 6 (Sunday)."
    yield "turns_at", "" if zones.WALL.fullmatch(layer.turns_at) else "A time is hours and minutes: 09:00."
    yield "first", _day_problem(layer.first)
    yield "until", _day_problem(layer.until) or _order_problem(layer)
    yield "spans", _spans_problem(layer)
    unknown = layer.calendar is not None and layer.calendar not in calendars
    yield "calendar", "There is no such calendar (any more)." if unknown else ""


def _people_problem(layer: Layer, people: Collection[int]) -> str:
    if layer.calendar is not None:
        return "A layer takes people or a calendar, not both." if layer.people else ""
    if len(layer.people) > MOST_PEOPLE:
        return f"A layer has at most {MOST_PEOPLE} turns."
    if any(not turn for turn in layer.people):
        return "A turn names somebody."
    named = {user for turn in layer.people for user in turn}
    return "Somebody named here is not in the team (any more)." if named - set(people) else ""


def _day_problem(day: str) -> str:
    if not day:
        return ""
    try:
        fits = _DAY.fullmatch(day) is not None and 2000 <= dt.date.fromisoformat(day).year <= 2100
    except ValueError:
        fits = False
    return "" if fits else "A day is written 2026-11-30."


def _order_problem(layer: Layer) -> str:
    late = layer.first and layer.until and layer.until <= layer.first
    return "The first day without comes after the first day." if late else ""


def _spans_problem(layer: Layer) -> str:
    if len(layer.spans) > MOST_SPANS:
        return f"A layer has at most {MOST_SPANS} parts of the week."
    if layer.counts_spans and not layer.spans:
        return "Turns are counted by parts of the week: name at least one."
    return next((wrong for one in layer.spans if (wrong := _span_problem(one))), "")


def _span_problem(one: Span) -> str:
    if not one.days or any(not 0 <= day <= 6 for day in one.days):
        return "Choose the days on which it begins, from 0 (Monday) to 6 (Sunday)."
    fits = zones.WALL.fullmatch(one.start) and zones.WALL.fullmatch(one.end)
    return "" if fits else "From and to are times such as 08:30 and 17:30."
