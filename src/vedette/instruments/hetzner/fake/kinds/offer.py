"""What is on offer, as lists that nobody changes: places, types, discs, prices."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from vedette.instruments.hetzner.fake import catalogue as offer
from vedette.instruments.hetzner.fake.calls import Reply, Shape, missing
from vedette.instruments.hetzner.fake.table import Handler, Reading, Route, page_of
from vedette.instruments.hetzner.fake.visit import Visit

_SORTS = ("id", "name")
_Shapes = Callable[[], Sequence[Shape]]


def _many(plural: str, shapes: _Shapes, filters: Mapping[str, Reading], more: Shape) -> Handler:
    def answer(visit: Visit) -> Reply:
        reply = page_of(visit, plural, shapes(), filters, _SORTS)
        return Reply(body={**(reply.body or {}), **more})

    return answer


def _one(singular: str, shapes: _Shapes) -> Handler:
    def answer(visit: Visit) -> Reply:
        for shape in shapes():
            if str(shape["id"]) == visit.args[0]:
                return Reply(body={singular: shape})
        raise missing(singular, visit.args[0])

    return answer


def _routes(
    singular: str, shapes: _Shapes, filters: Mapping[str, Reading] | None = None, **more: object
) -> list[Route]:
    path = f"/{singular}s"
    return [
        ("GET", path, _many(f"{singular}s", shapes, filters or {}, more)),
        ("GET", f"{path}/{{id}}", _one(singular, shapes)),
    ]


def _locations() -> list[Shape]:
    return [offer.show_location(one.name) for one in offer.catalogue().locations]


def _datacenters() -> list[Shape]:
    return [offer.show_datacenter(place) for place in offer.catalogue().datacenters]


def _server_types() -> list[Shape]:
    return [offer.show_server_type(name) for name in offer.catalogue().server_types]


def _balancer_types() -> list[Shape]:
    return [offer.show_balancer_type(name) for name in offer.catalogue().load_balancer_types]


def _isos() -> list[Shape]:
    return [offer.show_iso(name) for name in offer.catalogue().isos]


def _pricing(visit: Visit) -> Reply:  # noqa: ARG001 - as handlers are
    known = offer.catalogue().prices
    body: Shape = {
        "currency": "EUR",
        "vat_rate": f"{Decimal(known.vat_rate):.10f}",
        "server_types": _priced(_server_types()),
        "load_balancer_types": _priced(_balancer_types()),
        "primary_ips": [_address("ipv4", known.ipv4), _address("ipv6", known.ipv6)],
        "floating_ip": {"price_monthly": offer.price(Decimal(known.floating_ipv4))},
        "floating_ips": [_floating("ipv4", known.floating_ipv4), _floating("ipv6", known.floating_ipv6)],
        "volume": {"price_per_gb_month": offer.price(Decimal(known.volume_gb))},
        "image": {"price_per_gb_month": offer.price(Decimal(known.image_gb))},
        "server_backup": {"percentage": f"{Decimal(known.backup_percent):.10f}"},
    }
    return Reply(body={"pricing": body})


def _priced(types: Sequence[Shape]) -> list[Shape]:
    return [{name: one[name] for name in ("id", "name", "prices")} for one in types]


def _address(kind: str, monthly: str) -> Shape:
    prices: list[Shape] = [
        {
            "location": place.name,
            "price_hourly": offer.hourly(monthly),
            "price_monthly": offer.price(Decimal(monthly)),
        }
        for place in offer.catalogue().locations
    ]
    return {"type": kind, "prices": prices}


def _floating(kind: str, monthly: str) -> Shape:
    prices: list[Shape] = [
        {"location": place.name, "price_monthly": offer.price(Decimal(monthly))}
        for place in offer.catalogue().locations
    ]
    return {"type": kind, "prices": prices}


_ARCHITECTURE: Mapping[str, Reading] = {"architecture": lambda shape: shape["architecture"]}

ROUTES: list[Route] = [
    *_routes("location", _locations),
    *_routes("datacenter", _datacenters, recommendation=1),
    *_routes("server_type", _server_types),
    *_routes("load_balancer_type", _balancer_types),
    *_routes("iso", _isos, _ARCHITECTURE),
    ("GET", "/pricing", _pricing),
]
