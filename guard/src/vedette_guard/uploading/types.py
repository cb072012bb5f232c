"""What is asked of files that strangers send, and what became of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedette_guard.decisions.kinds import IMAGES, KINDS
from vedette_guard.decisions.serving import headers
from vedette_guard.durations import MEANT, seconds
from vedette_guard.shapes import fail, require

Reason = Literal[
    "count", "size", "empty", "name", "extension", "kind", "mismatch", "image", "archive", "malware", "full"
]
Doubt = Literal["unknown", "sealed", "scanner"]


@dataclass(frozen=True)
class UploadPolicy:
    """What is taken. Sizes are bytes; `count` and `total` are for what comes together.

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
        require("guard.uploads", self, UploadPolicy)
        if not self.kinds:
            fail("guard.uploads.kinds", self.kinds, f"some of {', '.join(KINDS)}")
        for n, kind in enumerate(self.kinds):
            if kind not in KINDS:
                fail(f"guard.uploads.kinds[{n}]", kind, f"one of {', '.join(KINDS)}")
        if not seconds(self.clamd_time):
            fail("guard.uploads.clamd_time", self.clamd_time, MEANT)
        if self.clamd and not self.clamd.startswith("/") and not self.clamd.rpartition(":")[2].isdigit():
            fail("guard.uploads.clamd", self.clamd, "the path of a socket, or host:port")


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
