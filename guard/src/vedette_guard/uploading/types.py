"""What became of a file that a stranger sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedette_guard.decisions.kinds import KINDS
from vedette_guard.decisions.serving import headers

Reason = Literal[
    "count", "size", "empty", "name", "extension", "kind", "mismatch", "image", "archive", "malware", "full"
]
Doubt = Literal["unknown", "sealed", "scanner"]


@dataclass(frozen=True)
class Accepted:
    """A file that was taken: it is at `path`, under a name of its own; `original` is what its sender called it, cleaned."""

    name: str
    path: Path
    kind: str
    media_type: str
    size: int
    sha256: str
    original: str
    accepted: Literal[True] = True

    def headers(self) -> Mapping[str, str]:
        """Return the headers it is served with."""
        return headers(KINDS[self.kind], self.original)


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, of which nothing is left. `sentence` may be shown to whoever sent it."""

    reason: Reason
    sentence: str
    original: str
    accepted: Literal[False] = False


@dataclass(frozen=True)
class Quarantined:
    """A file nobody can vouch for: it lies at `path`, where nothing serves it, until a person or a scanner decides."""

    reason: Doubt
    sentence: str
    original: str
    path: Path
    declared: str
    accepted: Literal[False] = False


Verdict = Accepted | Refused | Quarantined


class RefusedError(Exception):
    """Ends the judging of a file: it is refused."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


class DoubtError(Exception):
    """Ends the judging of a file: it stays in quarantine."""

    def __init__(self, reason: Doubt, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence
