"""What an http check can be told, and which of it can never work. Decisions only."""

import enum
import functools
import re
from collections.abc import Mapping

import msgspec

from vedette.core.place import place
from vedette.instruments.probe.optioning import wrong

SCHEMES = {"http": 80, "https": 443}
PROXIES = {"http": 3128, "https": 443, "socks5": 1080}
MOST_BYTES = 64 << 20
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_RANGE = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class Version(enum.StrEnum):
    """The version of HTTP that must be spoken; `auto` takes what the server offers."""

    AUTO = "auto"
    ONE = "1.1"
    TWO = "2"
    THREE = "3"


class HttpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an http check asks, and what it accepts; see docs/monitors.md."""

    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: str = ""
    status: str = "200-299"
    user: str = ""
    password: str = ""
    token: str = ""
    client_certificate: str = ""
    client_key: str = ""
    verify: bool = True
    authority: str = ""
    follow: bool = True
    most_redirects: int = 10
    version: Version = Version.AUTO
    proxy: str = ""
    proxy_user: str = ""
    proxy_password: str = ""
    max_bytes: int = 4 << 20


def check(options: HttpOptions, can: Mapping[str, bool]) -> None:
    """Raise `Invalid` for what can never work; `can` says which versions of HTTP this libcurl speaks."""
    if not re.fullmatch(r"[A-Z]{1,20}", options.method) or options.method in {"CONNECT", "TRACE"}:
        raise wrong("method", "write GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")
    for name, value in options.headers.items():
        check_header(name, value)
    for name in ("user", "password", "token", "proxy_user", "proxy_password"):
        if not _LINE.fullmatch(getattr(options, name)):
            raise wrong(name, "it holds control characters")
    if ":" in options.user:
        raise wrong("user", "a name for Basic authentication holds no colon")
    if options.token and options.user:
        raise wrong("token", "give either a token or user and password")
    accepted(options.status)
    if not 0 <= options.most_redirects <= 50:
        raise wrong("most_redirects", "between 0 and 50")
    if not 0 < options.max_bytes <= MOST_BYTES:
        raise wrong("max_bytes", f"between 1 and {MOST_BYTES}")
    if options.version.value in can and not can[options.version.value]:
        raise wrong("version", f"this libcurl does not speak HTTP/{options.version}")
    _check_proxy(options.proxy)


@functools.lru_cache(maxsize=1024)
def accepted(status: str) -> tuple[range, ...]:
    """Return the statuses that are fine (`200-299,304`) as ranges; raises `Invalid`."""
    found = []
    for part in status.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise wrong("status", f"{part.strip()[:40]} is no status; write for example 200-299,401")
        found.append(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(found)


def check_header(name: str, value: str) -> None:
    """Raise `Invalid` for a header that cannot be sent, or is not for people to set."""
    if not _TOKEN.fullmatch(name):
        raise wrong("headers", f"{name[:80]!r} is no name of a header")
    if name.lower() in _OURS - {"host"}:
        raise wrong("headers", f"{name} is set by the connection itself")
    if not _LINE.fullmatch(value):
        raise wrong("headers", f"the value of {name} holds control characters")


def _check_proxy(proxy: str) -> None:
    try:
        if proxy:
            place(proxy, PROXIES)
    except ValueError as error:
        raise wrong("proxy", str(error)) from error
