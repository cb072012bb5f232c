"""A policy as a file for nginx's `http` block (nginx 1.19.7 or later)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from vedette_guard.decisions import hosts
from vedette_guard.decisions.cookies import SESSIONS
from vedette_guard.durations import certain
from vedette_guard.plan import compile_policy
from vedette_guard.policy import Cookies, Policy
from vedette_guard.proxies import lacking, nginx_access, nginx_headers, nginx_rates, tls
from vedette_guard.proxies.nginx_text import Text, quote
from vedette_guard.proxies.places import Place, literal, pcre, places
from vedette_guard.proxies.site import ProxyError, Rendering, Site, head

LARGEST = 2**40  # bytes of a body; more is no limit
SMALLEST_HEADERS, LARGEST_HEADERS = 1024, 1024 * 1024
LONGEST_NAME = 100


def render(policy: Policy, site: Site, today: datetime.date) -> Rendering:
    """Return the configuration. Raise PolicyError for a wrong policy, ProxyError for what nginx cannot read."""
    if not site.certificate:
        raise ProxyError("nginx needs a certificate and its key")
    plans = compile_policy(policy, today)
    where = places(plans)
    text = Text()
    nginx_access.maps(text, plans, where)
    headers = nginx_headers.lines(text, where)
    rates = nginx_rates.limited(text, plans.metres)
    shared = [*_shared(policy), *_limits(policy), *_hidden(policy), *rates.lines, *headers]
    missing = tuple(dict.fromkeys((*_missing(policy, where), *rates.missing)))
    notes = (f"TLS: {tls.SOURCE}.", *ramp_note(policy, today))
    lines = [
        *head("nginx", notes, missing),
        *text.lines,
        *_server(policy, site, where, shared, secure=False),
        *_server(policy, site, where, shared, secure=True),
    ]
    return Rendering("\n".join(lines) + "\n", missing)


def ramp_note(policy: Policy, today: datetime.date) -> tuple[str, ...]:
    """Return the note that HSTS is that of a day, where it goes up by the ramp."""
    ramps = policy.https.hsts == "ramp" or any(
        p.https and p.https.hsts == "ramp" for p in policy.paths.values()
    )
    return (f"HSTS is that of {today.isoformat()}: render again as the ramp goes up.",) if ramps else ()


def _server(
    policy: Policy, site: Site, where: tuple[Place, ...], shared: list[str], *, secure: bool
) -> list[str]:
    port = policy.https.port if secure else site.http_port
    inner = [
        f"listen {port}{' ssl http2' if secure else ''};",
        f"listen [::]:{port}{' ssl http2' if secure else ''};",
        f"server_name {_names(policy)};",
        *(_tls(site) if secure else ["proxy_hide_header Strict-Transport-Security;"]),
        *shared,
        *nginx_access.refusals(policy, secure=secure),
        *_cookies(policy.cookies, secure=secure),
        *_locations(site, where),
    ]
    return ["server {", *(f"    {line}" for line in inner), "}"]


def _names(policy: Policy) -> str:
    """Return the names by which nginx picks this server; those with a port are told apart by the map of hosts."""
    named = [hosts.split(text.removeprefix("*.")) for text in policy.hosts if text != "*"]
    if len(named) < len(policy.hosts) or not named:
        return "_"
    wild = ["*." if text.startswith("*.") else "" for text in policy.hosts]
    names = (f"{star}{parts[0]}" for star, parts in zip(wild, named, strict=True) if parts)
    return " ".join(quote(name) for name in dict.fromkeys(names))


def _tls(site: Site) -> list[str]:
    return [
        f"ssl_certificate {site.certificate};",
        f"ssl_certificate_key {site.key};",
        f"ssl_protocols {' '.join(tls.VERSIONS)};",
        f"ssl_ciphers {':'.join(tls.CIPHERS)};",
        f"ssl_ecdh_curve {':'.join(tls.CURVES)};",
        "ssl_prefer_server_ciphers off;",
        "ssl_session_timeout 1d;",
        "ssl_session_cache shared:guard:10m;",
        "ssl_session_tickets off;",
    ]


def _shared(policy: Policy) -> list[str]:
    lines = ["server_tokens off;"]
    if policy.proxies.header == "x-forwarded-for" and policy.proxies.trusted:
        lines += [f"set_real_ip_from {'unix:' if n == 'unix' else n};" for n in policy.proxies.trusted]
        lines += ["real_ip_header X-Forwarded-For;", "real_ip_recursive on;"]
    return lines


def _limits(policy: Policy) -> list[str]:
    limits = policy.limits
    lines = [f"client_max_body_size {_size(limits.body)};"]
    if limits.headers:
        size = min(max(limits.headers, SMALLEST_HEADERS), LARGEST_HEADERS)
        lines.append(f"large_client_header_buffers 1 {size};")
    if certain(limits.body_time):
        lines.append(f"client_body_timeout {min(certain(limits.body_time), 86400)}s;")
    return lines


def _size(body: int) -> int:
    return body if body <= LARGEST else 0


def _hidden(policy: Policy) -> list[str]:
    names = dict.fromkeys(name.lower() for name in policy.headers.remove if len(name) <= LONGEST_NAME)
    return ["proxy_headers_hash_bucket_size 256;", *(f"proxy_hide_header {quote(name)};" for name in names)]


def _cookies(cookies: Cookies, *, secure: bool) -> list[str]:
    """Return what is added to cookies; the first line that fits a name counts."""
    flag = "secure" if secure and cookies.secure else ""
    left = _but(cookies.untouched)
    hidden = {
        "all": f"~{_but((*cookies.untouched, *cookies.readable))}",
        "sessions": f"~{_but((*cookies.untouched, *cookies.readable))}(?!.*(csrf|xsrf)).*({SESSIONS.pattern})",
        "off": "",
    }[cookies.http_only]
    lines = [f"proxy_cookie_flags {quote(hidden)} {flag} httponly;"] if hidden else []
    return [*lines, *([f"proxy_cookie_flags {quote(f'~{left}')} secure;"] if flag else [])]


def _but(names: tuple[str, ...]) -> str:
    """Return an expression of all names but some; their case counts, though nginx ignores it elsewhere."""
    listed = "|".join(literal(name, pcre) for name in names)
    return f"^(?!(?-i:{listed})\\z)" if names else "^"


def _locations(site: Site, where: tuple[Place, ...]) -> Iterator[str]:
    scheme_and_place = f"http://{site.upstream}" + (":" if site.upstream.startswith("unix:") else "")
    to = [
        "proxy_http_version 1.1;",
        "proxy_set_header Host $http_host;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        'proxy_set_header Forwarded "";',
        "proxy_set_header Upgrade $guard_upgrade;",
        "proxy_set_header Connection $guard_connection;",
    ]
    yield from to
    bodies = {p.prefix: _size(p.plan.policy.limits.body) for p in where}
    usual = bodies.pop("")
    everything = bodies.pop("/", usual)
    for prefix, size in bodies.items():
        if size != everything or everything != usual:
            for match in (f"= {quote(prefix)}", f"^~ {quote(prefix + '/')}"):
                yield f"location {match} {{ client_max_body_size {size}; proxy_pass {scheme_and_place}; }}"
    yield f"location / {{ client_max_body_size {everything}; proxy_pass {scheme_and_place}; }}"


def _missing(policy: Policy, where: tuple[Place, ...]) -> Iterator[str]:
    yield from lacking.anywhere(policy, where)
    yield from lacking.of_paths(policy, "cookies")
    yield from lacking.of_lists(policy, dict(policy.paths))
    yield tls.LEFT_OUT
    if policy.cookies.same_site:
        yield "cookies.same_site: nginx would overwrite what the application says"
    if policy.proxies.trusted and policy.proxies.header != "x-forwarded-for":
        yield "proxies: nginx does not read Forwarded (RFC 7239)"
    elif policy.proxies.trusted:
        yield "proxies: X-Forwarded-Proto, as this nginx ends TLS itself"
    yield from _missing_limits(policy, where)
    if "server" in {name.lower() for name in policy.headers.remove}:
        yield "headers.remove: nginx says `Server: nginx`, without a version"
    if any(len(name) > LONGEST_NAME for name in policy.headers.remove):
        yield f"headers.remove: names of more than {LONGEST_NAME} characters"


def _missing_limits(policy: Policy, where: tuple[Place, ...]) -> Iterator[str]:
    limits = policy.limits
    if certain(limits.body_time):
        yield "limits.body_time, body_rate: the time between two reads, not that of the whole body"
    if limits.headers:
        yield "limits.headers: answered 400 instead of 431, and counted with the request line"
    if limits.headers and not SMALLEST_HEADERS <= limits.headers <= LARGEST_HEADERS:
        yield f"limits.headers: between {SMALLEST_HEADERS} and {LARGEST_HEADERS} bytes here"
    if any(place.plan.policy.limits.body > LARGEST for place in where):
        yield f"limits.body: more than {LARGEST} bytes is no limit here"
    others = {(p.plan.policy.limits.headers, p.plan.policy.limits.body_time) for p in where}
    if len(others) > 1:
        yield "limits of paths: only the size of bodies; headers and times are those of all paths"
