"""What people write with the signs of attacks: searches of phrases, and operators and words that they quote."""

from __future__ import annotations

import re

_SEARCH = re.compile(r"\s*\"(.+)\"\s+(?:OR|AND|NOT|[-+&|])\s+\"(.+)\"\s*", re.IGNORECASE | re.DOTALL)
# Quotes right around an operator or a word, and prose around the quotes: what leaves a string stands the other way round.
_OPERATOR = r"(?:[-+*/%^&|<>=!~@:]{1,3})"
_QUOTED = re.compile(
    rf"(?:(?<=[\s(\[{{/,])|\A(?=\"[^\"]*\"(?:\s[a-z(]|-[a-z])))(?:\"'{_OPERATOR}'\"|\"{_OPERATOR}\"|'{_OPERATOR}'"
    r"|\"[a-z_]\w*(?: \w+)?\")(?=[\s).,:;/\]}-]|\Z)"
)


def phrases(text: str) -> tuple[str, ...]:
    """Return both phrases of a search such as `"a" OR "b"`, each to be judged by itself; none of what is no such search."""
    found = _SEARCH.fullmatch(text)
    return (found[1], found[2]) if found else ()


def without_quoted(text: str) -> str:
    """Return a text with a word for each operator or word that it only quotes, as in: the "^" operator."""
    return _QUOTED.sub("quoted", text)
