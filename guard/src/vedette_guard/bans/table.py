"""Whether an address is banned: by itself, or by a network it lies in; what is allowed never is.

A table is made anew with each change and never changed, so any thread may read it. Looking costs a hash for each
length of prefix that is in use; an address that asks again costs one.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping

from vedette_guard.decisions.bans import Ban
from vedette_guard.decisions.forwarding import parse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Lengths = tuple[tuple[int, Mapping[int, float]], ...]
REMEMBERED = 8192
MAPPED = 0xFFFF  # what stands before an IPv4 address in an IPv6 one (RFC 4291, 2.5.5.2)
# Whoever sends the list cannot lock the machine's own people out (detection.md: private ranges are never banned).
NEVER = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
)


class Table:
    """Networks by family and length of prefix, each with the instant until which it counts."""

    __slots__ = ("_allowed_v4", "_allowed_v6", "_remembered", "_v4", "_v6", "size")

    def __init__(self, bans: Iterable[Ban], allowed: Iterable[str] = ()) -> None:
        banned = [(ipaddress.ip_network(ban.network), ban.until) for ban in bans]
        always = [(ipaddress.ip_network(text), float("inf")) for text in (*NEVER, *allowed)]
        self.size = len(banned)
        self._v4, self._v6 = _by_length(banned, 4), _by_length(banned, 6)
        self._allowed_v4, self._allowed_v6 = _by_length(always, 4), _by_length(always, 6)
        self._remembered: dict[str, float] = {}

    def until(self, address: str) -> float:
        """Return until when an address is banned (seconds since 1970); 0 when it is not, or is none."""
        known = self._remembered.get(address)
        if known is not None:
            return known
        until = self._found(address)
        if len(address) < 64:
            if len(self._remembered) >= REMEMBERED:
                self._remembered = {}
            self._remembered[address] = until
        return until

    def _found(self, address: str) -> float:
        try:
            if ":" not in address:
                return self._found_v4(int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big"))
            number = int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big")
            return self._found_v4(number & 0xFFFFFFFF) if number >> 32 == MAPPED else self._found_v6(number)
        except (OSError, ValueError):  # with a port, a zone, or none at all
            parsed = parse(address)
        if parsed is None:
            return 0.0
        return self._found_v4(int(parsed)) if parsed.version == 4 else self._found_v6(int(parsed))

    def _found_v4(self, number: int) -> float:
        until = _latest(self._v4, number)
        return 0.0 if until and _latest(self._allowed_v4, number) else until

    def _found_v6(self, number: int) -> float:
        until = _latest(self._v6, number)
        return 0.0 if until and _latest(self._allowed_v6, number) else until


def _by_length(networks: list[tuple[Network, float]], version: int) -> Lengths:
    tables: dict[int, dict[int, float]] = {}
    for network, until in networks:
        if network.version == version:
            shift = network.max_prefixlen - network.prefixlen
            table = tables.setdefault(shift, {})
            number = int(network.network_address) >> shift
            table[number] = max(until, table.get(number, 0.0))
    return tuple(sorted(tables.items()))


def _latest(lengths: Lengths, number: int) -> float:
    until = 0.0
    for shift, table in lengths:
        found = table.get(number >> shift)
        if found is not None and found > until:
            until = found
    return until
