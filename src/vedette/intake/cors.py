"""Whether a web page may send from where it stands, and the headers that tell its browser so."""

from functools import lru_cache

Headers = list[tuple[bytes, bytes]]

_EXPOSED = (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after")
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        (
            b"x-sentry-auth, x-requested-with, origin, accept, content-type, content-encoding, authentication, "
            b"authorization, sentry-trace, baggage, traceparent"
        ),
    ),
    (b"access-control-max-age", b"3600"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


@lru_cache(maxsize=1024)
def allows(origins: tuple[str, ...], origin: str) -> bool:
    """Return whether an `Origin` header is among a key's allowed origins.

    An allowed origin is `*` (all), an exact origin `https://shop.example.org`, a host `shop.example.org`, or
    a host with its subdomains `*.example.org`. A port counts only where the allowed origin names one.
    """
    scheme, mark, host = origin.lower().partition("://")
    if not mark:
        return "*" in origins
    return any(_fits(allowed.strip().lower().rstrip("/"), scheme, host) for allowed in origins)


def _fits(allowed: str, scheme: str, host: str) -> bool:
    wanted_scheme, mark, wanted = allowed.rpartition("://")
    if mark and wanted_scheme != scheme:
        return False
    if wanted == "*":
        return True
    name = host if ":" in wanted.rpartition("]")[2] else _without_port(host)
    if wanted.startswith("*."):
        return name == wanted[2:] or name.endswith(wanted[1:])
    return name == wanted


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def headers(origin: bytes, origins: tuple[str, ...] = ("*",)) -> Headers:
    """Return the headers of an answer to a request from an allowed origin."""
    if "*" in origins:
        return [(b"access-control-allow-origin", b"*"), _EXPOSED]
    return [(b"access-control-allow-origin", origin), (b"vary", b"Origin"), _EXPOSED]


def preflight(origin: bytes, origins: tuple[str, ...] = ("*",)) -> Headers:
    """Return the headers that answer a preflight from an allowed origin."""
    return [*headers(origin, origins), *_PREFLIGHT]
