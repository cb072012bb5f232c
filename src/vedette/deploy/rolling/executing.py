"""A roll is carried out move by move: each order stands in the journal before it is carried out, and how it ended after."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from vedette.core.errors import VedetteError
from vedette.deploy.rolling import machine
from vedette.deploy.rolling.keeping import Kept
from vedette.deploy.rolling.ports import Fleet
from vedette.deploy.types import Event, Happened, Move, Order, Roll, Rolled, Target, Verb

_AT_ONCE = 8
_LOOKS, _BLIND_LOOKS = 3, 30  # at health, before somebody counts as fallen, or it counts as unknown
Tell = Callable[[Event], None]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a roll stands on: its targets by name, the journal, the clock, and who is told."""

    fleet: Fleet
    targets: Mapping[str, Target]
    journal: Kept
    now: Callable[[], float]
    tell: Tell


def carry_out(roll: Roll, ground: Ground) -> Rolled:
    """Carry out a roll to its end, from wherever its journal stands; raises nothing that a target or Hetzner does."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while True:
            move = _decided(roll, ground)
            if move.turn:
                _keep(ground, Event(what=Happened.TURNED, reason=move.turn, at=ground.now()))
            elif move.orders:
                for work in [pool.submit(_one, order, ground) for order in move.orders]:
                    work.result()
            else:
                return Rolled(targets=ground.journal.progress.targets, back=ground.journal.progress.back)


def _decided(roll: Roll, ground: Ground) -> Move:
    """Return the next move; whoever seems to have fallen is looked at again before that counts."""
    progress = ground.journal.progress
    if machine.flying(progress):
        return machine.decide(roll, progress, None)
    move, looks = Move(), 0
    while True:
        looks += 1
        healthy = _healthy(ground)
        move = machine.decide(roll, progress, healthy)
        if healthy is not None and not move.turn:
            return move
        if looks >= (_BLIND_LOOKS if healthy is None else _LOOKS):
            return move
        ground.fleet.pause(1.0)


def _healthy(ground: Ground) -> frozenset[str] | None:
    """Return who is healthy; None where that cannot be told: nobody is taken out on a guess."""
    try:
        return ground.fleet.healthy(tuple(ground.targets.values()))
    except VedetteError:
        return None


def _one(order: Order, ground: Ground) -> None:
    event = Event(what=Happened.BEGUN, verb=order.verb, target=order.target, at=ground.now())
    _keep(ground, event)
    what, reason = Happened.DONE, ""
    try:
        _deed(order.verb, ground.fleet)(ground.targets[order.target])
    except VedetteError as error:
        what, reason = Happened.FAILED, str(error)
    _keep(ground, msgspec.structs.replace(event, what=what, reason=reason, at=ground.now()))


def _deed(verb: Verb, fleet: Fleet) -> Callable[[Target], None]:
    return {
        Verb.OUT: fleet.take_out, Verb.CHANGE: fleet.change, Verb.UNDO: fleet.undo, Verb.CHECK: fleet.check,
        Verb.JOIN: fleet.put_back,
    }[verb]  # fmt: skip


def _keep(ground: Ground, event: Event) -> None:
    ground.journal.add(event)
    ground.tell(event)
