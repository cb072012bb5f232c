"""What Hetzner offers: read once from `catalogue.toml`, shown as the API shows it.

What is shown is made once and shared: nobody may change it.
"""

import functools
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files

import msgspec

from vedette.core.clock import iso, parse_iso
from vedette.instruments.hetzner.fake.calls import Shape, invalid

BORN = "2020-01-01"  # since when everything of the catalogue is offered
_TERABYTES = 20


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place."""

    id: int
    name: str
    description: str
    city: str
    country: str
    latitude: float
    longitude: float
    network_zone: str


class ServerType(msgspec.Struct, frozen=True, array_like=True):
    """A size of servers: memory and disk in GB."""

    id: int
    cores: int
    memory: int
    disk: int
    cpu: str
    architecture: str
    monthly: str
    category: str
    deprecated: str


class BalancerType(msgspec.Struct, frozen=True, array_like=True):
    """A size of load balancers."""

    id: int
    services: int
    targets: int
    certificates: int
    connections: int
    monthly: str


class SystemImage(msgspec.Struct, frozen=True, array_like=True):
    """An image that Hetzner provides."""

    id: int
    flavor: str
    version: str
    description: str
    architecture: str
    deprecated: str


class Iso(msgspec.Struct, frozen=True, array_like=True):
    """A disc to boot from."""

    id: int
    description: str
    architecture: str


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """Prices that belong to no type, net."""

    vat_rate: str
    ipv4: str
    ipv6: str
    volume_gb: str
    image_gb: str
    floating_ipv4: str
    floating_ipv6: str
    backup_percent: str
    traffic_tb: str
    hours: int


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on offer; images of another architecture are `name@arm`."""

    locations: tuple[Location, ...]
    datacenters: Mapping[str, str]
    server_types: Mapping[str, ServerType]
    load_balancer_types: Mapping[str, BalancerType]
    images: Mapping[str, SystemImage]
    isos: Mapping[str, Iso]
    prices: Prices


@functools.cache
def catalogue() -> Catalogue:
    """Return the offer."""
    text = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Catalogue)


def location(key: str | int) -> Location:
    """Return a place by its name or id. Raises `Refused`."""
    for one in catalogue().locations:
        if str(key) in {one.name, str(one.id)}:
            return one
    raise invalid("location", f"location '{key}' not found")


def server_type(key: str | int) -> tuple[str, ServerType]:
    """Return a size of servers with its name. Raises `Refused`."""
    for name, one in catalogue().server_types.items():
        if str(key) in {name, str(one.id)}:
            return name, one
    raise invalid("server_type", f"server type '{key}' not found")


def balancer_type(key: str | int) -> tuple[str, BalancerType]:
    """Return a size of load balancers with its name. Raises `Refused`."""
    for name, one in catalogue().load_balancer_types.items():
        if str(key) in {name, str(one.id)}:
            return name, one
    raise invalid("load_balancer_type", f"load balancer type '{key}' not found")


def datacenter_location(name: str) -> str:
    """Return the place of a datacenter. Raises `Refused`."""
    for at, (place, own) in enumerate(catalogue().datacenters.items(), 1):
        if name in {own, str(at)}:
            return place
    raise invalid("datacenter", f"datacenter '{name}' not found")


@functools.cache
def show_location(name: str) -> Shape:
    """Return a place as the API shows it."""
    return msgspec.structs.asdict(location(name))


@functools.cache
def show_datacenter(place: str) -> Shape:
    """Return the datacenter of a place as the API shows it."""
    offer = catalogue()
    name = offer.datacenters[place]
    numbers = [one.id for one in offer.server_types.values()]
    return {
        "id": list(offer.datacenters).index(place) + 1,
        "name": name,
        "description": f"{show_location(place)['city']} {name}",
        "location": show_location(place),
        "server_types": {"available": numbers, "available_for_migration": numbers, "supported": numbers},
    }


def price(net: Decimal) -> Shape:
    """Return a price, net and gross."""
    gross = net * (1 + Decimal(catalogue().prices.vat_rate) / 100)
    return {"net": f"{net:.10f}", "gross": f"{gross:.10f}"}


def hourly(monthly: str) -> Shape:
    """Return what an hour costs."""
    return price(Decimal(monthly) / catalogue().prices.hours)


def prices_of(monthly: str) -> list[Shape]:
    """Return what a type costs, place by place."""
    return [
        {
            "location": place.name,
            "price_hourly": hourly(monthly),
            "price_monthly": price(Decimal(monthly)),
            "included_traffic": _TERABYTES * 10**12,
            "price_per_tb_traffic": price(Decimal(catalogue().prices.traffic_tb)),
        }
        for place in catalogue().locations
    ]


def deprecation(day: str) -> Shape | None:
    """Return until when something may still be ordered."""
    return {"announced": iso(parse_iso(BORN)), "unavailable_after": iso(parse_iso(day))} if day else None


@functools.cache
def show_server_type(name: str) -> Shape:
    """Return a size of servers as the API shows it."""
    one = catalogue().server_types[name]
    ending = deprecation(one.deprecated)
    places: list[Shape] = [
        {
            "id": at.id,
            "name": at.name,
            "available": not one.deprecated,
            "recommended": not one.deprecated,
            "deprecation": ending,
        }
        for at in catalogue().locations
    ]
    return {
        "id": one.id,
        "name": name,
        "description": name.upper(),
        "category": one.category,
        "cores": one.cores,
        "memory": one.memory,
        "disk": one.disk,
        "deprecated": bool(one.deprecated),
        "deprecation": ending,
        "locations": places,
        "prices": prices_of(one.monthly),
        "storage_type": "local",
        "cpu_type": one.cpu,
        "architecture": one.architecture,
    }


@functools.cache
def show_balancer_type(name: str) -> Shape:
    """Return a size of load balancers as the API shows it."""
    one = catalogue().load_balancer_types[name]
    return {
        "id": one.id,
        "name": name,
        "description": name.upper(),
        "max_connections": one.connections,
        "max_services": one.services,
        "max_targets": one.targets,
        "max_assigned_certificates": one.certificates,
        "deprecated": None,
        "prices": prices_of(one.monthly),
    }


@functools.cache
def show_image(key: str) -> Shape:
    """Return an image of the system as the API shows it."""
    one = catalogue().images[key]
    return {
        "id": one.id,
        "type": "system",
        "status": "available",
        "name": key.partition("@")[0],
        "description": one.description,
        "image_size": None,
        "disk_size": 5,
        "created": iso(parse_iso(BORN)),
        "created_from": None,
        "bound_to": None,
        "os_flavor": one.flavor,
        "os_version": one.version,
        "rapid_deploy": True,
        "protection": {"delete": False},
        "deprecated": iso(parse_iso(one.deprecated)) if one.deprecated else None,
        "deleted": None,
        "labels": {},
        "architecture": one.architecture,
    }


@functools.cache
def show_iso(name: str) -> Shape:
    """Return a disc as the API shows it."""
    one = catalogue().isos[name]
    return {
        "id": one.id,
        "name": name,
        "description": one.description,
        "type": "public",
        "architecture": one.architecture,
        "deprecation": None,
    }
