"""Addresses: private ones within subnets, public ones made from a number."""

import ipaddress
from collections.abc import Iterable, Sequence

from vedette.instruments.hetzner.fake.calls import failed, invalid
from vedette.instruments.hetzner.fake.catalogue import location
from vedette.instruments.hetzner.fake.state import Attached, Network, State

# RFC 2544 and RFC 3849: addresses that no one else can have.
_PUBLIC = ipaddress.IPv4Network("198.18.0.0/15")
_PUBLIC_6 = ipaddress.IPv6Network("2001:db8::/32")


def network(field: str, text: str) -> ipaddress.IPv4Network:
    """Return an IPv4 network. Raises `Refused`."""
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise invalid(field, f"'{text}' is not a network in CIDR notation") from error


def address(field: str, text: str) -> ipaddress.IPv4Address:
    """Return an IPv4 address. Raises `Refused`."""
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise invalid(field, f"'{text}' is not an IPv4 address") from error


def gateway(of: Network) -> ipaddress.IPv4Address:
    """Return the gateway of a network: its first address."""
    return ipaddress.IPv4Network(of.ip_range)[1]


def joined(private: Iterable[Attached], number: int) -> bool:
    """Tell whether interfaces reach into a network."""
    return any(one.network == number for one in private)


def used(state: State, number: int) -> set[str]:
    """Return the addresses of a network that are somebody's."""
    nets = [one for thing in state.networked() for one in thing.private if one.network == number]
    return {ip for one in nets for ip in (one.ip, *one.aliases)}


def attach(
    state: State, of: Network, place: str, wanted: str | None = None, ip_range: str | None = None
) -> Attached:
    """Return a new interface in a network for a place, at a wanted address or the first free one. Raises `Refused`."""
    zone = location(place).network_zone
    ranges = [
        ipaddress.IPv4Network(one.ip_range)
        for one in of.subnets
        if one.network_zone == zone and one.type != "vswitch" and ip_range in {None, one.ip_range}
    ]
    return Attached(network=of.id, ip=str(_pick(ranges, used(state, of.id) | {str(gateway(of))}, wanted)))


def _pick(
    ranges: Sequence[ipaddress.IPv4Network], taken: set[str], wanted: str | None
) -> ipaddress.IPv4Address:
    if not ranges:
        raise failed("no_subnet_available", "no subnet or IP is available within the network")
    if wanted:
        found = address("ip", wanted)
        if wanted in taken or not any(found in one for one in ranges):
            raise failed("ip_not_available", f"IP {wanted} is not available")
        return found
    for one in ranges:
        for host in one.hosts():
            if str(host) not in taken:
                return host
    raise failed("no_subnet_available", "no subnet or IP is available within the network")


def public_v4(number: int) -> str:
    """Return a public address that only one number has."""
    return str(_PUBLIC[number % _PUBLIC.num_addresses])


def public_v6(number: int) -> str:
    """Return a public /64 that only one number has."""
    return f"{_PUBLIC_6[(number % 2**32) << 64]}/64"
