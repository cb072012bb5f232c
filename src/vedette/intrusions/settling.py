"""Writing what is in force about targets after something about them changed: the one place that does."""

from collections.abc import Collection, Iterable

from vedette.intrusions import merging, signal
from vedette.intrusions.sheltering import shelter as sheltered
from vedette.intrusions.store import bans
from vedette.intrusions.types import LIVE, REVISION, TOPIC, Ban, Claim
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Measure

_CHUNK = 2_000


def settle(about: Collection[Target], now: float, shelter: Shelter | None = None) -> list[Ban]:
    """Write what is in force about targets now, in the caller's transaction, and return what became otherwise."""
    spared = shelter or sheltered(now)
    found: list[Ban] = []
    seq = bans.mark(bans.CHANGES)
    wanted = list(about)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found += _part(part, now, spared, seq + len(found))
    if found:
        bans.put(found)
        bans.set_mark(bans.CHANGES, seq + len(found))
        _tell_free([one for one in found if one.until == 0], now)
        tell_changed(now)
    return found


def lift_on(hosts_only: Iterable[Target], now: float, why: str) -> None:
    """Have targets lifted that only a host enforces: nothing is in force here, and agents are told to drop them."""
    about = list(hosts_only)
    seq = bans.mark(bans.CHANGES)
    bans.put(Ban(seq + n, one, Measure.BAN, now, 0.0, why, "", "server") for n, one in enumerate(about, 1))
    bans.set_mark(bans.CHANGES, seq + len(about))
    if about:
        tell_changed(now)


def tell_changed(now: float) -> None:
    """Tell who feeds agents and guards, here and in other processes, that something changed; in the caller's transaction."""
    ports().kv.put(REVISION, repr(now).encode())
    on_commit(_wake)


def _wake() -> None:
    ports().bus.wake(TOPIC)
    ports().bus.wake(LIVE)


def _part(part: Collection[Target], now: float, shelter: Shelter, seq: int) -> list[Ban]:
    live, named, before = bans.live(part, now), bans.named(part, now), bans.bans(part)
    found: list[Ban] = []
    for target in part:
        net = targets.network(target)
        why = shelter.why(net) if net is not None else None
        after = (
            None
            if why is not None
            else merging.in_force(target, live.get(target, ()), named.get(target), now)
        )
        if merging.differs(before.get(target), after, now):
            found.append(_made(seq + len(found) + 1, target, after, now, why or "lifted"))
    return found


def _made(seq: int, target: Target, claim: Claim | None, now: float, why: str) -> Ban:
    if claim is None:
        return Ban(seq, target, Measure.BAN, now, 0.0, why, "", "server")
    return Ban(seq, target, claim.measure, claim.at, claim.until, claim.reason, claim.rule, claim.origin)


def _tell_free(lifted: Collection[Ban], now: float) -> None:
    """End what is told of real users that were banned. Nobody minds the end of what was never told."""
    known = bans.told([one.target.value for one in lifted])
    signals.publish([signal.user_free(one.target, now) for one in lifted if one.target.value in known], now)
    bans.untell(known)
