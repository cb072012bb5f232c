"""Putting measures together: the samples of an hour that is over become a block, its five minutes, and a row of its day."""

from vedette.hosts import blocks
from vedette.hosts.store import shelf
from vedette.hosts.store.shelf import FINE, FIVE, HOURLY
from vedette.hosts.types import DAY, HOUR

LATE = 300.0  # seconds that an hour waits for samples that come late
_FIVE_MINUTES = 300


def roll(now: float, n: int = 1) -> int:
    """Put together up to `n` hours of hosts that are over; return how many there were."""
    found = shelf.unpacked((now - LATE) // HOUR * HOUR, n)
    for host, oldest in found:
        _roll(host, oldest // HOUR * HOUR)
    return len(found)


def _roll(host: int, hour: float) -> None:
    """Put an hour together; the samples go last, so that after a failure all of it is done again."""
    measured = blocks.of_rows(shelf.rows(host, hour, hour + HOUR))
    before = [blocks.unpack(body) for body in shelf.read(FINE, host, hour, hour + 1)]
    held = [one for one in before if one.times and hour <= one.times[0] < hour + HOUR]
    whole = blocks.joined([*held, measured])
    shelf.write(FIVE, host, hour, blocks.rolled(whole, _FIVE_MINUTES))
    shelf.write(HOURLY, host, hour // DAY * DAY, blocks.rolled(whole, int(HOUR)))
    shelf.write(FINE, host, hour, measured)
