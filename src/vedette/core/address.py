"""Which IP addresses are public. One policy for everything that leaves the house.

The table is the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its successors), with
multicast and the reserved blocks; it is spelled out because `ipaddress.is_global` differs between versions of
Python. An IPv6 address that carries an IPv4 address is judged by that one.
"""

import functools
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a provider's customers",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::/96": "IPv4-compatible",
    "64:ff9b:1::/48": "local translation",
    "100::/64": "discard",
    "2001::/23": "protocol assignments",
    "2001:db8::/32": "documentation",
    "3fff::/20": "documentation",
    "5f00::/16": "segment routing",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
_NETWORKS = [(ipaddress.ip_network(net), why) for net, why in _SPECIAL.items()]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """Return the address a text names (brackets and a zone are allowed); None when it names none."""
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)
def why_not_public(address: Address) -> str | None:
    """Return why an address is not public (`private`, `loopback`), or None when it is."""
    inner = _carried(address)
    if inner is not None:
        return why_not_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and not _is_unicast(address):
        return _reason(address) or "reserved"
    return _reason(address)


def is_public(address: Address) -> bool:
    """Tell whether an address may be reached by requests that leave the house."""
    return why_not_public(address) is None


@dataclass(frozen=True)
class AddressPolicy:
    """Which addresses may be reached: the public ones, and with `allow_private` every one."""

    allow_private: bool = False

    def why_not(self, text: str) -> str | None:
        """Return why the address that a text names may not be reached (`loopback`), or None when it may."""
        found = parse(text)
        if found is None:
            return "unreadable"
        return None if self.allow_private else why_not_public(found)

    def sift(self, addresses: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return those that may be reached, and a reason for each other one (`10.0.0.1 is private`)."""
        judged = [(text, self.why_not(text)) for text in addresses]
        allowed = [text for text, why in judged if why is None]
        return allowed, [f"{text} is {why}" for text, why in judged if why is not None]


def _reason(address: Address) -> str | None:
    return next((why for net, why in _NETWORKS if address.version == net.version and address in net), None)


def _is_unicast(address: ipaddress.IPv6Address) -> bool:
    """Tell whether an address is in 2000::/3, the only block given to networks of the world."""
    return int(address) >> 125 == 1


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a mapped, translated or 6to4 address carries."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour if address in _SIX_TO_FOUR else None
