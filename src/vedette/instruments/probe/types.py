"""The words of checking: what is asked, how it went phase by phase, why it failed, and what a probe is.

Instants are seconds since the epoch, lengths of a phase are milliseconds, deadlines are seconds.
"""

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec

from vedette.core.address import AddressPolicy
from vedette.core.clock import Clock, SystemClock
from vedette.core.errors import VedetteError

if TYPE_CHECKING:
    from vedette.instruments.probe.tape import Tape

MAX_DEADLINE = 300.0
EVIDENCE_BYTES = 4096


class Phase(enum.StrEnum):
    """A part of a check, in the order in which they come."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    FIRST_BYTE = "first_byte"
    TRANSFER = "transfer"


class Phases(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of each phase, over all redirects together; None for one that was not reached or is not part of it."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    transfer: float | None = None
    total: float = 0.0


class Cause(enum.StrEnum):
    """Why a check failed: a closed list, explained one by one in docs/monitors.md."""

    NXDOMAIN = "nxdomain"
    NO_ADDRESS = "no-address"
    SERVFAIL = "servfail"
    RESOLVER_REFUSED = "resolver-refused"
    RESOLVER_TIMEOUT = "resolver-timeout"
    RESOLVER_UNREACHABLE = "resolver-unreachable"
    BLOCKED_ADDRESS = "blocked-address"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    CLOSED_EARLY = "closed-early"
    TLS_EXPIRED = "tls-expired"
    TLS_NOT_YET_VALID = "tls-not-yet-valid"
    TLS_WRONG_NAME = "tls-wrong-name"
    TLS_UNTRUSTED = "tls-untrusted"
    TLS_PROTOCOL = "tls-protocol"
    TLS_CLIENT_CERTIFICATE = "tls-client-certificate"
    STARTTLS_REFUSED = "starttls-refused"
    TIMEOUT_IN_CONNECT = "timeout-in-connect"
    TIMEOUT_IN_TLS = "timeout-in-tls"
    TIMEOUT_IN_FIRST_BYTE = "timeout-in-first-byte"
    TIMEOUT_IN_TRANSFER = "timeout-in-transfer"
    BAD_STATUS = "bad-status"
    LOGIN_REFUSED = "login-refused"
    NOT_SERVING = "not-serving"
    NOT_FOUND = "not-found"
    QUERY_FAILED = "query-failed"
    DAMAGED = "damaged"
    BAD_ANSWER = "bad-answer"
    BAD_REDIRECT = "bad-redirect"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    BODY_TOO_LARGE = "body-too-large"
    WRONG_RECORDS = "wrong-records"
    DNSSEC = "dnssec"
    PROXY = "proxy"
    ASSERTION = "assertion"
    NO_ELEMENT = "no-element"
    STEP_FAILED = "step-failed"
    TIMEOUT_IN_STEP = "timeout-in-step"
    SCRIPT_FAILED = "script-failed"
    OVER_LIMIT = "over-limit"
    BAD_TARGET = "bad-target"
    NO_PERMISSION = "no-permission"
    NO_ROOM = "no-room"


# What says nothing of the target: the resolver's faults (many checks share them), and our own.
RESOLVER_FAULTS = frozenset(
    {Cause.SERVFAIL, Cause.RESOLVER_REFUSED, Cause.RESOLVER_TIMEOUT, Cause.RESOLVER_UNREACHABLE}
)
OUR_FAULTS = frozenset({Cause.BLOCKED_ADDRESS, Cause.BAD_TARGET, Cause.NO_PERMISSION, Cause.NO_ROOM})


class Family(enum.StrEnum):
    """Which addresses of a host are used."""

    ANY = "any"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What one certificate says: RFC 4514 names, `names` of its subjectAltName, valid from `starts` to `ends`, SHA-256 in hex."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    starts: float
    ends: float
    fingerprint: str


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a chain of redirects; `certificate_ends` is the instant the first certificate of its chain expires."""

    url: str
    status: int | None = None
    address: str = ""
    certificate_ends: float | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen, as far as it came; secrets are dots.

    `address` is the one that answered. `body` is the beginning of what came, at most 4 KB of it; `chain` begins
    with the host's own certificate. `records` are the answers of a resolver, `notes` what a probe adds for people, `picture`
    is what a browser showed, as JPEG of at most 40 kB.
    """

    address: str = ""
    status: int | None = None
    protocol: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    chain: tuple[Certificate, ...] = ()
    hops: tuple[Hop, ...] = ()
    records: tuple[str, ...] = ()
    rcode: str = ""
    notes: tuple[str, ...] = ()
    picture: bytes = b""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A URL taken apart; `host` is ASCII or an address without brackets, `path` includes the query, `shown` is fit for the Host header."""

    url: str
    scheme: str
    host: str
    port: int
    path: str = ""
    shown: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is checked and how.

    The scheme of `url` chooses the probe. `deadline` bounds all of it, redirects too. `expect` are assertions
    (docs/monitors.md). `name_server` (`address` or `address:port`) is asked instead of the system's; `pins` are
    used as the host's addresses instead of asking one. `options` are those of the probe, checked by its `check`.
    """

    url: str
    deadline: float = 10.0
    expect: tuple[str, ...] = ()
    family: Family = Family.ANY
    name_server: str = ""
    pins: tuple[str, ...] = ()
    options: Mapping[str, object] = {}

    def __repr__(self) -> str:
        """Return the URL alone: options hold secrets."""
        return f"Request({self.url!r})"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How a check went at the instant `at`: fine, or the cause with a sentence for people.

    `assertion` is the number (from 1) of the assertion that did not hold, when that is the cause.
    """

    ok: bool
    at: float
    sentence: str
    phases: Phases
    evidence: Evidence
    cause: Cause | None = None
    assertion: int | None = None

    @property
    def code(self) -> str:
        """Return the cause as one word: `tls-expired`, `assertion-2`; empty when all is fine."""
        if self.cause is None:
            return ""
        return f"{self.cause}-{self.assertion}" if self.cause is Cause.ASSERTION else self.cause.value


