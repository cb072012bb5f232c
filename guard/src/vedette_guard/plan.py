"""A policy compiled: what a request pays for is look-ups only."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import AnyStr

from vedette_guard import csp, structured
from vedette_guard.checking import check
from vedette_guard.decisions import cookies as cookie_rules
from vedette_guard.decisions import csrf, forwarding, hosts, https
from vedette_guard.decisions.dressing import Dressing
from vedette_guard.decisions.paths import Prefixes, read_as
from vedette_guard.decisions.rates import Metre
from vedette_guard.decisions.strictest import stricter
from vedette_guard.durations import certain
from vedette_guard.policy import Cookies, Cors, Headers, PathPolicy, Policy
from vedette_guard.shapes import hints

CSP, REPORT_ONLY = "content-security-policy", "content-security-policy-report-only"
HSTS = "strict-transport-security"
JOINED = ("reporting-endpoints", "report-to", "vary")
ALLOW_ORIGIN = "access-control-allow-origin"
CORS = (ALLOW_ORIGIN, "access-control-allow-credentials", "access-control-expose-headers")
RATE_FIELDS = ("ratelimit", "ratelimit-policy", "retry-after")
FRAME_OPTIONS = {"'none'": "DENY", "'self'": "SAMEORIGIN"}


@dataclass(frozen=True)
class Dressings:
    """The headers of a policy for both schemes, as bytes (ASGI) and as text (WSGI, Django)."""

    secure: Dressing[bytes]
    plain: Dressing[bytes]
    secure_text: Dressing[str]
    plain_text: Dressing[str]


@dataclass(frozen=True)
class Plan:
    """A policy for one part of the paths."""

    policy: Policy
    dressings: Dressings
    served_plain: Prefixes
    csrf_exempt: Prefixes
    trusted: frozenset[str]
    origins: frozenset[str]
    has_nonce: bool


@dataclass(frozen=True)
class Plans:
    """A policy for all paths, and what is decided for the whole application."""

    root: Plan
    below: tuple[tuple[Prefixes, Plan], ...]
    below_odd: tuple[tuple[Prefixes, Plan], ...]
    why_not_host: Callable[[str], str]
    find_client: forwarding.Finder
    behind_proxies: bool
    forwarded_by: str
    metres: tuple[Metre, ...]
    metres_everywhere: bool

    def of(self, path: str) -> Plan:
        """Return the plan of a path: that of the longest prefix it lies under, nothing of it laxer where it is not plain."""
        read = read_as(path)
        for prefix, plan in self.below if read is path else self.below_odd:
            if read in prefix:
                return plan
        return self.root


def compile_policy(policy: Policy, today: datetime.date) -> Plans:
    """Return a policy compiled on a day (the ramp of HSTS goes by it). Raise PolicyError for a wrong one."""
    check(policy)
    below = sorted(policy.paths.items(), key=lambda entry: len(entry[0]), reverse=True)
    return Plans(
        root=_plan(policy, today),
        below=tuple((Prefixes((path,)), _plan(_with(policy, part), today)) for path, part in below),
        below_odd=tuple((Prefixes((path,)), _plan(stricter(policy, part), today)) for path, part in below),
        why_not_host=hosts.judge(policy.hosts),
        find_client=forwarding.finder(policy.proxies.trusted, policy.proxies.header),
        behind_proxies=bool(policy.proxies.trusted),
        forwarded_by=policy.proxies.header,
        metres=tuple(Metre(rate) for rate in policy.rates),
        metres_everywhere=not any(rate.paths or rate.methods for rate in policy.rates),
    )


def _with(policy: Policy, part: PathPolicy) -> Policy:
    changes = {name: getattr(part, name) for name in hints(PathPolicy)}
    return replace(policy, paths={}, **{name: value for name, value in changes.items() if value is not None})


def _plan(policy: Policy, today: datetime.date) -> Plan:
    return Plan(
        policy=policy,
        dressings=_dressings(policy, today),
        served_plain=Prefixes(policy.https.plain),
        csrf_exempt=Prefixes(policy.csrf.exempt),
        trusted=frozenset(csrf.normal_origin(origin) for origin in policy.csrf.trusted),
        origins=_origins(policy.cors),
        has_nonce=any(len(pieces) > 1 for pieces in _csp_headers(policy, nonce=True).values()),
    )


def _origins(cors: Cors) -> frozenset[str]:
    return frozenset(origin if origin == "*" else csrf.normal_origin(origin) for origin in cors.origins)


def _dressings(policy: Policy, today: datetime.date) -> Dressings:
    secure, plain = _headers(policy, today, over_https=True), _headers(policy, today, over_https=False)
    as_bytes, as_text = str.encode, str
    return Dressings(
        secure=_dressing(
            policy, secure, as_bytes, _cookie_bytes(policy.cookies, over_https=True), over_https=True
        ),
        plain=_dressing(
            policy, plain, as_bytes, _cookie_bytes(policy.cookies, over_https=False), over_https=False
        ),
        secure_text=_dressing(
            policy, secure, as_text, _cookie(policy.cookies, over_https=True), over_https=True
        ),
        plain_text=_dressing(
            policy, plain, as_text, _cookie(policy.cookies, over_https=False), over_https=False
        ),
    )


def _cookie(cookies: Cookies, *, over_https: bool) -> Callable[[str], str]:
    return cookie_rules.outgoing(cookies, https=over_https)


def _cookie_bytes(cookies: Cookies, *, over_https: bool) -> Callable[[bytes], bytes]:
    text = _cookie(cookies, over_https=over_https)
    return lambda value: text(value.decode("latin-1")).encode("latin-1")


def _headers(policy: Policy, today: datetime.date, *, over_https: bool) -> dict[str, str]:
    """Return every header but those of CSP, by lower-case names, in the order in which they are sent."""
    headers = policy.headers
    found = {
        HSTS: https.value(policy.https, today) if over_https else "",
        "x-content-type-options": "nosniff" if headers.nosniff else "",
        "x-frame-options": FRAME_OPTIONS.get(" ".join(headers.frames), ""),
        "referrer-policy": headers.referrer,
        "permissions-policy": _permissions(headers),
        "cross-origin-opener-policy": headers.opener,
        "cross-origin-resource-policy": headers.resource,
        "cross-origin-embedder-policy": headers.embedder,
        "cache-control": headers.cache,
        "vary": "Origin" if policy.cors.origins else "",
        **_reporting(policy, over_https=over_https),
    }
    return {name: value for name, value in found.items() if value}


def _permissions(headers: Headers) -> str:
    def origin(text: str) -> structured.Bare:
        return structured.Token(text) if text in ("self", "src", "*") else text

    members: dict[str, structured.InnerList] = {
        name: ([(origin(text), {}) for text in origins], {}) for name, origins in headers.permissions.items()
    }
    return structured.dictionary(members)


def _reporting(policy: Policy, *, over_https: bool) -> dict[str, str]:
    """Return the headers that say where reports go; those for a whole origin only over HTTPS, as browsers ask."""
    reports = policy.reports
    if not reports.url:
        return {}
    group = {"group": reports.name, "max_age": certain(reports.age), "endpoints": [{"url": reports.url}]}
    nel = {"report_to": reports.name, "max_age": certain(reports.age)}
    return {
        "reporting-endpoints": structured.dictionary({reports.name: (reports.url, {})}),
        "report-to": json.dumps(group) if over_https else "",
        "nel": json.dumps(nel) if over_https and reports.network else "",
    }


def _csp_headers(policy: Policy, *, nonce: bool) -> dict[str, tuple[str, ...]]:
    reports = policy.reports
    end = f"report-uri {reports.url}; report-to {reports.name}" if reports.url else ""
    found = {CSP: csp.enforced(policy.headers), REPORT_ONLY: csp.reported(policy.headers)}
    directives = {name: d if nonce else csp.without_nonce(d) for name, d in found.items()}
    return {name: csp.pieces(d, end) for name, d in directives.items() if d}


def _dressing(
    policy: Policy,
    headers: Mapping[str, str],
    as_: Callable[[str], AnyStr],
    cookie: Callable[[AnyStr], AnyStr],
    *,
    over_https: bool,
) -> Dressing[AnyStr]:
    """Return the headers of one scheme as `as_` writes them."""
    frames = policy.headers.frames
    without: dict[str, str] = {
        name: "".join(pieces) for name, pieces in _csp_headers(policy, nonce=False).items()
    }
    nonced = _csp_headers(policy, nonce=True)
    settled = {name: value for name, value in without.items() if len(nonced[name]) == 1}
    removed: set[str] = {*(name.lower() for name in policy.headers.remove), *(() if over_https else (HSTS,))}
    sent = {*without, *headers, *removed, "set-cookie", "x-frame-options", *CORS, "vary", *RATE_FIELDS}

    def pairs(found: Mapping[str, str]) -> tuple[tuple[AnyStr, AnyStr], ...]:
        return tuple((as_(name), as_(value)) for name, value in found.items())

    return Dressing(
        pairs=pairs({**headers, **without}),
        cached=pairs({**headers, **settled}),
        nonced=tuple((as_(name), tuple(as_(piece) for piece in pieces)) for name, pieces in nonced.items()),
        no_store=(as_("cache-control"), as_("no-store")),
        touched=frozenset(as_(name) for name in sent),
        removed=frozenset(as_(name) for name in removed),
        replaced=frozenset(
            as_(name) for name in ("x-content-type-options", *(n.lower() for n in policy.headers.ours))
        ),
        joined={as_(name): as_(", ") for name in JOINED},
        set_cookie=as_("set-cookie"),
        cookie=cookie,
        frame_options=as_("x-frame-options"),
        frames=as_(f"frame-ancestors {' '.join(frames)}" if frames else ""),
        framing={as_(option): as_(f"frame-ancestors {source}") for source, option in FRAME_OPTIONS.items()},
        csp=frozenset(as_(name) for name in (CSP, REPORT_ONLY)),
        allow_origin=as_(ALLOW_ORIGIN),
        cors=frozenset(as_(name) for name in CORS),
    )
