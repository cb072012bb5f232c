"""Where a URL points. A decision only: nothing is looked up or opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from vedette.core import address

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
_UNQUOTED = "/%?&=:@!$'()*+,;~[]"


@dataclass(frozen=True)
class Place:
    """A URL taken apart; `host` is ASCII, `path` includes the query, `host_header` is what the Host header says."""

    scheme: str
    host: str
    port: int
    path: str
    host_header: str


def place(url: str, ports: Mapping[str, int]) -> Place:
    """Return where a URL points; `ports` are the schemes that may be asked with the usual port of each.

    Raises `ValueError` with the reason when it is none of them.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"not a URL ({error})") from error
    if parts.scheme not in ports:
        raise ValueError(f"it must begin with {_either(ports)}")
    if not host or "@" in parts.netloc:
        raise ValueError("it needs a host, and no user or password")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise ValueError("it holds spaces or control characters")
    host = _checked(host)
    usual = ports[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    header = shown if port in {None, usual} else f"{shown}:{port}"
    return Place(parts.scheme, host, port or usual, quote(path, safe=_UNQUOTED), header)


def _either(ports: Mapping[str, int]) -> str:
    *most, last = [f"{scheme}://" for scheme in ports]
    return f"{', '.join(most)} or {last}" if most else last


def _checked(host: str) -> str:
    if ":" in host:
        if address.parse(host) is None:
            raise ValueError("its host is no address")
        return host
    return _ascii(host)


def _ascii(host: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"its host name is not valid ({error})") from error
    if not _HOST.fullmatch(name):
        raise ValueError("its host name holds characters that no host name has")
    return name
