"""Having hosts run what their own configuration offers, and taking what they tell of that."""

import re
from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import SYSTEM, Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.errors import Conflict
from vedette.hosts import admitting, promising
from vedette.hosts.store import actions, hosts
from vedette.hosts.types import Action, ActionState, HostState
from vedette.plumbing.db.sql import transaction
from vedette.wire.agent.types import ActionOrder, ActionReport, Offer

MOST = 8  # that wait or run on one host
_ID = re.compile(r"[0-9a-f]{32}")


def order(actor: Actor, host: str, name: str, about: str, now: float) -> Action:
    """Order an action that a host offers; raises `NotFound`, `Conflict` that says why it cannot be, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    found = admitting.find(host)
    if found.state is HostState.REVOKED:
        raise Conflict(f"{found.name} is revoked: it is told nothing any more.")
    made = Action(
        id=ids.new_id(), host=found.id, name=name, about=about, by=(actor.name or actor.kind.value)[:80], asked_at=now,
        until=now + promising.BEGINS, changed_at=now,
    )  # fmt: skip
    with transaction():
        offers, waiting = actions.offered(found.id), actions.open_of(found.id)
        why = promising.refusal(name, found.name, offers, waiting, MOST)
        if why:
            raise Conflict(why)
        actions.add(made)
        audit(actor, "host.action", found.name, {"action": name, "id": made.id}, now)
        admitting.tell_changed(now)
    return made


def waiting(host: int, now: float) -> tuple[ActionOrder, ...]:
    """Return what a host is to run and has not begun."""
    return tuple(
        ActionOrder(id=one.id, action=one.name, until=one.until)
        for one in actions.open_of(host)
        if one.state is ActionState.ASKED and now < one.until
    )


def take(host: int, reports: Sequence[ActionReport | Offer], now: float) -> None:
    """Record what a host tells of actions, in the caller's transaction; what it was not ordered counts for nothing."""
    offers = [one for one in reports if isinstance(one, Offer)]
    if offers:
        actions.offer(host, promising.offered(offers[-1]))
    last = {one.id: one for one in reports if isinstance(one, ActionReport) and _ID.fullmatch(one.id)}
    if not last:
        return
    for before in actions.open_of(host):
        if before.id in last:
            _put(promising.after(before, last[before.id], now))


def expire(now: float) -> int:
    """End what hosts never told the end of; return how much."""
    named = {one.id: one.name for one in hosts.every()} if (found := actions.every_open()) else {}
    over = [(one, why) for one in found if (why := _overdue(one, named.get(one.host, ""), now))]
    for one, why in over:
        with transaction():
            _put(msgspec.structs.replace(one, state=ActionState.FAILED, changed_at=now, why=why))
    return len(over)


def _overdue(one: Action, host: str, now: float) -> str:
    return promising.overdue(one, host, now) if host else "The host was removed."


def _put(one: Action) -> None:
    if actions.told(one) and one.state is not ActionState.RUNNING:
        detail = {
            "action": one.name,
            "state": one.state.value,
            "code": "" if one.code is None else str(one.code),
        }
        audit(SYSTEM, "host.action.end", one.id, detail, one.changed_at)
