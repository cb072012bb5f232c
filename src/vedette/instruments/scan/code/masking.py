"""Takes out of a line of code what may be a secret: whatever stands between quotes."""

import re

_SHORT = 3  # `"*"` or `"w"` tell what is weak, and are no secret
_LITERAL = re.compile(r"""(["'`])((?:(?!\1)[^\\]|\\.)*)(\1|\\?$)""", re.DOTALL)


def without_literals(text: str) -> str:
    """Return a text with its literals of more than three characters as `…`; one that does not end goes on to the end."""
    return _LITERAL.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return found[0] if len(found[2]) <= _SHORT else f"{found[1]}…{found[1]}"
