"""Addresses as logs write them: made one spelling each, and who is behind a trusted proxy."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

KEPT = 16_384  # spellings that are remembered: those of one flood come again and again
HOPS = 32  # of a chain of forwarders; what is longer was made up
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}", re.ASCII)
_PORTED = re.compile(r"\[([^\]]*)\](?::\d+)?$|([\d.]+):\d+$", re.ASCII)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(KEPT)
def normal(text: str) -> str:
    """Return an address in its one spelling, empty when the text is none.

    Brackets, a port behind brackets or behind an IPv4 address, and the zone of a link are left out; an IPv4 address in
    IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. A colon behind an IPv6 address belongs to it: `a:b:c:1287::1:1` has no port.
    """
    text = text.strip()
    if _V4.fullmatch(text):
        return text
    if len(text) > 100:
        return ""
    ported = _PORTED.match(text)
    return _parsed(ported[1] or ported[2] if ported else text)


def _parsed(text: str) -> str:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


class Trusted:
    """The proxies whose word about their client is taken: networks as CIDR or single addresses."""

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        """Raise ValueError for what is no network."""
        self._networks: tuple[Network, ...] = tuple(
            ipaddress.ip_network(text, strict=False) for text in proxies
        )
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._networks)

    def has(self, address: str) -> bool:
        """Tell whether an address (in its one spelling) is one of the proxies."""
        if address not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[address] = self._looked_up(address)
        return self._known[address]

    def _looked_up(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def client(peer: str, trusted: Trusted, forwarded: str = "", connecting: str = "") -> str:
    """Return who asked: the peer, or, only where that is a trusted proxy, whom it names.

    `forwarded` is X-Forwarded-For or the `for=` of Forwarded (RFC 7239), read from the right: what stands left of the first
    hop that is no trusted proxy may be anybody's invention, and so may everything left of what is no address. `connecting` is
    a header of one address (CF-Connecting-IP). A proxy that is not Cloudflare's hands on whatever a client wrote there, so it
    counts only where the log tells no `forwarded`.
    """
    if not trusted or not trusted.has(peer):
        return peer
    if forwarded:
        return _last_untrusted(peer, trusted, forwarded)
    return normal(connecting) or peer


def _last_untrusted(peer: str, trusted: Trusted, forwarded: str) -> str:
    for hop in reversed(forwarded.split(",")[-HOPS:]):
        found = normal(_hop(hop))
        if not found:
            return peer
        peer = found
        if not trusted.has(found):
            return found
    return peer


def _hop(text: str) -> str:
    text = text.strip()
    if text[:4].lower() == "for=":
        text = text[4:].partition(";")[0]
    return text.strip('"')
