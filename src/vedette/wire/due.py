"""When is a plan due? Pure: by cron in a zone, spread by jitter, with what was missed caught up.

The jitter of a plan is always the same (its key's share of it), so that hosts spread, a restart changes nothing, and the
server expects a run when the agent begins it.
"""

import zlib
from itertools import takewhile

import msgspec

from vedette.core.clock import iso
from vedette.wire import cron
from vedette.wire.backup import Schedule

GRACE = 900.0  # seconds after its time in which a run is no late one


class Due(msgspec.Struct, frozen=True):
    """Whether something is to run now, the instant for which (None where it is not), and why."""

    at: float | None
    reason: str


def next_at(schedule: Schedule, key: str, after: float) -> float | None:
    """Return when a plan runs next after an instant, its jitter in it; None where no day comes, or the cron is no cron."""
    if cron.problem(schedule.cron, schedule.zone):
        return None
    shift = spread(schedule, key)
    found = cron.following(schedule.cron, schedule.zone, after - shift)
    return None if found is None else found + shift


def last_at(schedule: Schedule, key: str, now: float) -> float | None:
    """Return when a plan should have run last, at `now` at the latest; None where that never was."""
    if cron.problem(schedule.cron, schedule.zone):
        return None
    shift = spread(schedule, key)
    until = now - shift
    start = cron.back(schedule.cron, schedule.zone, until + 1.0, 2)
    found = [*takewhile(lambda time: time <= until, cron.times(schedule.cron, schedule.zone, start))]
    return found[-1] + shift if found else None


def due(schedule: Schedule, key: str, last: float | None, since: float, now: float) -> Due:
    """Say whether a plan is to run now: its last time came after it was last begun, and after it is known (`since`).

    A run that began in the future was begun by a clock that was wrong: it counts for nothing.
    """
    slot = last_at(schedule, key, now)
    begun = since if last is None or last > now else max(last, since)
    if slot is None or slot <= begun:
        return Due(None, "Its time has not come.")
    late = now - slot
    if late > GRACE and not schedule.catch_up:
        return Due(None, f"It was missed at {iso(slot)}, and what is missed is not caught up.")
    return Due(
        slot,
        f"It was missed at {iso(slot)}: it is caught up."
        if late > GRACE
        else f"It is due since {iso(slot)}.",
    )


def spread(schedule: Schedule, key: str) -> float:
    """Return by how many seconds the times of a plan are moved."""
    return schedule.jitter * zlib.crc32(key.encode()) / 2**32
