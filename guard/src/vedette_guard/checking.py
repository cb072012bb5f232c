"""What a policy must mean: its shapes, and then section by section what values can be meant."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from vedette_guard import csp
from vedette_guard.decisions import hosts, https
from vedette_guard.decisions.attacks.sign import FAMILIES
from vedette_guard.decisions.detections import KINDS
from vedette_guard.decisions.kinds import KINDS as KINDS_OF_FILES
from vedette_guard.durations import MEANT, seconds
from vedette_guard.policy import (
    Cookies,
    Cors,
    Counting,
    Csrf,
    Decisions,
    Headers,
    Https,
    Inspect,
    Limits,
    PathPolicy,
    Policy,
    Rate,
    Reports,
    Telemetry,
    UploadPolicy,
)
from vedette_guard.shapes import fail, require
from vedette_guard.structured import MOST_INTEGER
from vedette_guard.wire import MEANT as MEANT_BY_DSN
from vedette_guard.wire import read_dsn

ROOT = "guard"
SMALLEST_QUEUE = 65536
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_RATE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_VALUE = re.compile(r"[\x20-\x7e]*")
REFERRERS = (
    "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin",
    "strict-origin-when-cross-origin", "unsafe-url",
)  # fmt: skip
OPENERS = ("unsafe-none", "same-origin", "same-origin-allow-popups", "noopener-allow-popups")
RESOURCES = ("same-site", "same-origin", "cross-origin")
EMBEDDERS = ("unsafe-none", "require-corp", "credentialless")
BYS = ("address", "user", "key", "route", "header:<name>", "cookie:<name>")


def check(policy: Policy) -> None:
    """Raise PolicyError, with the key, the value and what was meant, for a policy that cannot be meant."""
    require(ROOT, policy, Policy)
    _check_sections(ROOT, policy)
    for n, host in enumerate(policy.hosts):
        if not hosts.is_pattern(host):
            fail(
                f"{ROOT}.hosts[{n}]",
                host,
                "a name such as shop.example or *.shop.example, without https:// or a path",
            )
    for n, network in enumerate(policy.proxies.trusted):
        _check_network(f"{ROOT}.proxies.trusted[{n}]", network)
    _check_reports(f"{ROOT}.reports", policy.reports)
    _check_rates(f"{ROOT}.rates", policy.rates)
    _check_telemetry(f"{ROOT}.telemetry", policy.telemetry)
    _check_decisions(f"{ROOT}.decisions", policy.decisions)
    _check_counting(f"{ROOT}.counting", policy.counting)
    for path, below in policy.paths.items():
        key = f'{ROOT}.paths."{path}"'
        _check_path(key, path)
        _check_sections(key, below)


def check_uploads(uploads: UploadPolicy) -> None:
    """Raise PolicyError, with the key, the value and what was meant, for uploads that cannot be meant."""
    key = f"{ROOT}.uploads"
    require(key, uploads, UploadPolicy)
    if not uploads.kinds:
        fail(f"{key}.kinds", uploads.kinds, f"some of {', '.join(KINDS_OF_FILES)}")
    for n, kind in enumerate(uploads.kinds):
        if kind not in KINDS_OF_FILES:
            fail(f"{key}.kinds[{n}]", kind, f"one of {', '.join(KINDS_OF_FILES)}")
    if not seconds(uploads.clamd_time):
        fail(f"{key}.clamd_time", uploads.clamd_time, MEANT)
    if uploads.clamd and not uploads.clamd.startswith("/") and not uploads.clamd.rpartition(":")[2].isdigit():
        fail(f"{key}.clamd", uploads.clamd, "the path of a socket, or host:port")


def _check_sections(key: str, policy: Policy | PathPolicy) -> None:
    for name, checked in _CHECKS.items():
        section = getattr(policy, name)
        if section is not None:
            checked(f"{key}.{name}", section)


def _check_https(key: str, https_: Https) -> None:
    _check_paths(f"{key}.plain", https_.plain)
    if not 1 <= https_.port <= 65535:
        fail(f"{key}.port", https_.port, "a port, 1 to 65535")
    if https_.hsts not in ("off", "ramp") and seconds(https_.hsts) is None:
        fail(f"{key}.hsts", https_.hsts, f"off, ramp, or {MEANT}")
    if https_.hsts == "ramp" and not _is_day(https_.since):
        fail(f"{key}.since", https_.since, "the day from which on the ramp goes up, such as 2026-11-01")
    faults = https.preload_faults(https_)
    if https_.preload and faults:
        fail(f"{key}.preload", True, "a site that browsers' lists accept: " + "; ".join(faults))


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_headers(key: str, headers: Headers) -> None:
    for name, directives in (("csp", headers.csp), ("csp_report_only", headers.csp_report_only)):
        for directive, sources in directives.items():
            csp.check(f"{key}.{name}.{directive}", directive, sources)
    csp.check(f"{key}.frames", "frame-ancestors", headers.frames)
    _check_choice(f"{key}.referrer", headers.referrer, REFERRERS)
    _check_choice(f"{key}.opener", headers.opener, OPENERS)
    _check_choice(f"{key}.resource", headers.resource, RESOURCES)
    _check_choice(f"{key}.embedder", headers.embedder, EMBEDDERS)
    if not _VALUE.fullmatch(headers.cache):
        fail(f"{key}.cache", headers.cache, "a value of Cache-Control, such as no-store")
    for feature, origins in headers.permissions.items():
        _check_permission(f"{key}.permissions.{feature}", feature, origins)
    for n, header in enumerate((*headers.ours, *headers.remove)):
        if not _NAME.fullmatch(header):
            fail(f"{key}.ours/remove[{n}]", header, "the name of a header")


def _check_choice(key: str, value: str, choices: tuple[str, ...]) -> None:
    if value and value not in choices:
        fail(key, value, "empty, or one of " + ", ".join(choices))


def _check_permission(key: str, feature: str, origins: tuple[str, ...]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", feature):
        fail(key, feature, "the name of a feature, such as geolocation")
    for origin in origins:
        if origin not in ("self", "src", "*") and not _is_origin(origin):
            fail(key, origin, "self, * or an origin such as https://maps.example")


def _check_csrf(key: str, csrf: Csrf) -> None:
    _check_origins(f"{key}.trusted", csrf.trusted)
    _check_paths(f"{key}.exempt", csrf.exempt)


def _check_cookies(key: str, cookies: Cookies) -> None:
    for field in ("readable", "untouched", "host_prefix"):
        for n, name in enumerate(getattr(cookies, field)):
            if not _NAME.fullmatch(name) or (field == "host_prefix" and name.startswith("__")):
                fail(f"{key}.{field}[{n}]", name, "the name of a cookie, as the application sets it")


def _check_limits(key: str, limits: Limits) -> None:
    if seconds(limits.body_time) is None:
        fail(f"{key}.body_time", limits.body_time, f"{MEANT}; 0s is no limit")


def _check_inspect(key: str, inspect: Inspect) -> None:
    if not inspect.threshold:
        fail(
            f"{key}.threshold", inspect.threshold, "what signs weigh together, at least 1; 5 is one sure sign"
        )
    for n, family in enumerate(inspect.families):
        if family not in FAMILIES:
            fail(f"{key}.families[{n}]", family, "one of " + ", ".join(FAMILIES))


def _check_cors(key: str, cors: Cors) -> None:
    if cors.credentials and "*" in cors.origins:
        fail(f"{key}.origins", "*", "origins by name: with credentials, any page could read as the user")
    _check_origins(f"{key}.origins", tuple(origin for origin in cors.origins if origin != "*"))


def _check_reports(key: str, reports: Reports) -> None:
    parts = urlsplit(reports.url)
    if reports.url and (
        parts.scheme != "https" or not parts.netloc or not re.fullmatch(r"[!#-+\--:<-\[\]-~]+", reports.url)
    ):
        fail(
            f"{key}.url", reports.url, "an address that begins with https://, as browsers report to no other"
        )
    if not re.fullmatch(r"[a-z][a-z0-9-]*", reports.name):
        fail(f"{key}.name", reports.name, "a name of lower-case letters, digits and -")
    if seconds(reports.age) is None:
        fail(f"{key}.age", reports.age, MEANT)


def _check_rates(key: str, rates: tuple[Rate, ...]) -> None:
    names = [rate.name for rate in rates]
    for n, rate in enumerate(rates):
        _check_rate(f"{key}[{n}]", rate)
        if names.index(rate.name) != n:
            fail(f"{key}[{n}].name", rate.name, "a name that no other rate has")


def _check_rate(key: str, rate: Rate) -> None:
    if not _RATE_NAME.fullmatch(rate.name):
        fail(f"{key}.name", rate.name, "a name of lower-case letters, digits, - and _")
    if not 1 <= rate.limit <= MOST_INTEGER:  # answers name it in a header (RFC 9651)
        fail(f"{key}.limit", rate.limit, f"how many requests are allowed, 1 to {MOST_INTEGER}")
    if rate.burst > MOST_INTEGER:
        fail(f"{key}.burst", rate.burst, f"how many requests are allowed at once, 0 to {MOST_INTEGER}")
    if not seconds(rate.per):
        fail(f"{key}.per", rate.per, MEANT)
    for n, by in enumerate(rate.by):
        if by not in BYS[:4] and not re.fullmatch(rf"(header|cookie):{_NAME.pattern}", by):
            fail(f"{key}.by[{n}]", by, "one of " + ", ".join(BYS))
    if not rate.by:
        fail(f"{key}.by", rate.by, "one of " + ", ".join(BYS))
    _check_paths(f"{key}.paths", rate.paths)
    for n, method in enumerate(rate.methods):
        if not method.isupper():
            fail(f"{key}.methods[{n}]", method, f"a method: {method.upper()!r}")


def _check_telemetry(key: str, telemetry: Telemetry) -> None:
    if telemetry.dsn and read_dsn(telemetry.dsn) is None:
        fail(f"{key}.dsn", telemetry.dsn, MEANT_BY_DSN)
    for n, kind in enumerate(telemetry.kinds):
        if kind not in KINDS:
            fail(f"{key}.kinds[{n}]", kind, "one of " + ", ".join(KINDS))
    if not telemetry.queue:
        fail(f"{key}.queue", telemetry.queue, "how many reports may wait, at least 1")
    if telemetry.queue_bytes < SMALLEST_QUEUE:
        fail(
            f"{key}.queue_bytes", telemetry.queue_bytes, f"how many bytes may wait, at least {SMALLEST_QUEUE}"
        )


def _check_decisions(key: str, decisions: Decisions) -> None:
    if decisions.url and not _is_url(decisions.url):
        meant = "an address such as https://vedette.example/api/1/decisions/?sentry_key=KEY"
        fail(f"{key}.url", decisions.url, meant)
    if not seconds(decisions.every):
        fail(f"{key}.every", decisions.every, MEANT)
    for n, network in enumerate(decisions.allow):
        _check_network(f"{key}.allow[{n}]", network, "a network such as 203.0.113.0/24, or an address")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and text.isascii()
        )
    except ValueError:
        return False


def _check_counting(key: str, counting: Counting) -> None:
    if counting.url and not re.match(r"(rediss?://[^/\s]|unix:///)", counting.url):
        fail(
            f"{key}.url", counting.url, "an address such as redis://127.0.0.1:6379/0, rediss://… or unix:///…"
        )
    if not 1 <= counting.timeout_ms <= 5000:
        fail(f"{key}.timeout_ms", counting.timeout_ms, "milliseconds, 1 to 5000")
    if not _NAME.fullmatch(counting.prefix):
        fail(f"{key}.prefix", counting.prefix, "what names of keys begin with, without spaces")


def _check_network(
    key: str, text: str, meant: str = "a network such as 10.0.0.0/8, an address, or unix"
) -> None:
    try:
        if text != "unix" or "unix" not in meant:
            ipaddress.ip_network(text)
    except ValueError as error:
        fail(key, text, f"{meant} ({error})")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = not (parts.path or parts.query or parts.fragment or parts.username) and parts.port != 0
    except ValueError:
        return False
    return whole and bool(hosts.normal(parts.netloc)) and parts.scheme.isalpha()


def _check_origins(key: str, origins: tuple[str, ...]) -> None:
    for n, origin in enumerate(origins):
        if not _is_origin(origin):
            fail(f"{key}[{n}]", origin, "an origin such as https://shop.example, without a path")


def _check_paths(key: str, paths: tuple[str, ...]) -> None:
    for n, path in enumerate(paths):
        _check_path(f"{key}[{n}]", path)


def _check_path(key: str, path: str) -> None:
    if not path.startswith("/") or re.search(r"[*?#\\]|//|/\.{1,2}(/|$)", path):
        fail(key, path, "a path that begins with /; all below it is meant, without a pattern")


_CHECKS: Mapping[str, Callable[[str, Any], None]] = {
    "https": _check_https,
    "headers": _check_headers,
    "csrf": _check_csrf,
    "cookies": _check_cookies,
    "limits": _check_limits,
    "cors": _check_cors,
    "inspect": _check_inspect,
}
