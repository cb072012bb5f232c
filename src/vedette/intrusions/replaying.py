"""Asking a host what a set of rules would have done with its own logs, and taking what it tells of that."""

import re
from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid
from vedette.intrusions import recounting
from vedette.intrusions.settling import tell_changed
from vedette.intrusions.store import replays
from vedette.intrusions.types import DAY, Replay, ReplayState
from vedette.plumbing.db.sql import transaction
from vedette.wire.agent.types import ReplayOrder, ReplayReport

SPANS = (DAY, 7 * DAY, 30 * DAY)
MOST_OF_HOST, MOST, KEPT = 4, 100, 3  # that wait on one host, and in all; that are kept of a set on a host
_ID = re.compile(r"[0-9a-f]{32}")


def ask(actor: Actor, host: str, name: str, seconds: float, now: float) -> Replay:
    """Order a host to try a set of rules on its own logs; raises `Invalid`, and `Conflict` while it is at it already."""
    require(actor, Verb.HOST_WRITE)
    if seconds not in SPANS:
        raise Invalid("A replay is of 1, 7 or 30 days.", {"seconds": "1, 7 or 30 days"})
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise Invalid("There is no such set of rules.", {"set": "unknown"})
    made = Replay(
        id=ids.new_id(), host=host, set=name, seconds=seconds, by=(actor.name or actor.kind.value)[:80], asked_at=now,
        state=ReplayState.ASKED, changed_at=now,
    )  # fmt: skip
    with transaction():
        _refuse_too_many(made, replays.waiting(now - recounting.WAITS))
        replays.add(made)
        replays.keep(host, name, KEPT)
        accounts.audit(actor, "rules.replay", name, {"host": host, "days": recounting.days(seconds)}, now)
        tell_changed(now)
    return made


def _refuse_too_many(made: Replay, waiting: Sequence[Replay]) -> None:
    if any(recounting.same(one, made) for one in waiting):
        raise Conflict(f"{made.host} is replaying {made.set} already.")
    if sum(one.host == made.host for one in waiting) >= MOST_OF_HOST or len(waiting) >= MOST:
        raise Conflict(f"{made.host} has enough to do: wait until other replays are done.")


def take(host: str, reports: Sequence[ReplayReport], now: float) -> int:
    """Record what a host tells of replays, in the caller's transaction; what it was not ordered counts for nothing."""
    last = {one.id: one for one in reports if _ID.fullmatch(one.id)}
    known = {one.id for one in replays.waiting(now - recounting.WAITS) if one.host == host} if last else set()
    taken = sum(
        replays.told(number, host, recounting.cleaned(one), now)
        for number, one in last.items()
        if number in known
    )
    if taken:
        tell_changed(now)
    return taken


def orders(now: float) -> Mapping[str, tuple[ReplayOrder, ...]]:
    """Return what each host is to replay."""
    found: dict[str, tuple[ReplayOrder, ...]] = {}
    for one in replays.waiting(now - recounting.WAITS):
        order = ReplayOrder(id=one.id, set=one.set, seconds=one.seconds)
        found[one.host] = (*found.get(one.host, ()), order)
    return found
