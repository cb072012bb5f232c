"""Putting measures together: the samples of an hour that is over become a block, its five minutes, and a row of its day."""

from functools import partial

from vedette.hosts import blocks
from vedette.hosts.apart import apart
from vedette.hosts.store import shelf
from vedette.hosts.store.shelf import FINE, FIVE, HOURLY
from vedette.hosts.types import DAY, HOUR

LATE = 300.0  # seconds that an hour waits for samples that come late
_FIVE_MINUTES = 300
_FAILED: dict[
    int, float
] = {}  # hosts whose hour could not be put together, and when: they are tried again in an hour


def roll(now: float, n: int = 1) -> int:
    """Put together up to `n` hours of hosts that are over; return how many there were."""
    late = {host for host, failed in _FAILED.items() if now - failed < HOUR}
    found = shelf.unpacked((now - LATE) // HOUR * HOUR, n, late)
    for host, oldest in found:
        if apart(host, "putting measures together", partial(_roll, host, oldest // HOUR * HOUR), False, now):
            _FAILED.pop(host, None)
        else:
            _FAILED[host] = now
    return len(found)


def _roll(host: int, hour: float) -> bool:
    """Put an hour together; the samples go last, so that after a failure all of it is done again."""
    measured = blocks.of_rows(shelf.rows(host, hour, hour + HOUR))
    before = [blocks.unpack(body) for body in shelf.read(FINE, host, hour, hour + 1)]
    held = [one for one in before if one.times and hour <= one.times[0] < hour + HOUR]
    whole = blocks.joined([*held, measured])
    shelf.write(FIVE, host, hour, blocks.rolled(whole, _FIVE_MINUTES))
    shelf.write(HOURLY, host, hour // DAY * DAY, blocks.rolled(whole, int(HOUR)))
    shelf.write(FINE, host, hour, measured)
    return True
