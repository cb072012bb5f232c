"""The nouns of certificates: what is wanted, what is installed, how trying goes. Instants are seconds, UTC."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.signals.types import Severity

ROOM = "certificates"


class Wanted(msgspec.Struct, frozen=True):
    """Which names are to be served, and the directory URL of the authority that is asked (RFC 8555, section 7.1.1)."""

    names: tuple[str, ...]
    directory: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """One that is installed: for which names, by whom (`issuer`), valid from `start` to `end`.

    One signed by itself (`self_signed`) stands in until the authority gives the first.
    """

    names: tuple[str, ...]
    directory: str
    issuer: str
    serial: str
    start: float
    end: float
    installed_at: float
    self_signed: bool = False

    @property
    def life(self) -> float:
        """Return how long it is valid, in seconds."""
        return self.end - self.start


class Installed(msgspec.Struct, frozen=True):
    """A certificate with its chain (PEM) and its private key (PEM, sealed): one file, so that one rename changes all."""

    certificate: Certificate
    chain: str
    key: str


class Account(msgspec.Struct, frozen=True):
    """Ours at an authority: its key as a JWK in JSON (RFC 7517), and its URL there."""

    key: str
    url: str = ""


class Failure(enum.StrEnum):
    """Why an authority gave no certificate, in kinds that are answered differently."""

    NAME = "name"  # it finds no address, or another machine
    LIMIT = "limit"
    REFUSED = "refused"
    AWAY = "away"
    OURS = "ours"


class Outcome(msgspec.Struct, frozen=True):
    """How one try ended: well when `error` is empty. `retry_after` is in seconds, as the authority asked."""

    error: str = ""
    failure: Failure | None = None
    retry_after: float | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How trying goes for what was wanted: failures in a row since `failing_since`, the last error, and when next.

    Before `not_before` the authority does not want to be asked.
    """

    wanted: Wanted
    failures: int = 0
    tried_at: float = 0.0
    failing_since: float | None = None
    error: str = ""
    next_at: float = 0.0
    not_before: float = 0.0


class Due(msgspec.Struct, frozen=True):
    """When the authority is asked next, and why."""

    at: float
    reason: str


class Trouble(msgspec.Struct, frozen=True):
    """What a person has to know of: how bad, and in a sentence."""

    severity: Severity
    text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages show: a sentence, its tone (ok, warn, crit), facts by name, and what is wrong, if anything."""

    tone: str
    sentence: str
    facts: Mapping[str, str]
    trouble: Trouble | None = None
