"""What a live site is asked and answers, and what is found in it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

Pairs = tuple[tuple[str, str], ...]


class Unanswered(Exception):
    """A site that could not be asked, or did not answer: says why."""


@dataclass(frozen=True)
class Answer:
    """A status and all headers, names in lower case, repeated ones apart."""

    status: int
    headers: Pairs

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value.strip() for key, value in self.headers if key == name]

    def joined(self, name: str) -> str:
        """Return the values of a header as one; empty when it was not sent."""
        return ", ".join(self.all(name))


class Asker(Protocol):
    """Whoever can ask a site; a redirect is an answer like any other. Both raise `Unanswered`."""

    def ask(self, url: str, headers: Pairs) -> Answer:
        """Ask by GET with exactly these headers, Host among them; certificates are not checked."""

    def versions(self, url: str) -> dict[str, bool]:
        """Return which versions of TLS are offered, by their names (`TLSv1.2`)."""

    def certificate_fault(self, url: str) -> str:
        """Return why browsers would not believe the certificate; empty when they would."""


class Level(enum.IntEnum):
    """How much a finding matters; the higher, the worse."""

    KEPT = 0
    OTHER = 1
    WRONG = 2


@dataclass(frozen=True)
class Finding:
    """A sentence about one part of a policy: kept, otherwise but no weaker, or wrong."""

    level: Level
    part: str
    sentence: str


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by how much they matter; those that matter alike as they were found."""
    return sorted(findings, key=lambda finding: -finding.level)


def wrong(part: str, sentence: str) -> Finding:
    """Return the finding that a protection of the policy is missing or weaker."""
    return Finding(Level.WRONG, part, sentence)


def other(part: str, sentence: str) -> Finding:
    """Return the finding that something is otherwise than the policy says, and no weaker."""
    return Finding(Level.OTHER, part, sentence)


def kept(part: str, sentence: str) -> Finding:
    """Return the finding that the policy is kept."""
    return Finding(Level.KEPT, part, sentence)
