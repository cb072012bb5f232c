"""What a month costs, net, as Hetzner tells it. Pure.

Keys are `server/cx22/fsn1`, `load_balancer/lb11/fsn1`, `primary_ip/ipv4/fsn1`, `floating_ip/ipv4/fsn1`, `volume` and `image` (a GB), and `backup` (a per cent of the server).
"""

from collections.abc import Iterator, Mapping

from vedette.wire import jsons


def prices(pricing: Mapping[str, object]) -> Mapping[str, str]:
    """Return the prices of an answer of `/pricing`."""
    found = dict(_by_place("server", "name", jsons.records(pricing, "server_types")))
    found |= dict(_by_place("load_balancer", "name", jsons.records(pricing, "load_balancer_types")))
    found |= dict(_by_place("primary_ip", "type", jsons.records(pricing, "primary_ips")))
    found |= dict(_by_place("floating_ip", "type", jsons.records(pricing, "floating_ips")))
    for kind in ("volume", "image"):
        found[kind] = jsons.text(pricing, kind, "price_per_gb_month", "net")
    found["backup"] = jsons.text(pricing, "server_backup", "percentage")
    return {key: value for key, value in found.items() if value}


def _by_place(kind: str, naming: str, told: tuple[jsons.Record, ...]) -> Iterator[tuple[str, str]]:
    for each in told:
        for price in jsons.records(each, "prices"):
            key = f"{kind}/{jsons.text(each, naming)}/{jsons.text(price, 'location')}"
            yield key, jsons.text(price, "price_monthly", "net")
