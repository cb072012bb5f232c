"""Whether a request that changes something comes from the application's own pages.

The decision is that of Go's `http.CrossOriginProtection`: by Sec-Fetch-Site, which pages cannot forge; without it by
Origin; without both the request comes from no browser of the last years, and carries no one's cookies unasked. A
WebSocket's handshake is a GET that changes something, so it is judged as well.
"""

from __future__ import annotations

from vedette_guard.decisions import hosts

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})


def why_not(
    site: str | None, origin: str | None, host: str, *, same_site: bool, trusted: frozenset[str]
) -> str:
    """Return why an unsafe request is refused; an empty text lets it in.

    `site` is Sec-Fetch-Site; `host` the Host header; `trusted` are origins, normalised by `normal_origin`.
    """
    if site is not None and (site in OWN or (same_site and site == "same-site")):
        return ""
    if origin and trusted and normal_origin(origin) in trusted:
        return ""
    if site:
        return f"a {site if site in {'cross-site', 'same-site'} else 'foreign'} page sent it"
    if not origin or _same_host(origin, host):
        return ""
    return "a page of another origin sent it"


def normal_origin(origin: str) -> str:
    """Return an origin in one spelling, `https://shop.example`; empty when it is none (`null`)."""
    scheme, between, rest = origin.partition("://")
    parts = hosts.split(rest) if between else None
    if parts is None:
        return ""
    name, port = parts
    own = {"http": "80", "https": "443"}.get(scheme.lower(), "")
    return f"{scheme.lower()}://{name}{'' if port in ('', own) else ':' + port}"


def _same_host(origin: str, host: str) -> bool:
    normal = normal_origin(origin)
    return bool(normal) and hosts.normal(normal.partition("://")[2]) == hosts.normal(host)
