"""What a policy says. One frozen object, from code, a preset or a TOML file; `plan.compile_policy` makes bytes of it.

Durations are texts (`30s`, `5m`, `1w`, `1y`), sizes are bytes, 0 means "no limit". Paths are prefixes of whole
segments: `/docs` is `/docs` and `/docs/…`, never `/docsx`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vedette_guard.decisions.attacks.sign import FAMILIES
from vedette_guard.decisions.detections import KINDS
from vedette_guard.decisions.kinds import IMAGES

Names = tuple[str, ...]
Directives = Mapping[str, tuple[str, ...]]

HARMLESS_CSP: Directives = {"base-uri": ("'self'",), "object-src": ("'none'",)}


class PolicyError(ValueError):
    """A policy that cannot be meant: says the key, the value, and what was meant."""


@dataclass(frozen=True)
class Https:
    """HTTPS and HSTS (RFC 6797).

    `plain` paths are served over plain HTTP too. `hsts` is an age, `off`, or `ramp`: from the day `since`
    (`2026-11-01`) on five minutes, after a week one week, after five weeks one year.
    """

    redirect: bool = False
    port: int = 443
    plain: Names = ("/health", "/.well-known/acme-challenge")
    hsts: str = "5m"
    since: str = ""
    subdomains: bool = False
    preload: bool = False


@dataclass(frozen=True)
class Proxies:
    """Whose forwarding headers count: networks, or `unix` for a peer without an address.

    One header only, the one the proxy writes: another one would pass through from whoever sent it.
    """

    trusted: Names = ()
    header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"


@dataclass(frozen=True)
class Headers:
    """What browsers are told with every answer. An empty text sends no header.

    `csp` takes `'nonce'` as a source; with `report_only` it is not in force, and only reports. `frames` says who may frame a page (`frame-ancestors` and X-Frame-Options in
    one). `ours` names headers that replace the application's own, `remove` those nobody needs to see; else what the
    application sets stays.
    """

    csp: Directives = field(default_factory=lambda: HARMLESS_CSP)
    csp_report_only: Directives = field(default_factory=dict)
    report_only: bool = False
    trusted_types: Literal["off", "report", "enforce"] = "off"
    frames: Names = ("'self'",)
    nosniff: bool = True
    referrer: str = "strict-origin-when-cross-origin"
    permissions: Directives = field(default_factory=lambda: {"browsing-topics": ()})
    opener: str = "same-origin-allow-popups"
    resource: str = ""
    embedder: str = ""
    cache: str = ""
    ours: Names = ()
    remove: Names = ()


@dataclass(frozen=True)
class Reports:
    """Where browsers report to: `https://…/api/1/security/?sentry_key=KEY` of Vedette. `network` asks for NEL too."""

    url: str = ""
    name: str = "vedette"
    network: bool = True
    age: str = "30d"


@dataclass(frozen=True)
class Csrf:
    """Requests that change something must come from the application's own pages.

    `trusted` are origins (`https://shop.example`); `exempt` are paths. `same_site` lets sibling domains in.
    """

    on: bool = True
    trusted: Names = ()
    exempt: Names = ()
    same_site: bool = False


@dataclass(frozen=True)
class Cookies:
    """What is added to the cookies the application sets; what it says itself is never weakened.

    `http_only` is for `sessions` (names that look like it), `all`, or `off`; `readable` are names scripts must read.
    `host_prefix` names cookies that browsers get as `__Host-<name>` and the application sees by their own name.
    """

    secure: bool = True
    http_only: Literal["off", "sessions", "all"] = "sessions"
    same_site: Literal["", "Lax", "Strict"] = "Lax"
    readable: Names = ()
    untouched: Names = ()
    host_prefix: Names = ()


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests `per` a duration, `burst` of them at once (0: all).

    `by` are what has a count of its own: `address` (an IPv6 network of /64), `user` (what the door is told), `key`
    (the API key or authorization), `header:<name>`, `cookie:<name>`, `route` (the path of the rule that fits).
    Without `paths` and `methods` it is about all.
    """

    name: str
    limit: int
    per: str = "1m"
    burst: int = 0
    by: Names = ("address",)
    paths: Names = ()
    methods: Names = ()


@dataclass(frozen=True)
class Limits:
    """How much a request may bring. `body_time` is for the whole body, and grows by what `body_rate` (bytes a second) allows."""

    body: int = 32 * 1024 * 1024
    headers: int = 32 * 1024
    json_depth: int = 64
    parts: int = 1000
    part_headers: int = 8 * 1024
    preamble: int = 1024
    body_time: str = "30s"
    body_rate: int = 4 * 1024


@dataclass(frozen=True)
class Cors:
    """Whose pages may read answers. The application answers preflights; refusals and errors get the headers here."""

    origins: Names = ()
    credentials: bool = False


@dataclass(frozen=True)
class Telemetry:
    """What Vedette is told: what was stopped (of `kinds`), and the exceptions that leave the application.

    `dsn` is that of a project; without it nothing is told. At most `queue` reports of together `queue_bytes` wait while
    Vedette does not answer.
    """

    dsn: str = ""
    kinds: Names = KINDS
    exceptions: bool = True
    environment: str = ""
    release: str = ""
    queue: int = 1000
    queue_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True)
