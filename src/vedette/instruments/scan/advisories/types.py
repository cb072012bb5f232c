"""The words of advisories: what is known to be wrong with packages, and where that knowledge comes from."""

import enum
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError
from vedette.wire.finding import Severity, severity_of
from vedette.wire.scan import Component

DAY = 86_400.0
MAX_AGE = 7 * DAY
"""Seconds after which a feed is stale unless somebody says otherwise."""


class BadFeed(VedetteError):
    """A source that is no feed, or not whole; nothing was changed."""


class FeedKind(enum.StrEnum):
    """What a feed holds: advisories, what is known to be exploited (CISA), or how likely that is (FIRST)."""

    OSV = "osv"
    KEV = "kev"
    EPSS = "epss"


class ScoredBy(enum.StrEnum):
    """Where the risk of an advisory comes from; `v4_as_v3` is CVSS 4.0 read by the formula of 3.1, its own table being no formula."""

    V2 = "cvss-2"
    V3 = "cvss-3"
    V4_AS_V3 = "cvss-4-as-3"
    WORD = "word"
    MALICIOUS = "malicious"
    NONE = "none"


class Edge(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where being affected begins (`introduced`) or ends (`fixed`, not before; `last_affected`, after; `limit`, as `fixed`)."""

    what: str
    version: str


class VersionRange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Events of one line of versions. `bound` is a range in words (`<= 1.4.2`) that holds besides, empty when there is none."""

    events: tuple[Edge, ...]
    bound: str = ""


class Affected(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Which versions of a package are affected: those listed, those in a range, all of them where neither is told.

    `commits_only` says that nothing but commits of a repository is told.
    """

    ranges: tuple[VersionRange, ...] = ()
    versions: tuple[str, ...] = ()
    commits_only: bool = False
    vector: str = ""
    word: str = ""


class Advisory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one weakness. `risk` is 0 to 10; `published` and `modified` are ISO 8601 as the source has them."""

    id: str
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    risk: float = 0.0
    rating: ScoredBy = ScoredBy.NONE
    vector: str = ""
    malicious: bool = False
    references: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""

    @property
    def severity(self) -> Severity:
        """Return the band of the risk."""
        return severity_of(self.risk)

    @property
    def cves(self) -> tuple[str, ...]:
        """Return the CVE numbers it goes by."""
        names = dict.fromkeys((self.id, *self.aliases, *self.upstream))
        return tuple(name for name in names if name.startswith("CVE-"))


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A component that an advisory affects.

    `fixed_in` is the first later version that the advisory does not affect, empty when there is none; `fixes` are all that it
    names, in order, one for each line of versions. `others` are ids of records that tell the same. `exploited` and
    `likelihood` (EPSS, 0 to 1) are known where feeds tell. `affected` judges other versions (`ranges.judge`).
    """

    component: Component
    advisory: Advisory
    affected: Affected
    fixed_in: str = ""
    fixes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    exploited: bool = False
    likelihood: float = 0.0

    @property
    def malicious(self) -> bool:
        """Tell whether the package is harmful on purpose."""
        return self.advisory.malicious

    @property
    def risk(self) -> float:
        """Return the risk, 0 to 10."""
        return self.advisory.risk

    @property
    def severity(self) -> Severity:
        """Return the band of the risk."""
        return self.advisory.severity


class BrokenRecord(msgspec.Struct, frozen=True):
    """A record of a source that could not be read, and why."""

    member: str
    why: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder keeps of one feed beside its index, whose SHA-256 is in it.

    `as_of` is the instant at which the source was as it is here: when it was fetched, or the time of the file. `covers` are
    the ecosystems it is whole for, `counts` records by ecosystem. `failed` is what the last update failed on, empty after one
    that did not.
    """

    version: int = 1
    name: str
    kind: FeedKind
    source: str
    as_of: float
    records: int
    index: str
    index_sha256: str
    index_bytes: int
    source_sha256: str = ""
    checksum: str = ""
    etag: str = ""
    modified: float = 0.0
    covers: tuple[str, ...] = ()
    counts: Mapping[str, int] = {}
    withdrawn: int = 0
    broken: int = 0
    broken_first: tuple[BrokenRecord, ...] = ()
    failed: str = ""
    failed_at: float = 0.0


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a feed is: `age` in seconds, and why it cannot be relied on, empty when it can."""

    name: str
    kind: FeedKind
    source: str
    as_of: float
    age: float
    records: int
    covers: tuple[str, ...] = ()
    withdrawn: int = 0
    broken: int = 0
    bytes: int = 0
    sha256: str = ""
    source_sha256: str = ""
    failed: str = ""
    trouble: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """What a server answered; header names are in small letters."""

    status: int
    headers: Mapping[str, str]


class Sink(Protocol):
    """Takes the bytes of an answer; raises `BadFeed` when there are too many."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""
        ...


Fetch = Callable[[str, Mapping[str, str], Sink], Fetched]
"""Asks an URL with headers and writes what it answers into a sink; follows no redirect, raises `VedetteError`."""
