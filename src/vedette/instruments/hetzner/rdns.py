"""Reverse DNS: what an address is called. Names that Hetzner gives by itself are none. Pure."""

import ipaddress
from collections.abc import Iterable, Mapping

from vedette.wire import jsons

_BY_ITSELF = ".your-server.de"


def told(name: str) -> str:
    """Return a name that somebody gave; nothing for Hetzner's own."""
    return "" if name.endswith(_BY_ITSELF) else name


def read(ipv4: Mapping[str, object], ipv6: Mapping[str, object]) -> dict[str, object]:
    """Return the names of a server's or load balancer's addresses: `{"ipv4": …, "::2": …}`."""
    found: dict[str, object] = {}
    if told(jsons.text(ipv4, "dns_ptr")):
        found["ipv4"] = jsons.text(ipv4, "dns_ptr")
    if told(jsons.text(ipv6, "dns_ptr")):
        found["ipv6"] = jsons.text(ipv6, "dns_ptr")
    for pointer in jsons.records(ipv6, "dns_ptr"):
        if told(jsons.text(pointer, "dns_ptr")):
            found[short(jsons.text(pointer, "ip"))] = jsons.text(pointer, "dns_ptr")
    return found


def pointers(raw: Mapping[str, object]) -> dict[str, str]:
    """Return the names of a primary or floating IP: `{"ipv4": …}` or `{"::2": …}`."""
    six = jsons.text(raw, "type") == "ipv6"
    return {
        (short(jsons.text(each, "ip")) if six else "ipv4"): jsons.text(each, "dns_ptr")
        for each in jsons.records(raw, "dns_ptr")
        if told(jsons.text(each, "dns_ptr"))
    }


def short(address: str) -> str:
    """Return an IPv6 address within its /64: `2001:db8::2` is `::2`."""
    try:
        whole = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(ipaddress.IPv6Address(int(whole) & (2**64 - 1)))


def first(address: str) -> str:
    """Return the address that a thing itself has: of a whole /64 the first (`2001:db8::/64`: `2001:db8::1`)."""
    bare, _, size = address.partition("/")
    return f"{bare}1" if size and bare.endswith("::") else bare


def whole(key: str, ipv4: str, ipv6: str) -> str:
    """Return the address that a key of `rdns` stands for, with the thing's own addresses (`2001:db8::/64`)."""
    if key in {"ipv4", "ipv6"}:
        return ipv4 if key == "ipv4" else ipv6.split("/", maxsplit=1)[0]
    if ":" in key and ipv6:
        network = ipaddress.IPv6Network(ipv6 if "/" in ipv6 else f"{ipv6}/64", strict=False)
        inner = int(ipaddress.IPv6Address(key)) & (2**64 - 1)
        return str(ipaddress.IPv6Address(int(network.network_address) | inner))
    return key


def steps(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[tuple[str, str | None]]:
    """Return which keys become which names; None gives a key back to Hetzner's own."""
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield key, jsons.text(after, key) or None