class JourneyRules(msgspec.Struct, frozen=True, kw_only=True):
    """How scripts of browser journeys are run: as which system user (without one none are), and what one may use.

    `most` run at once, counted by locks in `folder` (not counted without one); `megabytes` of memory and `seconds` of
    processor time are for all processes of a journey together. `chromium` is the browser, found by its usual names without it.
    """

    user: str = ""
    most: int = 1
    megabytes: int = 1024
    seconds: int = 60
    chromium: str = ""
    folder: str = ""


class Standpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a check looks from: addresses it may reach, resolvers it asks, authorities it trusts, and its clock.

    Without `name_servers` the system's are asked; `authorities` is a file of PEM certificates, the system's
    without one; `hosts` is a file like /etc/hosts, empty for none; `registries` is the list of RDAP servers. `folders`
    are those of this machine whose files and sockets may be opened, `journeys` says how scripts are run.
    """

    policy: AddressPolicy = AddressPolicy()
    name_servers: tuple[str, ...] = ()
    authorities: str = ""
    hosts: str = "/etc/hosts"
    registries: str = "https://data.iana.org/rdap/dns.json"
    folders: tuple[str, ...] = ()
    journeys: JourneyRules = JourneyRules()
    clock: Clock = SystemClock()


class Failed(VedetteError):
    """A check came to its end early; the text is the sentence of the result."""

    def __init__(self, cause: Cause, sentence: str, assertion: int | None = None) -> None:
        super().__init__(sentence)
        self.cause = cause
        self.assertion = assertion


class Probe(Protocol):
    """A way to look at something: one folder under `instruments/probe/` with `probe.py`, found through its `PROBE`.

    `schemes` are the URLs it takes, each with its usual port (0: it must be named, or there is none). `secrets`
    are the options that are sealed at rest and print as dots.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    schemes: ClassVar[Mapping[str, int]]
    options: ClassVar[type[msgspec.Struct]]
    secrets: ClassVar[tuple[str, ...]]

    def check(self, request: Request) -> None:
        """Raise `core.errors.Invalid` that names each wrong option."""
        ...

    async def look(self, request: Request, standpoint: Standpoint, tape: "Tape") -> str:
        """Look once, note on the tape what is seen, phase by phase, and return the sentence when all is fine.

        Raises `Failed` for what is wrong. Time is not its concern: it is cancelled when the deadline is over.
        """
        ...
