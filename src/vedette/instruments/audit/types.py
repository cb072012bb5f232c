"""The words of the hardening audit: what a check is, and what it says of a host."""

from collections.abc import Callable, Iterable

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.live.types import Live

CIS = "CIS Debian 12: "  # references are to version 1.1.0 of that benchmark


class Verdict(msgspec.Struct, frozen=True):
    """What a check says of one thing: fine or not, on what that rests, and which thing where there are several."""

    fine: bool
    evidence: str
    subject: str = ""


class NotApplicable(VedetteError):
    """The host has nothing that a check is about; the text says what is missing."""


class Untold(VedetteError):
    """What was read does not tell; the text says why."""


Look = Callable[[Live], Iterable[Verdict]]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that should be so on every host.

    `look` is a pure function of what it reads through the port; it raises `NotApplicable` and `Untold`, and lets pass what
    the port raises. `risk` is 1 (hygiene) to 10 (open to anybody). `fix` is what to do, `reads` where it looks. `cis` are ids
    of the CIS benchmark for Debian 12.
    """

    id: str
    title: str
    why: str
    fix: str
    risk: float
    reads: str
    look: Look
    cis: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """Return the ids of benchmarks, by name."""
        return tuple(CIS + one for one in self.cis)


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word that a check may fail here: why, and until which instant. Without `subjects` all are meant."""

    check: str
    reason: str
    until: float
    subjects: tuple[str, ...] = ()
