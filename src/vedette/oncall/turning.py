"""Whose turn is it in one layer? Pure. The wall clock of the schedule's zone decides, also where it changes.

A turn begins at the first instant of its wall time and ends where the next begins. A span begins at the first instant of
its start and ends at the last of its end.
"""

import bisect
import datetime as dt
import functools
from collections.abc import Iterator

from vedette.core import zones
from vedette.oncall.types import Layer, RotationKind, Span

_ANCHOR = dt.date(2024, 1, 1).toordinal()  # a Monday: where layers count from that do not say when they begin
_WEEK = 7
Stretch = tuple[float, float]


def holder(layer: Layer, zone: str, at: float) -> tuple[int, ...]:
    """Return who is on by a layer at an instant: those of one turn; nobody where it does not hold."""
    if not layer.people:
        return ()
    turn = _counted(layer, zone, at) if layer.counts_spans else _timed(layer, zone, at)
    return () if turn is None else layer.people[turn % len(layer.people)]


def edges(layer: Layer, zone: str, start: float, end: float) -> Iterator[float]:
    """Yield every instant between two at which another turn or part of the week may begin or end, in no order."""
    first, last = zones.day_of(start, zone) - 2, zones.day_of(end, zone) + 2
    if not layer.counts_spans:
        yield from _bounds(layer, zone)
        turns = range(_passed(layer, first), _passed(layer, last) + 2)
        yield from (_handover(layer, zone, turn) for turn in turns)
    for day in range(first, last + 1):
        for one in _held_on(layer, day):
            yield from _stretch(one, zone, day)


def _timed(layer: Layer, zone: str, at: float) -> int | None:
    """Return the number of the turn in which an instant lies, by the days on which turns begin."""
    begins, ends = _bounds(layer, zone)
    if not begins <= at < ends:
        return None
    today = zones.day_of(at, zone)
    if layer.spans and not any(_holds(layer, zone, day, at) for day in (today - 1, today, today + 1)):
        return None
    turn = _passed(layer, today)
    while _handover(layer, zone, turn) > at:
        turn -= 1
    while _handover(layer, zone, turn + 1) <= at:
        turn += 1
    return turn


def _counted(layer: Layer, zone: str, at: float) -> int | None:
    """Return the number of the turn in which an instant lies, by how many spans began; the last one that holds counts."""
    today = zones.day_of(at, zone)
    for day in (today + 1, today, today - 1):
        for place in reversed(range(len(held := _held_on(layer, day)))):
            starts, ends = _stretch(held[place], zone, day)
            if starts <= at < ends:
                return (_spans_before(layer, day) + place) // layer.every
    return None


@functools.lru_cache(maxsize=4_096)
def _bounds(layer: Layer, zone: str) -> Stretch:
    begins = zones.first(_ordinal(layer.first), layer.turns_at, zone) if layer.first else float("-inf")
    ends = zones.first(_ordinal(layer.until), layer.turns_at, zone) if layer.until else float("inf")
    return begins, ends


def _passed(layer: Layer, day: int) -> int:
    return (day - _anchor(layer)) // _length(layer)


def _handover(layer: Layer, zone: str, turn: int) -> float:
    return zones.first(_anchor(layer) + turn * _length(layer), layer.turns_at, zone)


def _length(layer: Layer) -> int:
    return layer.every * (_WEEK if layer.rotation is RotationKind.WEEKLY else 1)


def _anchor(layer: Layer) -> int:
    """Return the day on which turn 0 begins; a weekly one on the weekday of turns, at or before the first day."""
    day = _ordinal(layer.first) if layer.first else _ANCHOR
    return day - (_weekday(day) - layer.turns_on) % _WEEK if layer.rotation is RotationKind.WEEKLY else day


def _holds(layer: Layer, zone: str, day: int, at: float) -> bool:
    stretches = (_stretch(one, zone, day) for one in _held_on(layer, day))
    return any(starts <= at < ends for starts, ends in stretches)


def _held_on(layer: Layer, day: int) -> tuple[Span, ...]:
    """Return the spans that begin on a day, in their order."""
    if layer.counts_spans and not _within(layer, day):
        return ()
    return _week(layer.spans)[_weekday(day)]


def _within(layer: Layer, day: int) -> bool:
    return (not layer.first or day >= _ordinal(layer.first)) and (
        not layer.until or day < _ordinal(layer.until)
    )


@functools.lru_cache(maxsize=4_096)
def _week(spans: tuple[Span, ...]) -> tuple[tuple[Span, ...], ...]:
    ordered = sorted(set(spans), key=lambda one: (one.start, one.end))
    return tuple(tuple(one for one in ordered if day in one.days) for day in range(_WEEK))


@functools.lru_cache(maxsize=4_096)
def _starts(spans: tuple[Span, ...]) -> tuple[int, ...]:
    """Return the weekday of each span of a week, in order."""
    return tuple(day for day, held in enumerate(_week(spans)) for _ in held)


def _spans_before(layer: Layer, day: int) -> int:
    """Return how many spans began before a day, counted from the first day on."""
    base = _ordinal(layer.first) if layer.first else _ANCHOR
    return _since_monday(layer, day) - _since_monday(layer, base)


def _since_monday(layer: Layer, day: int) -> int:
    weekdays = _starts(layer.spans)
    weeks = (day - _ANCHOR) // _WEEK
    return weeks * len(weekdays) + bisect.bisect_left(weekdays, _weekday(day))


def _stretch(one: Span, zone: str, day: int) -> Stretch:
    following = day if one.end > one.start else day + 1
    return zones.first(day, one.start, zone), zones.last(following, one.end, zone)


def _weekday(day: int) -> int:
    return (day - 1) % _WEEK  # ordinal 1 is a Monday


@functools.lru_cache(maxsize=4_096)
def _ordinal(day: str) -> int:
    return dt.date.fromisoformat(day).toordinal()
