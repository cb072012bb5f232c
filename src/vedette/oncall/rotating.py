"""Who is on call by a schedule, when, and where is a gap? Pure.

Layers are asked from the last to the first: the first that has somebody says who is on. Covers change that in the order in
which they were made. Whoever left the team is skipped as if their turn named nobody: the layer below holds, or it is a gap.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.oncall import events, turning
from vedette.oncall.types import Cover, CoverKind, Event, Layer, Schedule, Shift

BY_COVER = "override"


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides who is on: a schedule, its covers, what calendars say by their id, who is in the team.

    What a calendar says are stretches in order that do not overlap (`events.apart`). `active` None means that everybody named is.
    """

    schedule: Schedule
    covers: Sequence[Cover] = ()
    calendars: Mapping[int, Sequence[Event]] = {}
    active: frozenset[int] | None = None


def at(rota: Rota, instant: float) -> Shift:
    """Return who is on at an instant, as a shift without a length; nobody in `people` is a gap."""
    return _covered(rota, _by_layers(rota, instant), instant)


def lasting(rota: Rota, instant: float, longest: float = 86_400.0) -> Shift:
    """Return who is on at an instant and until when at the least: another edge, or `longest` seconds later."""
    end = instant + longest
    after = min((edge for edge in _edges(rota, instant, end) if edge > instant), default=end)
    return msgspec.structs.replace(at(rota, instant), starts=instant, ends=min(after, end))


def shifts(rota: Rota, start: float, end: float) -> tuple[Shift, ...]:
    """Return what a range is made of: shifts and gaps in order, each as long as nothing changes, cut at both ends."""
    if end <= start:
        return ()
    edges = sorted({start, *(edge for edge in _edges(rota, start, end) if start < edge < end)})
    return tuple(_merged([at(rota, edge) for edge in edges], end))


def gaps(rota: Rota, start: float, end: float) -> tuple[Shift, ...]:
    """Return the stretches of a range in which nobody is on."""
    return tuple(one for one in shifts(rota, start, end) if not one.people)


def handovers(found: Sequence[Shift]) -> tuple[Shift, ...]:
    """Return shifts with neighbours of the same people put together: what changes hands, whatever layer says so."""
    made: list[Shift] = []
    for one in found:
        if made and made[-1].people == one.people:
            made[-1] = msgspec.structs.replace(made[-1], ends=one.ends)
        else:
            made.append(one)
    return tuple(made)


def layer_shifts(rota: Rota, place: int, start: float, end: float) -> tuple[Shift, ...]:
    """Return what a range is made of by one layer alone, without covers."""
    alone = msgspec.structs.replace(rota.schedule, layers=rota.schedule.layers[place : place + 1])
    return shifts(msgspec.structs.replace(rota, schedule=alone, covers=()), start, end)


def _merged(found: Sequence[Shift], end: float) -> Iterator[Shift]:
    """Yield found points as stretches: each lasts until the first that differs."""
    current = found[0]
    for one in found[1:]:
        if (one.people, one.shadows, one.layer) != (current.people, current.shadows, current.layer):
            yield msgspec.structs.replace(current, ends=one.starts)
            current = one
    yield msgspec.structs.replace(current, ends=end)


def _by_layers(rota: Rota, instant: float) -> Shift:
    for layer in reversed(rota.schedule.layers):
        people = _there(rota, _named(rota, layer, instant))
        if people:
            return Shift(starts=instant, ends=instant, people=people, layer=layer.name)
    return Shift(starts=instant, ends=instant, people=())


def _named(rota: Rota, layer: Layer, instant: float) -> tuple[int, ...]:
    if layer.calendar is None:
        return turning.holder(layer, rota.schedule.zone, instant)
    return events.on_at(rota.calendars.get(layer.calendar, ()), instant)


def _covered(rota: Rota, base: Shift, instant: float) -> Shift:
    people, shadows, layer = base.people, list[int](), base.layer
    for cover in sorted(rota.covers, key=lambda one: (one.made_at, one.id)):
        if not cover.starts <= instant < cover.ends or not _there(rota, (cover.user,)):
            continue
        if cover.kind is CoverKind.SHADOW:
            shadows.append(cover.user)
        elif cover.kind is not CoverKind.ASKED and (cover.instead is None or cover.instead in people):
            people, layer = _replaced(people, cover), BY_COVER
    listening = tuple(dict.fromkeys(user for user in shadows if user not in people))
    return Shift(starts=instant, ends=instant, people=people, shadows=listening, layer=layer)


def _replaced(people: tuple[int, ...], cover: Cover) -> tuple[int, ...]:
    if cover.instead is None:
        return (cover.user,)
    return tuple(dict.fromkeys(cover.user if one == cover.instead else one for one in people))


def _there(rota: Rota, people: tuple[int, ...]) -> tuple[int, ...]:
    return people if rota.active is None else tuple(one for one in people if one in rota.active)


def _edges(rota: Rota, start: float, end: float) -> Iterator[float]:
    for layer in rota.schedule.layers:
        if layer.calendar is None:
            yield from turning.edges(layer, rota.schedule.zone, start, end)
        else:
            for event in rota.calendars.get(layer.calendar, ()):
                yield from (event.starts, event.ends)
    for cover in rota.covers:
        yield from (cover.starts, cover.ends)
