"""The verbs of web vitals: take what browsers measured from the journal, compare with the week before, and tell."""

import logging
from collections.abc import Sequence

import msgspec

from vedette.core.errors import Unavailable
from vedette.plumbing.db import sql
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.vitals import judging, measuring, signal, store
from vedette.vitals.store import Place
from vedette.vitals.types import DAY, HOUR, Measured, PageVital, Rating, Vital
from vedette.wire import delivery as wire
from vedette.wire import vitals as vitals_wire
from vedette.wire.sketch import Sketch

_LOG = logging.getLogger("vedette.vitals")
HOURS_KEPT, DAYS_KEPT = 15 * 24, 90
_NOTHING = Measured(None, 0)


def digest(messages: Sequence[Message], now: float) -> int:  # noqa: ARG001 - as every consumer is called
    """Take a batch of the journal, exactly once; return how many values counted. Raises `Unavailable`, then nothing is lost."""
    before = store.mark()
    last = max((message.seq for message in messages), default=0)
    if last <= before:
        return 0
    found: dict[tuple[int, str, Vital, int], list[float]] = {}
    for message in messages:
        if message.seq > before:
            _read(message, found)
    with sql.transaction():
        if store.mark() != before:
            raise Unavailable("Another process has taken these vitals; this batch is taken again.")
        known = {project.id for project in projects.projects()}
        store.add({key: values for key, values in found.items() if key[0] in known})
        store.set_mark(last)
    return sum(map(len, found.values()))


def _read(message: Message, found: dict[tuple[int, str, Vital, int], list[float]]) -> None:
    try:
        one = wire.decode(message.body)
        loads = vitals_wire.loads(one.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _LOG.error("a message of the journal holds no vitals and was left out: seq %d", message.seq)
        return
    for load in loads:
        for name, value in load.values.items():
            key = (one.project, load.page, Vital(name), int(one.received // HOUR))
            found.setdefault(key, []).append(value)


def pages(now: float, project: int | None = None) -> tuple[PageVital, ...]:
    """Return the vitals of every page in the last 24 hours beside the week before, worst first."""
    hour = int(now // HOUR)
    day = int((hour - 23) // 24)  # the week before ends where the day begins in which the last 24 hours began
    current = _merged(store.hours(hour - 23, hour + 1, project))
    earlier = _merged(store.days(day - 7, day, project))
    told = store.worse()
    return judging.worst_first(
        [
            judging.judge(place, one, earlier.get(place, _NOTHING), was_worse=place in told)
            for place, one in current.items()
        ]
    )


def _merged(rows: Sequence[tuple[Place, int, Sketch]]) -> dict[Place, Measured]:
    found: dict[Place, list[Sketch]] = {}
    for place, _, sketch in rows:
        found.setdefault(place, []).append(sketch)
    return {place: store.measured(place[2], sketches) for place, sketches in found.items()}


def rating(vital: Vital, p75: float) -> Rating:
    """Return how a 75th percentile feels."""
    return judging.rating(vital, p75)


def shown(vital: Vital, value: float) -> str:
    """Return a value as people read it: `2.5 s`, `0.12`."""
    return judging.shown(vital, value)


def look(now: float) -> int:
    """Tell what became worse than the week before and what is so no more; return how many of both."""
    found = {(one.project, one.page, one.vital): one for one in pages(now)}
    told = store.worse()
    slugs = {project.id: project.slug for project in projects.projects()}
    begun = [place for place, one in found.items() if one.worse and place not in told and place[0] in slugs]
    over = [place for place in told if place not in found or not found[place].worse]
    if not begun and not over:
        return 0
    with sql.transaction():
        store.begin_worse(begun, now)
        store.end_worse(over)
        happened = [signal.became_worse(found[place], slugs[place[0]], now) for place in begun]
        happened += [signal.is_over(place, found.get(place), slugs.get(place[0], ""), now) for place in over]
        signals.publish(happened, now)
        signals.record([signal.moment(one) for one in happened])
    return len(begun) + len(over)


def drop_old(now: float) -> int:
    """Forget hours and days that are not kept any more; return how many rows went."""
    given_back = store.give_back_places(int(now // DAY) - 1)
    return given_back + store.drop_before(int(now // HOUR) - HOURS_KEPT, int(now // DAY) - DAYS_KEPT)


measuring.register()
projects.on_delete(store.forget_project)
