"""JSON with comments and trailing commas, as `bun.lock` is written, made plain JSON of the same lines. Pure."""

import re

# A string (or what is left of one on its line), a comment, or a comma before a closing bracket: each is looked at once.
_PIECES = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|,(?=\s*[}\]])')


def plain(text: str) -> str:
    """Return plain JSON of the same lines. Comments of several lines are not known."""
    return _PIECES.sub(lambda match: match[0] if match[0].startswith('"') else "", text)
