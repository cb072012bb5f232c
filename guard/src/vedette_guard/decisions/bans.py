"""Whether an address is banned: by itself, or by a network it lies in; what is allowed never is.

A table is made anew with each change and never changed, so any thread may read it. Looking costs a hash for each
length of prefix that is in use.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from vedette_guard.decisions.forwarding import parse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST, LONGEST = 200_000, 200
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


class Ban(NamedTuple):
    """A network that is banned until an instant (seconds since 1970), and why."""

    network: str
    until: float
    reason: str


Lengths = tuple[tuple[int, Mapping[int, float]], ...]


class Table:
    """Networks by family and length of prefix, each with the instant until which it counts."""

    __slots__ = ("_allowed", "_v4", "_v6", "size")

    def __init__(self, bans: Iterable[Ban], allowed: Iterable[str] = ()) -> None:
        networks = [(ipaddress.ip_network(ban.network), ban.until) for ban in bans]
        self.size = len(networks)
        self._v4 = _by_length([pair for pair in networks if pair[0].version == 4])
        self._v6 = _by_length([pair for pair in networks if pair[0].version == 6])
        always = [(ipaddress.ip_network(text), float("inf")) for text in (*NEVER, *allowed)]
        self._allowed = {
            version: _by_length([p for p in always if p[0].version == version]) for version in (4, 6)
        }

    def until(self, address: str) -> float:
        """Return until when an address is banned (seconds since 1970); 0 when it is not, or is none."""
        parsed = parse(address)
        if parsed is None:
            return 0.0
        number = int(parsed)
        version = parsed.version
        until = _latest(self._v4 if version == 4 else self._v6, number)
        return 0.0 if until and _latest(self._allowed[version], number) else until


def _by_length(networks: list[tuple[Network, float]]) -> Lengths:
    tables: dict[int, dict[int, float]] = {}
    for network, until in networks:
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


class Page(NamedTuple):
    """One answer of the feed: where to go on, whether it is the whole list, what came and went, whether there is more."""

    cursor: str
    whole: bool
    added: tuple[Ban, ...]
    removed: tuple[str, ...]
    more: bool


def read_page(said: Any) -> Page:
    """Return an answer of the feed. Raise ValueError for one that has not its shape; entries that are none are left out."""
    if not isinstance(said, dict) or not isinstance(said.get("cursor"), str):
        raise ValueError("the list of bans has not its shape: a `cursor` is missing")  # noqa: TRY004
    added, removed = said.get("added", []), said.get("removed", [])
    if not isinstance(added, list) or not isinstance(removed, list):
        raise ValueError("the list of bans has not its shape: `added` and `removed` are lists")  # noqa: TRY004
    found = tuple(ban for ban in map(read_ban, added) if ban is not None)
    gone = tuple(text for text in map(_network, removed) if text)
    return Page(said["cursor"][:LONGEST], said.get("reset") is True, found, gone, said.get("more") is True)


def read_text(text: bytes) -> Page:
    """Return an answer of the feed from its text, as `read_page` does."""
    try:
        return read_page(json.loads(text))
    except RecursionError as error:
        raise ValueError("the list of bans is nested too deeply") from error


def read_ban(said: Any) -> Ban | None:
    """Return an entry of the list; None for one that is none, or is another measure than a ban."""
    if not isinstance(said, dict) or said.get("type", "ban") != "ban":
        return None
    network, until = _network(said.get("scope")), said.get("until")
    if not network or isinstance(until, bool) or not isinstance(until, (int, float)) or not until > 0:
        return None
    return Ban(network, float(until), str(said.get("reason", ""))[:LONGEST])


def _network(text: object) -> str:
    """Return a network in one spelling; empty for what is none, and for what would ban everybody."""
    try:
        network = ipaddress.ip_network(str(text)[:64], strict=False)
    except ValueError:
        return ""
    return str(network) if network.prefixlen >= (8 if network.version == 4 else 16) else ""


def merged(bans: Mapping[str, Ban], page: Page, now: float) -> dict[str, Ban]:
    """Return the bans after an answer of the feed, without those that are over; of too many the longest stay."""
    kept = {} if page.whole else dict(bans)
    kept.update((ban.network, ban) for ban in page.added)
    for network in page.removed:
        kept.pop(network, None)
    alive = [ban for ban in kept.values() if ban.until > now]
    alive.sort(key=lambda ban: -ban.until)
    return {ban.network: ban for ban in alive[:MOST]}
