"""A policy as a whole Caddyfile (Caddy 2.6 or later)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from vedette_guard.decisions import hosts
from vedette_guard.durations import certain
from vedette_guard.plan import compile_policy
from vedette_guard.policy import Limits, Policy
from vedette_guard.proxies import caddy_access, lacking, tls
from vedette_guard.proxies.caddy_headers import Headers, missing_cookies
from vedette_guard.proxies.caddy_text import block
from vedette_guard.proxies.nginx import LARGEST, LARGEST_HEADERS, ramp_note
from vedette_guard.proxies.places import Place, places
from vedette_guard.proxies.site import Rendering, Site, head

LONGEST_BODY = 365 * 86400  # seconds
# WebSockets alone: h2c would be a tunnel past everything that is decided here.
_NO_TUNNEL = [
    *block("@tunnel", ["header Upgrade *", "not header_regexp Upgrade (?i)^websocket$"]),
    "request_header @tunnel -Upgrade",
]


def render(policy: Policy, site: Site, today: datetime.date) -> Rendering:
    """Return the configuration. Raise PolicyError for a wrong policy, ProxyError for what Caddy cannot read."""
    where = places(compile_policy(policy, today))
    headers = Headers(where)
    servers = [
        *_server(policy, site, where, headers, secure=False),
        *_server(policy, site, where, headers, secure=True),
    ]
    missing = tuple(dict.fromkeys((*_missing(policy, where, site), *_missing_headers(policy, headers))))
    notes = (f"TLS: {tls.SOURCE}.", *ramp_note(policy, today))
    lines = [*head("Caddy", notes, missing), *_options(policy, site), *servers]
    return Rendering("\n".join(lines) + "\n", missing)


def _options(policy: Policy, site: Site) -> list[str]:
    limits = policy.limits
    seconds = _longest(limits)
    servers = [
        *([f"max_header_size {min(limits.headers, LARGEST_HEADERS)}"] if limits.headers else []),
        *(block("timeouts", [f"read_body {seconds}s"]) if seconds else []),
    ]
    return block("", [
        "auto_https disable_redirects",
        f"http_port {site.http_port}",
        f"https_port {policy.https.port}",
        *block("servers", servers),
    ])  # fmt: skip


def _longest(limits: Limits) -> int:
    """Return for how many seconds a body may come at most, as slowly as the policy allows; 0 for any time."""
    patience = certain(limits.body_time)
    if not patience or (limits.body_rate and not limits.body):
        return 0
    earned = limits.body // limits.body_rate if limits.body_rate else 0
    return patience + earned if patience + earned <= LONGEST_BODY else 0


def _server(
    policy: Policy, site: Site, where: tuple[Place, ...], headers: Headers, *, secure: bool
) -> list[str]:
    scheme = "https" if secure else "http"
    routes = [
        *caddy_access.hosts(policy.hosts),
        *([] if secure else caddy_access.moved(policy, where)),
        *_handles(site, where, headers, scheme),
    ]
    root = where[-1]
    failing = [
        *headers.of_errors(root, scheme),
        'respond "{http.error.status_code} {http.error.status_text}"',
    ]
    inner = [*(_tls(site) if secure else []), *block("route", routes), *block("handle_errors", failing)]
    return block(", ".join(_names(policy, site)) if secure else "http://", inner)


def _names(policy: Policy, site: Site) -> list[str]:
    """Return the addresses for which Caddy obtains certificates; any, where hosts or a certificate are given so."""
    named = [(text, hosts.split(text.removeprefix("*."))) for text in policy.hosts if text != "*"]
    known = [(text, parts[0]) for text, parts in named if parts and parts[0][0] != "["]
    if site.certificate or len(known) < len(policy.hosts) or not known:
        return ["https://"]
    return list(
        dict.fromkeys(f"https://{'*.' if text.startswith('*.') else ''}{name}" for text, name in known)
    )


def _tls(site: Site) -> list[str]:
    files = f"{site.certificate} {site.key} " if site.certificate else ""
    curves = " ".join({"X25519": "x25519", "prime256v1": "secp256r1"}.get(name, name) for name in tls.CURVES)
    return block(f"tls {files}".rstrip(), [
        f"protocols {' '.join(version.lower().replace('tlsv', 'tls') for version in tls.VERSIONS)}",
        f"ciphers {' '.join(tls.CIPHERS_IANA)}",
        f"curves {curves}",
    ])  # fmt: skip


def _handles(site: Site, where: tuple[Place, ...], headers: Headers, scheme: str) -> list[str]:
    """Return a block for each part of the paths; the first one that fits counts, as each ends with the proxy."""
    root = where[-1]
    odd = caddy_access.odd("@odd")
    lines = (
        [*odd, *block("handle @odd", _inside(site, root, headers, scheme, odd=True))]
        if len(where) > 1
        else []
    )
    for place in where[:-1]:
        name = f"@{place.name}"
        lines += [
            caddy_access.path(name, place.prefix),
            *block(f"handle {name}", _inside(site, place, headers, scheme)),
        ]
    return [*lines, *block("handle", _inside(site, root, headers, scheme))]


def _inside(site: Site, place: Place, headers: Headers, scheme: str, *, odd: bool = False) -> list[str]:
    limits = place.plan.policy.limits
    size = block("request_body", [f"max_size {limits.body}"]) if 0 < limits.body <= LARGEST else []
    sorted_ = [
        *headers.of(place, scheme), *caddy_access.foreign(place, odd=odd), *size, *_NO_TUNNEL, *_proxy(site, place),
    ]  # fmt: skip
    return block("route", sorted_)


def _proxy(site: Site, place: Place) -> list[str]:
    networks = [n for n in place.plan.policy.proxies.trusted if n != "unix"]
    trusted = place.plan.policy.proxies.header == "x-forwarded-for" and networks
    inner = [f"trusted_proxies {' '.join(networks)}"] if trusted else []
    upstream = site.upstream.replace("unix:/", "unix//")
    return block(f"reverse_proxy {upstream}", [*inner, "header_up -Forwarded"])


def _missing_headers(policy: Policy, headers: Headers) -> Iterator[str]:
    yield from headers.missing
    if headers.framed:
        yield "headers.frames: an X-Frame-Options of the application does not change frame-ancestors"
    if policy.https.redirect or policy.hosts:
        yield "headers of refusals and redirects by Caddy itself"


def _missing(policy: Policy, where: tuple[Place, ...], site: Site) -> Iterator[str]:
    yield from lacking.anywhere(policy, where)
    yield tls.LEFT_OUT
    if policy.rates:
        yield f"rates: {', '.join(rate.name for rate in policy.rates)}; Caddy counts no requests without a plug-in"
    yield from missing_cookies(policy)
    if "unix" in policy.proxies.trusted or (
        policy.proxies.trusted and policy.proxies.header != "x-forwarded-for"
    ):
        yield "proxies: Caddy trusts networks only, and reads X-Forwarded-For only"
    if any(place.plan.policy.cors.credentials for place in where):
        yield "cors.credentials: Caddy could lend them to origins that the application allows without"
    if any(text.startswith("*.") for text in policy.hosts) and not site.certificate:
        yield "https: a certificate for *. names needs a DNS challenge in Caddy, or --certificate"
    if len({(p.plan.policy.limits.headers, p.plan.policy.limits.body_time) for p in where}) > 1:
        yield "limits of paths: only the size of bodies; headers and times are those of all paths"
    if policy.limits.headers > LARGEST_HEADERS or any(p.plan.policy.limits.body > LARGEST for p in where):
        yield f"limits: headers of more than {LARGEST_HEADERS} and bodies of more than {LARGEST} bytes"
    if certain(policy.limits.body_time):
        yield "limits.body_time, body_rate: the longest time that they allow any body, however small"
