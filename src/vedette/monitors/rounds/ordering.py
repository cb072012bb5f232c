"""What changed of what is checked since it was last asked for, and findings that are taken in, each batch once."""

from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.monitors import keeping, recording, requesting
from vedette.monitors.rounds.types import Errand, Findings, Orders
from vedette.monitors.store import monitors, standings
from vedette.monitors.types import HEARTBEAT, CheckResult, Outcome, Reading
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports

HERE = "here"
_MARK = "checks:"
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Findings).decode


def orders(known: Mapping[int, float]) -> tuple[Orders, Mapping[int, float]]:
    """Return what changed since `known` (when each monitor was last changed), and what is known now.

    Monitors that are paused, gone or only heard of are not checked. One that cannot be asked as it is kept is left to say so.
    """
    wanted = monitors.changed_at(HEARTBEAT)
    fresh = [monitor for monitor, at in wanted.items() if known.get(monitor) != at]
    put, gone = [], [monitor for monitor in known if monitor not in wanted]
    for monitor in monitors.by_ids(fresh).values():
        try:
            request = requesting.request_of(monitor, keeping.secrets(monitor))
        except Invalid as error:
            _say(monitor.id, str(error))
            gone.append(monitor.id)
            continue
        put.append(Errand(monitor.id, monitor.config.interval, request))
    return Orders(put=tuple(put), drop=tuple(gone)), wanted


def take(body: bytes, now: float, location: str = HERE) -> Mapping[int, float]:
    """Record findings (as `pack` writes them) and return in how many seconds which monitors are checked again, early.

    Findings that come again are known by their number and change nothing.
    """
    found = _DECODE(body)
    name, number = f"{_MARK}{location}"[:20], f"{found.origin}:{found.number}"
    with sql.transaction():
        if standings.mark(name)[2] == number:
            return {}
        judged = recording.record(found.results, now)
        standings.set_mark(name, at=now, text=number)
    early = monitors.by_ids([monitor for monitor, one in judged.items() if one.retry])
    soon = {monitor: one.tolerance.retry for monitor, one in early.items()}
    asked = {parent for one in early.values() for parent in one.config.parents}
    return {**dict.fromkeys(asked, 0.0), **soon}  # a parent is looked at before its child counts


def pack(found: Findings) -> bytes:
    """Return findings as they travel."""
    return _ENCODE(found)


def _say(monitor: int, why: str) -> None:
    now = ports().clock.now()
    unknown = Outcome(at=now, reading=Reading.UNKNOWN, sentence=why, cause="bad-target")
    recording.record([CheckResult(monitor=monitor, outcome=unknown)], now)