class Decisions:
    """Whom Vedette banned: `https://…/api/1/decisions/?sentry_key=KEY`, asked `every` so often.

    `file` keeps the last copy for when the server is away. Networks of `allow` are never banned; nor are trusted
    proxies, private and loopback addresses.
    """

    url: str = ""
    file: str = ""
    every: str = "15s"
    allow: Names = ()


@dataclass(frozen=True)
class Counting:
    """Where rates are counted: without `url` in the memory of each process, else in Redis or Valkey for all together.

    When the store does not answer within `timeout_ms`, requests pass uncounted (`open`) or are refused (`closed`).
    """

    url: str = ""
    failing: Literal["open", "closed"] = "open"
    timeout_ms: int = 50
    prefix: str = "vedette"


@dataclass(frozen=True)
class Inspect:
    """Whether requests are looked at for attempts to attack (extra `inspect`); no section: they are not.

    `monitor` tells of them, `block` refuses them too, `off` is for a path. A family whose signs weigh `threshold` or more
    is an attempt; 5 is one sure sign. Of a body the first `body` bytes are kept and looked at.
    """

    mode: Literal["monitor", "block", "off"] = "monitor"
    threshold: int = 5
    body: int = 64 * 1024
    families: Names = FAMILIES
    engine: Literal["auto", "hyperscan", "re2"] = "auto"


@dataclass(frozen=True)
class UploadPolicy:
    """Which files of strangers are taken, by `vedette_guard.uploads`. Sizes are bytes; `count` and `total` are for what comes together.

    `kinds` are names of `vedette_guard.uploads.KINDS`. `pixels` are of all frames of an image. `unpacked`, `entries` and `depth` are
    for an archive with all that is nested in it. `clamd` is where ClamAV listens, `/run/clamav/clamd.ctl` or
    `host:3310`. `quarantine` is how much may lie there.
    """

    kinds: tuple[str, ...] = IMAGES
    size: int = 10 * 1024 * 1024
    count: int = 10
    total: int = 50 * 1024 * 1024
    pixels: int = 40_000_000
    unpacked: int = 200 * 1024 * 1024
    entries: int = 1000
    depth: int = 3
    clamd: str = ""
    clamd_time: str = "30s"
    quarantine: int = 1024 * 1024 * 1024

    def __post_init__(self) -> None:
        """Raise PolicyError for what cannot be meant: uploads may be all that an application takes of the guard."""
        from vedette_guard.checking import check_uploads

        check_uploads(self)


@dataclass(frozen=True)
class PathPolicy:
    """What is otherwise below a path; None is as everywhere."""

    https: Https | None = None
    headers: Headers | None = None
    csrf: Csrf | None = None
    cookies: Cookies | None = None
    limits: Limits | None = None
    cors: Cors | None = None
    inspect: Inspect | None = None
    answers: Literal["text", "problem"] | None = None

    @classmethod
    def preset(cls, name: str) -> PathPolicy:
        """Return the part of a preset that can be about a path. Raise PolicyError for a name there is not."""
        from vedette_guard.presets import sections

        return cls(**{key: value for key, value in sections(name).items() if key in cls.__annotations__})


@dataclass(frozen=True)
class Policy:
    """Everything that is decided, in one object; without arguments a safe one that breaks nothing."""

    https: Https = field(default_factory=Https)
    hosts: Names = ()
    proxies: Proxies = field(default_factory=Proxies)
    headers: Headers = field(default_factory=Headers)
    reports: Reports = field(default_factory=Reports)
    csrf: Csrf = field(default_factory=Csrf)
    cookies: Cookies = field(default_factory=Cookies)
    rates: tuple[Rate, ...] = ()
    limits: Limits = field(default_factory=Limits)
    cors: Cors = field(default_factory=Cors)
    inspect: Inspect | None = None
    answers: Literal["text", "problem"] = "text"
    paths: Mapping[str, PathPolicy] = field(default_factory=dict)
    telemetry: Telemetry = field(default_factory=Telemetry)
    decisions: Decisions = field(default_factory=Decisions)
    counting: Counting = field(default_factory=Counting)
    uploads: UploadPolicy = field(default_factory=UploadPolicy)

    @classmethod
    def preset(cls, name: str) -> Policy:
        """Return `default`, `strict`, `api`, `spa`, `fastapi-docs` or `django-admin`. Raise PolicyError for another."""
        from vedette_guard.presets import sections

        return cls(**sections(name))

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any]) -> Policy:
        """Return what a table as of `[guard]` says. Raise PolicyError with key, value and what was meant."""
        from vedette_guard.reading import read_policy

        return read_policy(table)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Policy:
        """Return what `[guard]` of a TOML file says. Raise PolicyError, with the file, for what is wrong in it."""
        from vedette_guard.reading import read_file

        return read_file(path)

    def but(self, **changes: Any) -> Policy:
        """Return this policy with other sections; `policy.but(hosts=("shop.example",))`."""
        return replace(self, **changes)
