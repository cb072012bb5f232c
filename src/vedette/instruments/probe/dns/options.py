"""What a dns check can be told, and how its URL is read: `dns://name?type=MX`, `dns://server/name?type=MX`. Decisions only."""

import enum
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from vedette.core.place import place
from vedette.instruments.probe.optioning import wrong

SCHEMES = {"dns": 53}
_TYPE = re.compile(r"[A-Z][A-Z0-9]{0,15}")
_NAME = re.compile(r"(?:[A-Za-z0-9_*-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|\.")
_NEVER = frozenset({"ANY", "AXFR", "IXFR", "OPT", "TSIG", "TKEY", "MAILA", "MAILB"})


class Match(enum.StrEnum):
    """How the records must fit the expected values: all of them there, exactly them, or any of them."""

    ALL = "all"
    EXACT = "exact"
    ANY = "any"


class Proof(enum.StrEnum):
    """How an answer must be proven: not at all, by the resolver's word (AD), or by signatures up to the root."""

    NONE = ""
    AD = "ad"
    VALIDATE = "validate"


class DnsOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked and expected; see docs/monitors.md.

    `each` asks every name server of the zone, at `port`, and wants them to agree. `anchors` are trusted instead of
    the root's (`zone keytag algorithm digesttype digest`).
    """

    type: str = "A"
    values: Sequence[str] = ()
    match: Match = Match.ALL
    each: bool = False
    port: int = 53
    dnssec: Proof = Proof.NONE
    anchors: Sequence[str] = ()


class Question(NamedTuple):
    """What is asked of whom; an empty `server` is the resolver of the standpoint or of the request."""

    name: str
    type: str
    server: str
    port: int


def question(url: str, options: DnsOptions) -> Question:
    """Return what a URL asks; raises `Invalid`."""
    try:
        parts = urlsplit(url)
        path = unquote(parts.path.strip("/"))
        name = path or _host(url)
        found = Question(name, _type(parts.query, options), *_server(url, path))
    except ValueError as error:
        raise wrong("url", f"{url[:200]} is not as in dns://example.org?type=MX ({error})") from error
    if not _NAME.fullmatch(found.name) or len(found.name) > 254:
        raise wrong("url", f"{found.name[:100]!r} is no name that can be asked for")
    if not _TYPE.fullmatch(found.type) or found.type in _NEVER:
        raise wrong(
            "type", f"{found.type[:20]!r} is no type of record that can be asked for; A, AAAA, MX, TXT, … can"
        )
    return found


def _host(url: str) -> str:
    return place(url.partition("?")[0], SCHEMES).host


def _server(url: str, path: str) -> tuple[str, int]:
    if not path:
        return "", 53
    found = place(url, SCHEMES)
    return found.host, found.port


def _type(query: str, options: DnsOptions) -> str:
    return parse_qs(query).get("type", [options.type])[0].upper()


def why_unfit(records: Sequence[str], options: DnsOptions) -> str | None:
    """Return in which way records are not the expected ones, None when they are."""
    wanted, found = {_plain(text) for text in options.values}, {_plain(text) for text in records}
    if not wanted:
        return None
    shown = ", ".join(records)[:200] or "none"
    if options.match is Match.ANY:
        return None if wanted & found else f"none of {', '.join(options.values)[:200]} is there, but {shown}"
    missing = sorted(wanted - found)
    if missing:
        return f"{', '.join(missing)[:200]} is missing; there is {shown}"
    more = sorted(found - wanted)
    return f"{', '.join(more)[:200]} is there too" if more and options.match is Match.EXACT else None


def _plain(text: str) -> str:
    """Return a record as it is compared: case, quotes, final dots and runs of spaces do not matter."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"' and '"' not in bare[1:-1]:
        bare = bare[1:-1]
    return " ".join(part.rstrip(".") or "." for part in bare.lower().split())
