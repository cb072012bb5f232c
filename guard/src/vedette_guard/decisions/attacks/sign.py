"""What a sign of an attack is."""

from __future__ import annotations

from dataclasses import dataclass

SQLI, XSS, TRAVERSAL, RCE, SSRF = "sqli", "xss", "traversal", "rce", "ssrf"
FAMILIES = (SQLI, XSS, TRAVERSAL, RCE, SSRF)


@dataclass(frozen=True)
class Sign:
    """A pattern: its family, its weight (5 is enough by itself, 3 is a hint), and what it shows, in the words of an event.

    `short` signs count in short values only: prose, Markdown and code have them too. `path` signs are about paths.
    """

    family: str
    weight: int
    what: str
    pattern: str
    short: bool = False
    path: bool = False


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())
