"""What rules compare: the fields of an entry in lower case, and of requests the target as the server would understand it."""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from vedette.instruments.logs.types import LogEntry

MOST_KEPT = 16_384
LONGEST_KEPT = 256
_ROUNDS = 3  # an attacker who encodes thrice is understood by nobody
_ESCAPED = re.compile(r"(?:\\x|%u00|\\u00)([0-9a-f]{2})|\\([\"/\\])")
Reader = Callable[[LogEntry], str]


def reader(name: str) -> Reader:
    """Return what reads a field of an entry as it stands there; `target` is path and query, `user` and `address` the entry's own."""
    return _OWN.get(name) or (lambda entry: entry.fields.get(name, ""))


def own_reader(name: str) -> Reader | None:
    """Return what reads a field that is not simply one of `fields`; None for those."""
    return _OWN.get(name)


def plain(name: str, value: str) -> str:
    """Return a value as it is compared: in lower case, decoded where it is a part of a URL."""
    return decoded(value) if name in _OF_URLS else value.lower()


def decoded(target: str) -> str:
    """Return a target in lower case without its encodings: percents (up to three times), `+` in the query, `\\x22` of logs.

    Bytes that are no ASCII come out as Latin-1: rules look for ASCII, and overlong forms stay visible.
    """
    text = target.lower()
    if "\\" in text or "%u" in text:
        text = _ESCAPED.sub(lambda found: found[2] or chr(int(found[1], 16)), text)
    if "+" in text:
        path, mark, query = text.partition("?")
        text = path + mark + query.replace("+", " ") if mark else text
    for _ in range(_ROUNDS):
        if "%" not in text:
            break
        text = unquote_to_bytes(text).decode("latin-1").lower()
    return text


def _target(entry: LogEntry) -> str:
    query = entry.fields.get("query")
    path = entry.fields.get("path", "")
    return f"{path}?{query}" if query else path


_OF_URLS = frozenset({"target", "path", "query"})
_OWN: dict[str, Reader] = {
    "target": _target,
    "user": lambda entry: entry.user,
    "address": lambda entry: entry.address,
    "service": lambda entry: entry.service,
    "source": lambda entry: entry.source,
    "all": lambda _: "",
}


class Groups:
    """Which bucket an address belongs to: its own, or with IPv6 that of its /64. Remembers a bounded number."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._known: dict[str, str] = {}
        self._most = most

    def of(self, address: str) -> str:
        """Return the group of an address as text; what is no address is a group of its own."""
        if ":" not in address:
            return address
        found = self._known.get(address)
        if found is None:
            if len(self._known) >= self._most:
                self._known.clear()
            found = self._known[address] = network_of(address)
        return found


def network_of(address: str) -> str:
    """Return the /64 of an IPv6 address; anything else unchanged. IPv4 addresses written as IPv6 are IPv4."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
