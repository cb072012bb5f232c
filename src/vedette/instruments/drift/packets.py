"""The ruleset of nftables as text, by chain and set: what people wrote, without what changes by itself.

Our own table is not looked at, counters are left out, and so are the elements of sets that fill by themselves (flags `dynamic`
or `timeout`) and those of other programs that ban.
"""

import json
import re
from collections.abc import Iterator

from vedette.instruments.drift.comparing import bounded
from vedette.instruments.drift.types import State
from vedette.instruments.live.types import Live, Missing, Unreadable

OURS = ("inet", "vedette")
_BANNERS = ("f2b-", "crowdsec", "sshguard", "blocklist")
_HEAD = re.compile(r"\t(chain|set|map|flowtable|counter|quota|limit|ct \w+|secmark|synproxy) (\S+) \{")
_MOST_TABLES = 100


def read(live: Live) -> State:
    """Return every chain, set and map of others, as `family table kind name`; nothing where there is no nft."""
    try:
        told = json.loads(live.ran("nft", "-j", "list", "tables"))
    except Missing:
        return {}
    found: dict[str, str] = {}
    for family, name in _tables(told):
        text = live.ran("nft", "-s", "-nn", "list", "table", family, name)
        found[f"{family} {name}"] = "table"
        found.update(_objects(f"{family} {name}", text, bans=name.startswith(_BANNERS)))
    return found


def _tables(told: object) -> list[tuple[str, str]]:
    listed = told.get("nftables") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise Unreadable("nft says something that is no list of tables.")
    tables = [one["table"] for one in listed if isinstance(one, dict) and "table" in one]
    found = [(str(one.get("family")), str(one.get("name"))) for one in tables]
    return [one for one in found if one != OURS][:_MOST_TABLES]


def _objects(table: str, text: str, *, bans: bool) -> Iterator[tuple[str, str]]:
    """Yield each object of a table: it begins with its head and ends with a brace in the first column."""
    subject, inside = "", list[str]()
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head and not subject:
            subject, inside = f"{table} {head[1]} {head[2]}", []
        elif line == "\t}" and subject:
            yield subject, bounded("\n".join(_lasting(inside, bans=bans)))
            subject = ""
        elif subject:
            inside.append(line.strip())


def _lasting(lines: list[str], *, bans: bool) -> Iterator[str]:
    """Yield what people wrote; elements go on over lines until the brace that closes them."""
    fills = bans or any(
        line.startswith("flags") and ("dynamic" in line or "timeout" in line) for line in lines
    )
    skipping = False
    for line in lines:
        skipping = skipping or (fills and line.startswith("elements = {"))
        if not skipping:
            yield line
        elif line.endswith("}"):
            skipping = False
