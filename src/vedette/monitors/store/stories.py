"""SQL of how one monitor changed, with the reasons."""

import msgspec

from vedette.monitors.types import State
from vedette.plumbing.db import sql


class Turn(msgspec.Struct, frozen=True):
    """That a monitor came into a state, and why; `until` is when it left it, None while it is in it."""

    at: float
    state: State
    cause: str
    reason: str
    until: float | None = None


def turns(monitor: int, n: int) -> tuple[Turn, ...]:
    """Return the last changes of a monitor, newest first."""
    rows = sql.query(
        "SELECT at, state, cause, reason FROM monitors_change WHERE monitor = %s ORDER BY at DESC, id DESC LIMIT %s",
        (monitor, n),
    )
    ends = [None, *(float(at or 0) for at, *_ in rows)]
    return tuple(
        Turn(float(at or 0), State(str(state)), str(cause), str(reason), until)
        for (at, state, cause, reason), until in zip(rows, ends, strict=False)
    )
