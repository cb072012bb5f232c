"""The words of scans: what a scanner is asked, and what it promises."""

import enum
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from vedette.core.address import AddressPolicy
from vedette.core.errors import VedetteError
from vedette.wire.scan import ScanReport


class Takes(enum.StrEnum):
    """What a scanner's target is."""

    PATH = "path"
    FILE = "file"
    URL = "url"
    ENDPOINT = "endpoint"
    DOMAIN = "domain"
    HOST = "host"
    NOTHING = "nothing"


class CannotKnow(VedetteError):
    """A scanner is blind: a feed is missing or stale, a file cannot be read, a target does not answer. `fix` says what to do."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner is asked. `now` is an instant, `feeds` the folder of advisories, `options` are by name.

    `owned` are hosts whose ownership was proven elsewhere (an agent runs there), `addresses` those of the target by which it
    was proven, which alone are scanned. `resolvers` are asked for proofs and
    addresses instead of the system's: a caller's word, never an option's, for who names the resolver could prove any
    host. What leaves this machine is held to
    `policy` and ends after `deadline` seconds.
    """

    target: str
    now: float
    feeds: Path
    options: Mapping[str, str] = {}
    deadline: float = 600.0
    owned: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    policy: AddressPolicy = AddressPolicy()


Progress = Callable[[str, float | None], None]
"""Told what is looked at just now, and how much of it is done (0 to 1, None where that is not known)."""


def silent(what: str, done: float | None = None) -> None:
    """Tell nobody."""


class Scanner(msgspec.Struct, frozen=True, kw_only=True):
    """One way to look for weaknesses: a folder under `instruments/scan/` with a `scanner.py` that holds a `SCANNER`.

    `scan` looks and never executes what it looks at; it raises `CannotKnow`, or reports what it could not know beside what it
    found. `outward` says that the target may be somebody else's: only what is proven to be owned is scanned. `options` are
    the names it understands, each with a sentence.
    """

    kind: str
    label: str
    about: str
    takes: Takes
    scan: Callable[[Asked, Progress], ScanReport]
    outward: bool = False
    options: Mapping[str, str] = {}
