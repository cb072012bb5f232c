"""What time brings: goals that are missed, runs that fell silent, orders nobody began, what is kept long enough."""

from collections.abc import Iterator, Mapping

from vedette.backups import keeping, looking, signal, standing, taking
from vedette.backups.standing import Past
from vedette.backups.store import orders, plans, runs
from vedette.backups.types import Known
from vedette.hosts import service as hosts
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals

RUN_DAYS, ORDER_DAYS = 400, 30
DAY = 86_400.0
# One letter each is remembered of what people were told.
_MARKS = {"l": signal.LATE, "g": signal.LAGS, "p": signal.RPO, "t": signal.RTO, "u": signal.UNPROVEN}


def look(now: float) -> int:
    """Tell of plans that miss a goal from now on, or do so no longer; end what nobody began or ended. Return how much was told."""
    ended = taking.interrupt(now) + taking.end_orders(now)
    told = plans.told()
    names = _names()
    return ended + sum(
        _look(one, names.get(one.host, ""), told.get(one.id, frozenset()), past, now)
        for one, past in looking.pasts(plans.every(), names)
    )


def _look(known: Known, host: str, told: frozenset[str], past: Past, now: float) -> int:
    found = dict(standing.missing(known, past, now)) if host else {}
    if found.keys() == told:
        return 0
    with transaction():
        changed = [*_changes(found, told)]
        signals.publish(
            [
                signal.of_standing(
                    known, host or keeping.host_name(known.host), _MARKS[mark], text, now, over=over
                )
                for mark, text, over in changed
            ],
            now,
        )
        plans.tell(known.id, [*found])
    return len(changed)


def _changes(found: Mapping[str, str], told: frozenset[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield what begins and what is over: mark, sentence, and whether it is over."""
    for mark in _MARKS:
        if mark in found and mark not in told:
            yield mark, found[mark], False
        elif mark in told and mark not in found:
            yield mark, _OVER[mark], True


_OVER = {
    "l": "it runs on time again.",
    "g": "all copies are saved again.",
    "p": "it was saved again.",
    "t": "it is back in time again.",
    "u": "it is proven again.",
}


def drop_old(now: float) -> int:
    """Delete what is kept long enough, but what a plan's standing rests on; return how much went."""
    keep = [number for _, past in looking.pasts(plans.every(), _names()) for number in _rests_on(past)]
    gone = orders.drop_before(now - ORDER_DAYS * DAY)
    while dropped := runs.drop_before(now - RUN_DAYS * DAY, keep):
        gone += dropped
    return gone


def _rests_on(past: Past) -> Iterator[str]:
    yield from (one.id for one in past.good.values())
    yield from (one.id for one in (past.drill, past.proof) if one is not None)


def _names() -> Mapping[int, str]:
    return {one.id: one.name for one in hosts.every()}
