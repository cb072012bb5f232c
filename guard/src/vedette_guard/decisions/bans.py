"""What the feed of bans says, and the list that becomes of it."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST, LONGEST = 200_000, 200


class Ban(NamedTuple):
    """A network that is banned until an instant (seconds since 1970), and why."""

    network: str
    until: float
    reason: str


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
        return read_page(json.loads(text, parse_int=float))  # an int may have too many digits for one
    except RecursionError as error:
        raise ValueError("the list of bans is nested too deeply") from error


def read_ban(said: Any) -> Ban | None:
    """Return an entry of the list; None for one that is none, or is another measure than a ban."""
    if not isinstance(said, dict) or said.get("type", "ban") != "ban":
        return None
    network, until = _network(said.get("scope")), _instant(said.get("until"))
    return Ban(network, until, str(said.get("reason", ""))[:LONGEST]) if network and until > 0 else None


def _instant(said: object) -> float:
    """Return an instant; 0 for what is none, and for a number too large for one."""
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return 0.0
    try:
        found = float(said)
    except OverflowError:
        return 0.0
    return found if math.isfinite(found) else 0.0


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
