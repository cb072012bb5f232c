"""Where a URL points, and which of a host's addresses may be reached. Decisions only, nothing is opened."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import msgspec

from vedette.core import address
from vedette.plumbing.net.port import NetError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
_UNQUOTED = "/%?&=:@!$'()*+,;~[]"


class Target(msgspec.Struct, frozen=True):
    """A URL taken apart; `path` includes the query. `host_header` is what the Host header says."""

    scheme: str
    host: str
    port: int
    path: str
    host_header: str


def target(url: str) -> Target:
    """Return where a URL points; raises a permanent `NetError` when it is not one we would ask."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(f"not a URL ({error})") from error
    if parts.scheme not in _PORTS:
        raise _refused("it must begin with http:// or https://")
    if not host or "@" in parts.netloc:
        raise _refused("it needs a host, and no user or password")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise _refused("it holds spaces or control characters")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if ":" not in host:
        host = _ascii(host)
    elif address.parse(host) is None:
        raise _refused("its host is no address")
    shown = f"[{host}]" if ":" in host else host
    default = port in {None, _PORTS[parts.scheme]}
    return Target(
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        quote(path, safe=_UNQUOTED),
        shown if default else f"{shown}:{port}",
    )


def reachable(host: str, addresses: Sequence[str], *, allow_private: bool) -> list[str]:
    """Return the addresses that may be reached; raises a permanent `NetError` when there is none."""
    allowed, reasons = address.AddressPolicy(allow_private=allow_private).sift(addresses)
    if not allowed:
        told = "; ".join(reasons) or "it has no address"
        raise NetError(
            f"{host} was not asked: {told}. Set allow_private_addresses to reach private networks.",
            permanent=True,
        )
    return allowed


def _ascii(host: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise _refused(f"its host name is not valid ({error})") from error
    if not _HOST.fullmatch(name):
        raise _refused("its host name holds characters that no host name has")
    return name


def _refused(why: str) -> NetError:
    return NetError(f"This URL was not asked: {why}.", permanent=True)
