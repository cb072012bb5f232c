"""What is taken out of every text before it leaves the application: passwords, keys, tokens."""

from __future__ import annotations

import re

MASK = "[masked]"
_WORDS = r"passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|authorization|cookie|session(?:[_-]?id)?|csrf\w*|dsn"
# None begins with what may be of any length: texts are long, and anybody's.
_PATTERNS = (
    (re.compile(r"(://)[^\s/@:]{1,200}:[^\s/@]{1,200}@"), rf"\1{MASK}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w+/=.~-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (
        re.compile(
            rf"""((?:{_WORDS})[\w-]{{0,40}}["']?\s{{0,3}}[=:]\s{{0,3}})("[^"]*"|'[^']*'|[^\s,;&)}}]+)""",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), MASK),
    (re.compile(r"\b(?:\d[ -]?){13,19}\b"), MASK),
)


def masked(text: str) -> str:
    """Return a text without what looks like a secret."""
    for pattern, put in _PATTERNS:
        text = pattern.sub(put, text)
    return text
