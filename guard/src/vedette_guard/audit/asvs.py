"""Which requirements of OWASP ASVS 5.0 the guard or the server covers, and by which test.

`asvs.csv` has a row for each of the 345: id, who covers it (`guard`, `server`, `both`, `neither`), the tests that prove
it (`path::name`), and a sentence of ours. The requirements themselves are OWASP's (CC BY-SA 4.0, https://asvs.dev) and not
repeated here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

TABLE = "asvs.csv"
WHO = ("guard", "server", "both", "neither")
# In our own words.
CHAPTERS = {
    1: "Encoding and sanitising", 2: "Validation and business logic", 3: "Browsers", 4: "APIs and HTTP", 5: "Files",
    6: "Signing in", 7: "Sessions", 8: "Permissions", 9: "Signed tokens", 10: "OAuth and OpenID", 11: "Cryptography",
    12: "Transport", 13: "Configuration", 14: "Data", 15: "Code and architecture", 16: "Logs and errors", 17: "WebRTC",
}  # fmt: skip


@dataclass(frozen=True)
class Requirement:
    """A requirement by its id (`3.4.1`): who covers it, the tests that prove it, and a sentence."""

    id: str
    who: str
    evidence: tuple[str, ...]
    sentence: str

    @property
    def chapter(self) -> int:
        """Return the number of its chapter."""
        return int(self.id.partition(".")[0])

    @property
    def covered(self) -> bool:
        """Tell whether somebody covers it."""
        return self.who != "neither"


def requirements(chapter: int | None = None) -> list[Requirement]:
    """Return all requirements, or those of a chapter, in the order of the standard."""
    text = resources.files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    found = [Requirement(r["id"], r["who"], tuple(r["evidence"].split()), r["sentence"]) for r in rows]
    return [one for one in found if chapter in (None, one.chapter)]
