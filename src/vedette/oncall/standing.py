"""Who is on call, read from what is kept.

What was found is remembered for two seconds, or until this process changes a schedule or a cover: an escalation asks
again and again who is on.
"""

from collections.abc import Sequence

from vedette.accounts import service as accounts
from vedette.core.errors import Invalid
from vedette.oncall import calendars, rotating
from vedette.oncall.rotating import Rota
from vedette.oncall.store import schedules as store
from vedette.oncall.types import LIVE_TOPIC, Schedule, Shift, Turn
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import Ports, ports

DAY = 86_400.0
LONGEST_RANGE, AHEAD = 400 * DAY, 35 * DAY
_SECONDS = 2.0
_LOOKS = (2 * DAY, 15 * DAY)


class _Memo:
    """The stretches that were found last, by schedule; another set of ports, or two seconds, and they are forgotten."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Ports, float, Shift]] = {}

    def get(self, schedule_id: int, at: float, now: float) -> Shift | None:
        here, since, shift = self._known.get(schedule_id, (None, 0.0, None))
        fits = here is ports() and 0 <= now - since < _SECONDS
        return shift if fits and shift is not None and shift.starts <= at < shift.ends else None

    def put(self, schedule_id: int, shift: Shift, now: float) -> None:
        self._known[schedule_id] = (ports(), now, shift)

    def forget(self) -> None:
        self._known.clear()


_MEMO = _Memo()


def changed() -> None:
    """Have the pages that show who is on call loaded anew, once the caller's transaction has committed."""
    _MEMO.forget()  # who asks in the same transaction must see the change
    on_commit(_forget)


def _forget() -> None:
    _MEMO.forget()
    ports().bus.wake(LIVE_TOPIC)


def stretch(schedule_id: int, at: float) -> Shift:
    """Return who is on at an instant, in a shift that lasts at least so long as it says; raises `NotFound`."""
    now = ports().clock.now()
    found = _MEMO.get(schedule_id, at, now)
    if found is None:
        found = rotating.lasting(rota(store.find(schedule_id), at, at + DAY), at)
        _MEMO.put(schedule_id, found, now)
    return found


def on_call(schedule_id: int, at: float) -> tuple[int, ...]:
    """Return who is on by a schedule at an instant (ids of users), shadows not; nobody in a gap. Raises `NotFound`."""
    return stretch(schedule_id, at).people


def shadows(schedule_id: int, at: float) -> tuple[int, ...]:
    """Return who listens along at an instant; raises `NotFound`."""
    return stretch(schedule_id, at).shadows


def shifts(schedule_id: int, start: float, end: float) -> tuple[Shift, ...]:
    """Return what a range is made of, gaps included; raises `NotFound`, and `Invalid` for more than 400 days."""
    if not 0 < end - start <= LONGEST_RANGE:
        raise Invalid("A range ends after it starts, and has at most 400 days.", {"until": "out of range"})
    return rotating.shifts(rota(store.find(schedule_id), start, end), start, end)


def gaps(schedule_id: int, start: float, end: float) -> tuple[Shift, ...]:
    """Return the stretches of a range in which nobody is on."""
    return tuple(one for one in shifts(schedule_id, start, end) if not one.people)


def rota(schedule: Schedule, start: float, end: float) -> Rota:
    """Return all that decides who is on by a schedule in a range."""
    (found,) = rotas((schedule,), start, end)
    return found


def rotas(schedules: Sequence[Schedule], start: float, end: float) -> tuple[Rota, ...]:
    """Return the same of several schedules."""
    covers = store.covers(start, end)
    named = {layer.calendar for one in schedules for layer in one.layers if layer.calendar is not None}
    events = calendars.events(named, start, end) if named else {}
    active = frozenset(accounts.user_refs())
    return tuple(
        Rota(
            schedule=one, covers=tuple(c for c in covers if c.schedule == one.id), calendars=events,
            active=active,
        )
        for one in schedules
    )  # fmt: skip


def turns(now: float, ahead: float = AHEAD) -> tuple[Turn, ...]:
    """Return who is on by each schedule now, and who is after that, by the names of schedules."""
    return tuple(turn_of(one, now, ahead) for one in rotas(store.every(), now, now + ahead))


def turn_of(rota: Rota, now: float, ahead: float = AHEAD) -> Turn:
    """Return who is on by one schedule now, until when at the least, and who is after that."""
    found: tuple[Shift, ...] = ()
    for days in (
        *(step for step in _LOOKS if step < ahead),
        ahead,
    ):  # most change hands soon: look near first
        found = rotating.handovers(rotating.shifts(rota, now, now + days))
        if len(found) > 2:  # so that the end of the second is not where the look ended
            break
    return Turn(schedule=rota.schedule, now=found[0], then=found[1] if len(found) > 1 else None)


def who_is_next(user: int | None, now: float) -> tuple[Turn, ...]:
    """Return who is on now and who comes next; of a person, only the schedules in which they do one or the other."""
    found = turns(now)
    return tuple(
        one for one in found
        if user is None or user in one.now.people or (one.then is not None and user in one.then.people)
    )  # fmt: skip


def own_shifts(user: int, start: float, end: float) -> tuple[tuple[Schedule, Shift], ...]:
    """Return the shifts of one person in every schedule, those first that begin first."""
    found = [
        (rota.schedule, shift)
        for rota in rotas(store.every(), start, end)
        for shift in rotating.handovers(rotating.shifts(rota, start, end))
        if user in shift.people
    ]
    return tuple(sorted(found, key=lambda each: (each[1].starts, each[0].name)))
