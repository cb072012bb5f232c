"""The verbs of locations: add and remove them, hand them what they check, take in what they found, notice their silence."""

from collections.abc import Mapping

from vedette.accounts.permissions import Actor
from vedette.monitors.locations import store
from vedette.monitors.locations.types import Hearing, Location
from vedette.monitors.outposts import noticing, placing
from vedette.monitors.types import Monitor


def add(actor: Actor, name: str, slug: str, now: float) -> tuple[str, Location]:
    """Add a location and return its token, shown once, with it; its name makes a slug where none is given.

    Raises `Invalid` by field, `Conflict` for a slug that is taken.
    """
    return placing.add(actor, name, slug, now)


def renew(actor: Actor, location: Location, now: float) -> str:
    """Give a location another token and return it, shown once; the one before opens nothing any more."""
    return placing.renew(actor, location, now)


def remove(actor: Actor, location: Location, now: float) -> int:
    """Remove a location, also from the monitors that are checked from it; return how many."""
    return placing.remove(actor, location, now)


def every() -> tuple[Location, ...]:
    """Return every location, by name."""
    return store.every()


def find(slug: str) -> Location:
    """Return a location; raises `NotFound`."""
    return placing.find(slug)


def of_token(token: str) -> Location:
    """Return the location a token speaks for; raises `Unauthenticated`."""
    return placing.of_token(token)


def heard(slug: str, hearing: Hearing) -> None:
    """Remember a sign of life of a location."""
    store.heard(slug, hearing)


def counts() -> Mapping[str, int]:
    """Return how many monitors are checked from each location, `here` among them where it is named."""
    return store.counts()


def alone(location: Location) -> tuple[Monitor, ...]:
    """Return the monitors that are checked from a location and from nowhere else."""
    return placing.alone(location.slug)


def notice(now: float, since: float) -> int:
    """Tell, once, of each location that is not heard of any more, and that it is back; return how many were told of.

    `since` is when this installation began to listen: nobody could be heard before.
    """
    return noticing.notice(now, since)
