"""Working on monitors: maintenances of one or many, begun, ended and taken away; one transaction and one audit entry for all."""

import hashlib
from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Invalid
from vedette.monitors import drafting, keeping, maintenance
from vedette.monitors.store import windows
from vedette.monitors.types import Config, Maintenance, Monitor, Once
from vedette.plumbing.db.sql import transaction

MOST_NAMED = 5
_replace = msgspec.structs.replace


class Planned(msgspec.Struct, frozen=True):
    """A maintenance and the monitors that have it; `key` names it in addresses."""

    key: str
    window: Maintenance
    monitors: tuple[Monitor, ...]


def once(starts: float, ends: float, why: str = "") -> Once:
    """Return a maintenance from one instant to another, in whole seconds."""
    return Once(starts=float(round(starts)), ends=float(round(ends)), why=why)


def begin(actor: Actor, monitors: Sequence[Monitor], window: Maintenance, now: float) -> int:
    """Give monitors a maintenance; return how many have it now. Those written in files are left alone.

    Raises `Invalid` for a maintenance that cannot be used, and when one of them has too many.
    """
    require(actor, Verb.MONITOR_WRITE)
    if wrong := maintenance.problem(window):
        raise Invalid(wrong, {"window": wrong})
    free = [one for one in monitors if not one.source and window not in one.config.maintenance]
    full = next((one for one in free if len(one.config.maintenance) >= drafting.MOST_WINDOWS), None)
    if full is not None:
        raise Invalid(
            f"{full.name} has {drafting.MOST_WINDOWS} maintenances, which is the most; remove one first."
        )
    _write(actor, "begin", [(one, (*one.config.maintenance, window)) for one in free], window, now)
    return len(free)


def end(actor: Actor, monitor: Monitor, now: float) -> bool:
    """End what is being worked on once and for now; False when only what comes again and again holds."""
    require(actor, Verb.MONITOR_WRITE)
    held = [
        one for one in monitor.config.maintenance if isinstance(one, Once) and one.starts <= now < one.ends
    ]
    if not held:
        return False
    left = tuple(_ended(one, now) if one in held else one for one in monitor.config.maintenance)
    _write(actor, "end", [(monitor, left)], held[0], now)
    return True


def remove(actor: Actor, key: str, now: float) -> int:
    """Take a maintenance away from every monitor that has it; return from how many. What holds just now is over."""
    require(actor, Verb.MONITOR_WRITE)
    found = next((one for one in planned() if one.key == key), None)
    if found is None:
        return 0
    free = [one for one in windows.having(found.window) if not one.source]  # also those no calendar shows
    changes = [(one, tuple(each for each in one.config.maintenance if each != found.window)) for one in free]
    _write(actor, "remove", changes, found.window, now)
    return len(free)


def planned(n: int = drafting.MOST_PLANNED) -> tuple[Planned, ...]:
    """Return the maintenances there are, each once with all its monitors; of up to `n` monitors."""
    found: dict[Maintenance, list[Monitor]] = {}
    for monitor in windows.kept(n):
        for window in monitor.config.maintenance:
            found.setdefault(window, []).append(monitor)
    return tuple(Planned(key_of(window), window, tuple(each)) for window, each in found.items())


def key_of(window: Maintenance) -> str:
    """Return the name of a maintenance in addresses."""
    return hashlib.blake2b(msgspec.json.encode(window), digest_size=8).hexdigest()


def _ended(window: Once, now: float) -> Once:
    return _replace(window, ends=max(window.starts + 1.0, float(int(now))))


def _write(
    actor: Actor,
    act: str,
    changes: Sequence[tuple[Monitor, tuple[Maintenance, ...]]],
    window: Maintenance,
    now: float,
) -> None:
    """Write the maintenances of monitors, with one audit entry for all of them."""
    if not changes:
        return
    changed = [_replace(one, config=_with(one.config, kept), updated_at=now) for one, kept in changes]
    named = ", ".join(one.slug for one in changed[:MOST_NAMED])
    more = len(changed) - MOST_NAMED
    with transaction():
        windows.change(changed)
        said = {"monitors": f"{named} and {more} more" if more > 0 else named, "why": window.why}
        audit(actor, f"maintenance.{act}", changed[0].slug if len(changed) == 1 else "monitors", said, now)
        keeping.tell_changed(now)


def _with(config: Config, kept: tuple[Maintenance, ...]) -> Config:
    return _replace(config, maintenance=kept)
