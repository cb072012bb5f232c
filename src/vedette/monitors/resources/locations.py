"""Locations in the REST API. A location's token is in the answer that makes it, and never again."""

from typing import Annotated

from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.monitors.locations.types import Location
from vedette.monitors.outposts import service
from vedette.plumbing.ports import ports

router = Router(tags=["monitors"])
Slug = Annotated[str, Path(max_length=30, description="the location's slug")]


class LocationIn(Schema):
    """A location as it is asked for; without a slug its name makes one."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    slug: Annotated[str, Field(max_length=30)] = ""


class LocationOut(Schema):
    """A location: when it was last heard of (null before it first was), what it runs, how many monitors are checked from it.

    `clock_behind` is in seconds; `lost` are findings it had no room for.
    """

    slug: str
    name: str
    token_hint: str
    created_at: str
    heard_at: str | None
    silent: bool
    version: str
    clock_behind: float
    lost: int
    monitors: int


class LocationMade(Schema):
    """A location with its token, which is shown this once."""

    token: str
    location: LocationOut


class LocationsOut(Schema):
    """Every location, by name: there are at most fifty."""

    items: list[LocationOut]


@router.get("/locations", response=LocationsOut, operation_id="list_locations")
@needs(Verb.MONITOR_READ)
def list_locations(request: Request) -> LocationsOut:
    """List the locations that monitors can be checked from, besides this installation."""
    counts = service.counts()
    return LocationsOut(items=[_out(one, counts.get(one.slug, 0)) for one in service.every()])


@router.post("/locations", response={201: LocationMade}, operation_id="create_location")
@needs(Verb.LOCATION_WRITE)
def create_location(request: Request, payload: LocationIn) -> Status[LocationMade]:
    """Add a location. It is handed the secrets of the monitors that are checked from it."""
    token, made = service.add(request.actor, payload.name, payload.slug, _now())
    return Status(201, LocationMade(token=token, location=_out(made, 0)))


@router.post("/locations/{location}/token", response=LocationMade, operation_id="renew_location_token")
@needs(Verb.LOCATION_WRITE)
def renew_location_token(request: Request, location: Slug) -> LocationMade:
    """Give a location another token; the one before opens nothing any more."""
    token = service.renew(request.actor, service.find(location), _now())
    return LocationMade(token=token, location=_out(service.find(location), service.counts().get(location, 0)))


@router.delete("/locations/{location}", response={204: None}, operation_id="remove_location")
@needs(Verb.LOCATION_WRITE)
def remove_location(request: Request, location: Slug) -> Status[None]:
    """Remove a location, also from its monitors; what is checked from nowhere else is checked from here then."""
    service.remove(request.actor, service.find(location), _now())
    return Status(204, None)


def _out(one: Location, monitors: int) -> LocationOut:
    return LocationOut(
        slug=one.slug, name=one.name, token_hint=one.hint, created_at=iso(one.created_at),
        heard_at=None if one.heard_at is None else iso(one.heard_at), silent=one.told, version=one.version,
        clock_behind=one.skew, lost=one.lost, monitors=monitors,
    )  # fmt: skip


def _now() -> float:
    return ports().clock.now()
