"""The words of browsers' reports: a line of the book, and the policy that lines justify."""

from collections.abc import Mapping

import msgspec

CSP, NETWORK = "csp-violation", "network-error"


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the reports of some days say about one thing: how many, from about how many browsers, from when to when.

    `page` is the last one it happened on; `weight` is how many failures the reports stand for.
    """

    kind: str
    what: str
    source: str
    page: str
    n: int
    watched: int
    weight: float
    browsers: int
    first_at: float
    last_at: float


class KnownPolicy(msgspec.Struct, frozen=True):
    """A policy that reports of a project name, when last (an instant), and the browsers that named it, as `browsers` counts."""

    text: str
    at: float
    browsers: bytes = b""


class ProposedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source of a directive: added to the policy or not, why, and the line of the book it rests on (None: none)."""

    directive: str
    source: str
    added: bool
    reason: str
    line: ReportLine | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The policy that reports of some days justify: its directives, and each source that was looked at.

    `header` is its text, `toml` the same as `[guard.headers.csp]`. `base` says in a sentence what it began with.
    """

    days: int
    directives: Mapping[str, tuple[str, ...]]
    sources: tuple[ProposedSource, ...]
    base: str
    header: str
    toml: str
