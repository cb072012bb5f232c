"""Names and sizes inside an archive: what would leave the folder it is unpacked in, or fill the disk."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from vedette_guard.decisions.invisible import BIDI

LONGEST_NAME = 1024


def entry_fault(name: str) -> str:
    """Return why an archive with an entry of this name is refused, as a sentence; an empty text when it is not."""
    if not name or len(name) > LONGEST_NAME:
        return "An entry of the archive has no name, or a very long one."
    if "\\" in name or ":" in name or name.startswith(("/", "~")):
        return "An entry of the archive leads to a place of its own."
    if any(part.strip(" .") == "" and part.strip() for part in name.split("/") if part != "."):
        return "An entry of the archive leads out of it."
    if BIDI.search(name) or any(unicodedata.category(one) in {"Cc", "Cs"} for one in name):
        return "An entry of the archive has a character that is not seen in its name."
    return ""


def same(name: str) -> str:
    """Return what a name is to a file system that does not tell case or composition apart."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()


@dataclass
class Budget:
    """What is left of entries, unpacked bytes and levels while an archive is walked, all that is nested in it too."""

    entries: int
    unpacked: int
    depth: int

    def take_entry(self) -> str:
        """Count an entry; return why it is one too many, or an empty text."""
        self.entries -= 1
        return "The archive has too many entries." if self.entries < 0 else ""

    def take_bytes(self, count: int) -> str:
        """Count unpacked bytes; return why they are too many, or an empty text."""
        self.unpacked -= count
        return "The archive unpacks to more than is allowed." if self.unpacked < 0 else ""

    def take_level(self) -> str:
        """Enter an archive; return why it is nested too deep, or an empty text."""
        self.depth -= 1
        return "The archive has too many archives in one another." if self.depth < 0 else ""

    def leave_level(self) -> None:
        """Leave an archive: those beside it are no deeper."""
        self.depth += 1
