"""Who the client is behind proxies: the rightmost hop that is not trusted.

Each proxy appends the address it was called from; whatever stands to the left of the first stranger, the stranger may
have written. Forwarding headers of a peer that is not trusted count for nothing.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_FOR = re.compile(r'(?:^|;)\s*for="?(?P<for>[^;"]*)"?', re.IGNORECASE)
_PROTO = re.compile(r'(?:^|;)\s*proto="?(?P<proto>[a-z]+)"?', re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\]]*)\](?::\d+)?")
LONGEST = 512


@dataclass(frozen=True)
class Client:
    """Whom a request comes from: the address, the scheme it came by (empty: as it came), and why."""

    address: str
    scheme: str
    reason: str


Finder = Callable[[str, str, str], Client]


@functools.lru_cache(4096)
def parse(hop: str) -> Address | None:
    """Return the address that a hop names, with or without a port; None when it names none."""
    text = hop.strip().strip('"')
    match = _BRACKETS.fullmatch(text)
    if match:
        text = match[1]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@functools.lru_cache(4096)
def bucket(address: str) -> str:
    """Return what counts as one client: an IPv4 address, an IPv6 network of /64, or the text that is neither."""
    parsed = parse(address)
    if parsed is None or parsed.version == 4:
        return str(parsed or address)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))


def finder(trusted: tuple[str, ...], header: str) -> Finder:
    """Return a function that finds the client from the peer, the forwarding header and X-Forwarded-Proto."""
    networks = tuple(ipaddress.ip_network(text) for text in trusted if text != "unix")
    unix = "unix" in trusted

    @functools.lru_cache(4096)
    def trusts(hop: str) -> bool:
        address = parse(hop)
        return unix if not hop else address is not None and any(address in net for net in networks)

    # What strangers send, and what is long, is not remembered: it would fill the memory as they like.
    def find(peer: str, forwarded: str, proto: str) -> Client:
        if not trusts(peer):
            return Client(peer, "", "the peer is not a trusted proxy")
        if len(forwarded) + len(proto) > LONGEST:
            return found(peer, _nearest(forwarded), _nearest(proto))
        return behind(peer, forwarded, proto)

    def found(peer: str, forwarded: str, proto: str) -> Client:
        hops, schemes = _hops(forwarded, proto, header)
        place, reason = _rightmost(hops, trusts)
        address = parse(hops[place]) if hops else None
        return Client(str(address or peer), _scheme(schemes, place, len(hops)), reason)

    behind = functools.lru_cache(1024)(found)
    return find


def _nearest(text: str) -> str:
    """Return the elements that the nearest proxies wrote; what is further away than so many characters, strangers wrote."""
    return text if len(text) <= LONGEST else text[-LONGEST:].partition(",")[2]


def _hops(forwarded: str, proto: str, header: str) -> tuple[list[str], list[str]]:
    elements = [part.strip() for part in forwarded.split(",")] if forwarded else []
    if header != "forwarded":
        return elements, [part.strip() for part in proto.split(",")] if proto else []
    matches = [_FOR.search(element) for element in elements]
    protos = [_PROTO.search(element) for element in elements]
    return [match["for"] if match else "" for match in matches], [m["proto"] if m else "" for m in protos]


def _rightmost(hops: list[str], trusts: Callable[[str], bool]) -> tuple[int, str]:
    """Return the place of the client among the hops, from the left, and why it is the one."""
    for place in range(len(hops) - 1, -1, -1):
        if parse(hops[place]) is None:
            return min(place + 1, len(hops) - 1), "what stands to the left is no address"
        if not trusts(hops[place]):
            return place, "the rightmost hop that is not trusted"
    return 0, "every hop is trusted"


def _scheme(schemes: list[str], place: int, hops: int) -> str:
    """Return the scheme of a hop: of its own where there is one each, else what the last proxy says."""
    if not schemes:
        return ""
    scheme = schemes[place] if len(schemes) == hops else schemes[-1]
    return scheme.lower() if scheme.lower() in {"http", "https", "ws", "wss"} else ""
