"""Locations that are not heard of any more: one alert each, and what is checked from nowhere else is unknown."""

from vedette.monitors import judging, signal
from vedette.monitors.applying import Batch
from vedette.monitors.locations import silence
from vedette.monitors.locations import store as locations
from vedette.monitors.locations.types import Location
from vedette.monitors.store import monitors
from vedette.monitors.types import State
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals

_SETTLED = frozenset({State.UNKNOWN, State.WAITING, State.DOWN})


def notice(now: float, since: float) -> int:
    """Tell, once, of each location that is not heard of any more, and that it is back; return how many were told of.

    `since` is when this installation began to listen: nobody could be heard before.
    """
    found = locations.every()
    silent = {one.slug: why for one in found if (why := silence.why(one, now, since))}
    told = [one for one in found if one.told is not (one.slug in silent)]
    if told or silent:
        with transaction():
            for one in told:
                _tell(one, silent.get(one.slug, ""), now)
            _lose(silent, now)
    return len(told)


def _tell(one: Location, why: str, now: float) -> None:
    if not locations.tell(one.slug, told=bool(why)):
        return  # it was removed since it was read, and nobody would end its alert
    text = why or f"{one.name} is heard of again."
    signals.publish([signal.of_silence(one.slug, text, over=not why, now=now)], now)


def _lose(silent: dict[str, str], now: float) -> None:
    """Let what is checked from nowhere else than where nobody is heard of be unknown."""
    found = monitors.by_ids(locations.ids_of(silent))
    lost = {n: one for n, one in found.items() if not one.paused and set(one.config.locations) <= set(silent)}
    if not lost:
        return
    batch = Batch(lost, now)
    for number, monitor in lost.items():
        watched = batch.get(number)
        if watched is not None and watched.known.standing.state not in _SETTLED:
            batch.put(judging.unheard(watched, silent[monitor.config.locations[0]], now))
    batch.write()
