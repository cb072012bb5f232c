"""Which host a request is for (RFC 9110, section 7.2): one spelling, or none at all."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable

_SHAPE = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?)(?::([0-9]{1,5}))?")
_PATTERN = re.compile(r"(\*\.)?(.+)")
LONGEST = 262  # 253 of a name, a dot, brackets, a port
MALFORMED = "the Host header is malformed, or there are several"
DEFAULT_PORTS = ("", "80", "443")


def split(host: str) -> tuple[str, str] | None:
    """Return name (lower case, without a dot at its end) and port of a host header; None when it is malformed."""
    if len(host) > LONGEST:
        return None
    match = _SHAPE.fullmatch(host.lower())
    if match is None or (match[2] and not 0 < int(match[2]) < 65536) or ".." in match[1]:
        return None
    name = match[1].rstrip(".")
    return (name, match[2] or "") if name[0] != "[" or _is_six(name) else None


def _is_six(name: str) -> bool:
    try:
        ipaddress.IPv6Address(name[1:-1])
    except ValueError:
        return False
    return True


def normal(host: str) -> str:
    """Return a host in one spelling, without a port that is a scheme's own; empty when it is malformed."""
    parts = split(host)
    if parts is None:
        return ""
    name, port = parts
    return name if port in DEFAULT_PORTS else f"{name}:{port}"


def is_pattern(text: str) -> bool:
    """Tell whether a text names hosts: a name, `*.` and a name, or one of them with a port; `*` is any."""
    match = _PATTERN.fullmatch(text)
    return text == "*" or (match is not None and split(match[2]) is not None)


def judge(allowed: tuple[str, ...]) -> Callable[[str], str]:
    """Return a function that tells why a host is refused; an empty text lets it in. It remembers what it decided."""
    patterns = tuple(pattern.lower() for pattern in allowed)

    def why_not(host: str) -> str:
        return known(host) if len(host) <= LONGEST else MALFORMED  # what is long is not remembered

    @functools.lru_cache(1024)
    def known(host: str) -> str:
        parts = split(host)
        if parts is None:
            return MALFORMED
        if not patterns or any(_fits(pattern, *parts) for pattern in patterns):
            return ""
        return "this host is not served here"

    return why_not


def _fits(pattern: str, name: str, port: str) -> bool:
    if pattern == "*":
        return True
    wild = pattern.startswith("*.")
    wanted, wanted_port = split(pattern[2:] if wild else pattern) or ("", "")
    if wanted_port not in ("", port):
        return False
    return name.endswith("." + wanted) if wild else name == wanted
