"""Warns of times in the next two weeks in which nobody is on call, once each."""

from vedette.oncall import rotating, standing, warning
from vedette.oncall.rotating import Rota
from vedette.oncall.signal import of_gap
from vedette.oncall.standing import DAY
from vedette.oncall.store import schedules as store
from vedette.oncall.types import Schedule
from vedette.oncall.warning import Gap
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals

AHEAD = 14 * DAY


def warn(now: float) -> int:
    """Look two weeks ahead, tell of gaps that are new and of those that are closed; return how many were told."""
    return sum(_warn(rota, now) for rota in standing.rotas(store.every(), now, now + AHEAD))


def coming(rota: Rota, now: float, ahead: float = AHEAD) -> tuple[Gap, ...]:
    """Return the times to come in which nobody is on."""
    found = rotating.handovers(rotating.shifts(rota, now, now + ahead))
    return tuple((one.starts, one.ends) for one in found if not one.people)


def forget(schedule: Schedule, now: float) -> None:
    """End what was told of a schedule's gaps, in the caller's transaction: it goes, or is called otherwise from now on."""
    told = store.told(schedule.id)
    if told:
        store.set_told(schedule.id, ())
        signals.publish([of_gap(schedule, gap, now, closed=True) for gap in told], now)


def _warn(rota: Rota, now: float) -> int:
    schedule = rota.schedule
    told = store.told(schedule.id)
    found = warning.compared(told, coming(rota, now))
    if found.told == told:
        return 0
    with transaction():
        store.set_told(schedule.id, found.told)
        fresh = [of_gap(schedule, gap, now) for gap in found.fresh]
        closed = [of_gap(schedule, gap, now, closed=True) for gap in found.closed]
        signals.publish([*fresh, *closed], now)
    return len(fresh) + len(closed)
