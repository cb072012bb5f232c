"""The times of a calendar as stretches that do not overlap, so that who is on is one look. Pure."""

import bisect
import itertools
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from vedette.oncall.types import Event


def apart(found: Iterable[Event]) -> tuple[Event, ...]:
    """Return events as stretches in order that do not overlap: each with everybody who is on in it, by id.

    One pass over the edges in order, with a count of who is on (a sweep line): n log n, also where all overlap.
    """
    there: Counter[int] = Counter()
    made: list[Event] = []
    since = 0.0
    for instant, group in itertools.groupby(sorted(_edges(found)), key=operator.itemgetter(0)):
        if there:
            _append(made, Event(since, instant, tuple(sorted(there))))
        for _, user, step in group:
            there[user] += step
        there, since = +there, instant  # only those who are still on
    return tuple(made)


def on_at(stretches: Sequence[Event], instant: float) -> tuple[int, ...]:
    """Return who is on at an instant by what `apart` returned."""
    place = bisect.bisect_right(stretches, instant, key=lambda one: one.starts) - 1
    return stretches[place].people if place >= 0 and instant < stretches[place].ends else ()


def within(stretches: Sequence[Event], start: float, end: float) -> Sequence[Event]:
    """Return those of what `apart` returned that touch a range."""
    low = bisect.bisect_right(stretches, start, key=lambda one: one.ends)
    return stretches[low : bisect.bisect_left(stretches, end, key=lambda one: one.starts)]


def _edges(found: Iterable[Event]) -> Iterator[tuple[float, int, int]]:
    """Yield when each person's count rises and falls by how much."""
    for one in found:
        if one.starts < one.ends:
            for user in set(one.people):
                yield one.starts, user, 1
                yield one.ends, user, -1


def _append(made: list[Event], stretch: Event) -> None:
    last = made[-1] if made else None
    if last is not None and last.ends == stretch.starts and last.people == stretch.people:
        made[-1] = Event(last.starts, stretch.ends, last.people)
    else:
        made.append(stretch)
