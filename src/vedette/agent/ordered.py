"""What the server ordered of how to detect, kept over restarts: modes of sets, own rules, trusted proxies."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from vedette.agent.config import SetMode
from vedette.instruments.logs.sources.ledger import written
from vedette.wire.agent.types import Orders

NAME = "ordered.json"


class Ordered(msgspec.Struct, frozen=True):
    """Modes by set of rules, rules as TOML, and proxies that are believed about their clients."""

    sets: Mapping[str, SetMode] = {}
    rules: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()


def after(before: Ordered, orders: Orders) -> Ordered:
    """Return what holds after orders came; where not everything is told, what is not named stays."""
    told = {name: SetMode(one.mode) for name, one in orders.sets.items() if one.mode in set(SetMode)}
    if orders.whole:
        return Ordered(told, orders.rules, orders.trusted_proxies)
    return Ordered(
        {**before.sets, **told},
        orders.rules or before.rules,
        orders.trusted_proxies or before.trusted_proxies,
    )


def read(folder: Path) -> Ordered:
    """Return what was ordered last; nothing where it cannot be read: the server tells it again."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Ordered)
    except (OSError, ValueError):
        return Ordered()


def keep(folder: Path, ordered: Ordered) -> None:
    """Keep what was ordered; raises `OSError`."""
    written(folder / NAME, msgspec.json.encode(ordered))
