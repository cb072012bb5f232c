"""When could nothing be heard? Vedette says every few seconds that it listens; a gap is a stop, a sleep, or a clock that jumped."""

from vedette.monitors.store import standings
from vedette.monitors.types import Blind
from vedette.plumbing.db.sql import transaction

LONGEST_GAP = 45.0
_NEAR = 3_600.0
_LISTENING, _BLIND = "listening", "blind"


def attend(now: float) -> Blind | None:
    """Remember that Vedette listens now; return the last time in which it did not, None when it always has.

    A gap soon after another makes one of both: what was to come in the first may not have come between them.
    """
    with transaction():
        _, before, _ = standings.mark(_LISTENING)
        blind = last(now)
        if before and now - before > LONGEST_GAP:
            near = blind is not None and before - blind.end < _NEAR
            blind = Blind(blind.start if blind is not None and near else before, now)
            standings.set_mark(_BLIND, at=blind.end, text=repr(blind.start))
        standings.set_mark(_LISTENING, at=now)
    return blind


def last(now: float) -> Blind | None:
    """Return the last time in which nothing could be heard; one that lies ahead (the clock went back) is none."""
    _, end, start = standings.mark(_BLIND)
    return Blind(float(start), end) if start and end <= now else None
