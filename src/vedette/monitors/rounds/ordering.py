"""What changed of what is checked since it was last asked for, and findings that are taken in, each batch once."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.monitors import keeping, recording, requesting
from vedette.monitors.locations import correcting
from vedette.monitors.locations import store as locations
from vedette.monitors.rounds.types import Errand, Findings, Orders
from vedette.monitors.store import monitors, standings
from vedette.monitors.types import HEARTBEAT, CheckResult, Outcome, Reading
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports

_MARK = "checks:here"
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Findings).decode


def orders(
    known: Mapping[int, float], place: str = "", most: int | None = None
) -> tuple[Orders, Mapping[int, float]]:
    """Return what changed since `known` (when each monitor was last changed), and what is known now, of a place.

    Monitors that are paused, gone or only heard of are not checked. One that cannot be asked as it is kept is left to say so.
    Of more than `most` that are new or changed the rest comes the next time.
    """
    wanted = monitors.changed_at(HEARTBEAT, place)
    fresh = [monitor for monitor, at in wanted.items() if known.get(monitor) != at]
    left = frozenset(fresh[most:]) if most is not None else frozenset()
    put, gone = [], [monitor for monitor in known if monitor not in wanted]
    for monitor in monitors.by_ids([one for one in fresh if one not in left]).values():
        try:
            request = requesting.request_of(monitor, keeping.secrets(monitor))
        except Invalid as error:
            _say(monitor.id, str(error), place)
            gone.append(monitor.id)
            continue
        put.append(
            Errand(monitor.id, monitor.config.interval, request, monitor.kind, monitor.tolerance.retry)
        )
    told = {monitor: known.get(monitor, 0.0) if monitor in left else at for monitor, at in wanted.items()}
    now_known = {monitor: at for monitor, at in told.items() if monitor not in left or monitor in known}
    return Orders(put=tuple(put), drop=tuple(gone), more=bool(left)), now_known


def take(body: bytes, now: float, place: str = "") -> Mapping[int, float]:
    """Record findings (as `pack` writes them) and return in how many seconds which monitors are checked again, early.

    Findings that come again are known by their number and change nothing.
    """
    found = _DECODE(body)
    with sql.transaction():
        fresh = _of_location(found, place) if place else _of_here(found, now)
        judged = recording.record(fresh, now)
    early = monitors.by_ids([monitor for monitor, one in judged.items() if one.retry])
    soon = {monitor: one.tolerance.retry for monitor, one in early.items()}
    asked = {parent for one in early.values() for parent in one.config.parents}
    return {**dict.fromkeys(asked, 0.0), **soon}  # a parent is looked at before its child counts


def _of_here(found: Findings, now: float) -> Sequence[CheckResult]:
    """Return findings of the prober beside that were not recorded yet: batches are numbered, and one is under way at a time."""
    number = f"{found.origin}:{found.number}"
    if standings.mark(_MARK)[2] == number:
        return ()
    standings.set_mark(_MARK, at=now, text=number)
    return found.results


def _of_location(found: Findings, place: str) -> Sequence[CheckResult]:
    """Return findings of a location that were not recorded yet: numbers of an origin only grow."""
    last = locations.taken(place, found.origin)
    if found.number <= last:
        return ()
    locations.take(place, found.origin, found.number)
    return correcting.untaken(found.results, found.numbers, last)


def pack(found: Findings) -> bytes:
    """Return findings as they travel."""
    return _ENCODE(found)


def _say(monitor: int, why: str, place: str) -> None:
    now = ports().clock.now()
    unknown = Outcome(at=now, reading=Reading.UNKNOWN, sentence=why, cause="bad-target")
    recording.record([CheckResult(monitor=monitor, outcome=unknown, location=place)], now)
