"""Adding, renewing and removing locations, each with its audit entry; and who a location's token speaks for.

A location is handed the secrets of what it checks: only those who look after the installation add one.
"""

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound, Unauthenticated
from vedette.monitors import keeping, signal
from vedette.monitors.locations import naming
from vedette.monitors.locations import store as locations
from vedette.monitors.locations.types import TOKEN_PREFIX, Location
from vedette.monitors.store import monitors
from vedette.monitors.types import Config, Monitor
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals

MOST = 50
_MOST_NAMED = 5
_HINT = len(TOKEN_PREFIX) + 4
_replace = msgspec.structs.replace


def add(actor: Actor, name: str, slug: str, now: float) -> tuple[str, Location]:
    """Add a location and return its token, shown once, with it; its name makes a slug where none is given.

    Raises `Invalid` by field, `Conflict` for a slug that is taken.
    """
    require(actor, Verb.LOCATION_WRITE)
    name, slug = name.strip(), slug.strip()
    wrong = naming.problems(name, slug)
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    token = TOKEN_PREFIX + ids.new_secret()
    with transaction():
        taken = locations.slugs()
        if len(taken) >= MOST:
            raise Invalid(f"There are {MOST} locations, which is the most.", {"name": "too many"})
        chosen = slug or naming.slug_of(name, taken)
        made = locations.add(chosen, name, ids.hash_secret(token), token[:_HINT], now)
        audit(actor, "location.create", made.slug, {"name": name, "hint": made.hint}, now)
        keeping.tell_changed(now)
    return token, made


def renew(actor: Actor, location: Location, now: float) -> str:
    """Give a location another token and return it, shown once; the one before opens nothing any more."""
    require(actor, Verb.LOCATION_WRITE)
    token = TOKEN_PREFIX + ids.new_secret()
    with transaction():
        locations.renew(location.slug, ids.hash_secret(token), token[:_HINT])
        audit(actor, "location.renew", location.slug, {"hint": token[:_HINT]}, now)
        keeping.tell_changed(now)
    return token


def remove(actor: Actor, location: Location, now: float) -> int:
    """Remove a location, also from the monitors that are checked from it; return how many.

    What is checked from nowhere else is checked from here then.
    """
    require(actor, Verb.LOCATION_WRITE)
    with transaction():
        left = locations.monitors(location.slug)
        for monitor in left:
            monitors.change(_replace(monitor, config=_without(monitor.config, location.slug), updated_at=now))
        held = locations.find(location.slug)
        locations.remove(location.slug)
        if held is not None and held.told:  # nobody else would say that its silence is over
            gone = f"{location.name} is removed; nobody waits for it any more."
            signals.publish([signal.of_silence(location.slug, gone, over=True, now=now)], now)
        said = {"name": location.name, "monitors": _named(left)}
        audit(actor, "location.remove", location.slug, said, now)
        keeping.tell_changed(now)
    return len(left)


def find(slug: str) -> Location:
    """Return a location; raises `NotFound`."""
    found = locations.find(slug)
    if found is None:
        raise NotFound(f"There is no location {slug}.")
    return found


def of_token(token: str) -> Location:
    """Return the location a token speaks for; raises `Unauthenticated`."""
    found = locations.by_token(ids.hash_secret(token)) if token.startswith(TOKEN_PREFIX) else None
    if found is None:
        raise Unauthenticated(
            "This token is of no location, or was replaced; make one under Monitors, Locations."
        )
    return found


def alone(slug: str) -> tuple[Monitor, ...]:
    """Return the monitors that are checked from a location and from nowhere else."""
    return tuple(one for one in locations.monitors(slug) if set(one.config.locations) == {slug})


def _without(config: Config, slug: str) -> Config:
    left = tuple(one for one in config.locations if one != slug)
    return _replace(config, locations=left, agree=min(config.agree, max(1, len(left))))


def _named(found: tuple[Monitor, ...]) -> str:
    named = ", ".join(one.slug for one in found[:_MOST_NAMED])
    return f"{named} and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else named
