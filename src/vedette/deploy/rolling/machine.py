"""What comes next in a roll. Pure: the same standing and health give the same move, so a journal is enough to go on from.

A target climbs one ladder, whichever way the roll goes: taken out, changed (or undone), checked, put back. Nobody who is
healthy is taken out where that leaves fewer than `keep` healthy ones. A failure turns the roll, once its batch stands still; a
failure on the way back gives that target up. No target is asked for the same thing twice in one direction, so every roll ends.
"""

from collections.abc import Collection, Sequence

import msgspec

from vedette.deploy.types import (
    Event,
    Happened,
    Move,
    Order,
    Progress,
    Roll,
    Seat,
    Standing,
    Verb,
    Version,
)

_BLIND = "Nobody can tell who is healthy."


def begun(names: Sequence[str]) -> Progress:
    """Return a roll of which nothing is done."""
    return Progress(targets=tuple(Standing(name=each) for each in names))


def floor(roll: Roll, count: int) -> int:
    """Return how many of so many targets stay healthy at any time."""
    return max(1, count - roll.batch) if roll.keep is None else roll.keep


def flying(progress: Progress) -> tuple[Standing, ...]:
    """Return those that are on their way: not sure to be in, and not given up."""
    return tuple(each for each in progress.targets if each.seat is not Seat.IN and not each.stuck)


def decide(roll: Roll, progress: Progress, healthy: Collection[str] | None) -> Move:
    """Return what comes next; `healthy` are those that answer behind the load balancer (not looked at while some are on their way).

    Where nobody can tell who is healthy (None) nobody is taken out.
    """
    if not progress.back and (
        faults := [f"{each.name}: {each.stuck}" for each in progress.targets if each.stuck]
    ):
        return Move(turn="; ".join(faults))
    away = flying(progress)
    if away:
        return Move(orders=tuple(order for each in away if (order := _next(each, progress)) is not None))
    if healthy is None:
        return Move(turn="" if progress.back else _BLIND)
    if not progress.back and (turn := _fallen(progress, healthy)):
        return Move(turn=turn)
    waiting = [each for each in progress.targets if _next(each, progress) is not None]
    chosen = _batch(roll, progress, waiting, healthy)
    if waiting and not chosen and not progress.back:
        return Move(turn=_short(roll, progress, healthy))
    return Move(orders=tuple(Order(Verb.OUT, each.name) for each in chosen))


def after(progress: Progress, event: Event) -> Progress:
    """Return how far a roll is after something happened."""
    if event.what is Happened.TURNED:
        return _turned(progress, event.reason)
    targets = tuple(_moved(each, event) if each.name == event.target else each for each in progress.targets)
    return msgspec.structs.replace(progress, targets=targets)


def left(progress: Progress) -> tuple[Standing, ...]:
    """Return those that are not where the roll went: new when it went forward, as they were when it went back."""
    goal = _goal(progress)
    return tuple(each for each in progress.targets if each.seat is not Seat.IN or each.version is not goal)


def _goal(progress: Progress) -> Version:
    return Version.OLD if progress.back else Version.NEW


def _next(one: Standing, progress: Progress) -> Order | None:
    """Return the next rung of a target; None for one that is up, or given up."""
    goal = _goal(progress)
    if one.stuck or (one.version is goal and one.seat is Seat.IN):
        return None
    if one.version is not goal:
        change = Verb.UNDO if progress.back else Verb.CHANGE
        return Order(change if one.seat is Seat.OUT else Verb.OUT, one.name)
    return Order(Verb.JOIN if one.proven else Verb.CHECK, one.name)


def _batch(
    roll: Roll, progress: Progress, waiting: Sequence[Standing], healthy: Collection[str]
) -> list[Standing]:
    """Return who is taken out next: the sick first, who serve nobody, and of the healthy as many as may be missed."""
    inside = {each.name for each in progress.targets if each.seat is Seat.IN} & set(healthy)
    spare = len(inside) - floor(roll, len(progress.targets))
    fresh = not any(each.version is not Version.OLD or each.stuck for each in progress.targets)
    size = roll.first if fresh else roll.batch
    ordered = list(reversed(waiting)) if progress.back else list(waiting)
    sick = [each for each in ordered if each.name not in inside][:size]
    well = [each for each in ordered if each.name in inside]
    return sick + well[: max(0, min(spare, size - len(sick)))]


def _fallen(progress: Progress, healthy: Collection[str]) -> str:
    """Return why a roll turns though nothing failed: one that was healthy with the new version no longer is."""
    fallen = [
        each.name
        for each in progress.targets
        if each.version is Version.NEW and each.seat is Seat.IN and each.name not in healthy
    ]
    return f"{', '.join(fallen)} was healthy with the new version and no longer is." if fallen else ""


def _short(roll: Roll, progress: Progress, healthy: Collection[str]) -> str:
    count = len(progress.targets)
    return f"{len(healthy)} of {count} are healthy and {floor(roll, count)} must stay so: nobody can be taken out."


def _turned(progress: Progress, reason: str) -> Progress:
    """Turn: who failed on the way there is not given up on the way back, and has to prove itself again."""
    targets = tuple(msgspec.structs.replace(each, proven=False, stuck="") for each in progress.targets)
    return Progress(targets=targets, back=progress.back or reason)


def _moved(one: Standing, event: Event) -> Standing:
    if event.what is Happened.FAILED:
        return msgspec.structs.replace(one, stuck=event.reason)
    replace = msgspec.structs.replace
    is_done = event.what is Happened.DONE
    match event.verb:
        case Verb.OUT:
            return replace(one, seat=Seat.OUT if is_done else Seat.UNSURE)
        case Verb.JOIN:
            return replace(one, seat=Seat.IN if is_done else Seat.UNSURE)
        case Verb.CHANGE:
            return replace(one, version=Version.NEW if is_done else Version.MIXED, proven=False)
        case Verb.UNDO:
            return replace(one, version=Version.OLD if is_done else Version.MIXED, proven=False)
        case _:
            return replace(one, proven=is_done)
