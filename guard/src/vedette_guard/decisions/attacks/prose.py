"""What people write with the signs of attacks: searches of phrases, and operators and words that they quote."""

from __future__ import annotations

import re

OPERATOR = 3  # characters: what is no longer says nothing in quotes
_SEARCH = re.compile(r"\s*\"(.+)\"\s+(?:OR|AND|NOT|[-+&|])\s+\"(.+)\"\s*", re.IGNORECASE | re.DOTALL)
# Quotes right around an operator or a word, and prose around the quotes: what leaves a string stands the other way round.
_OPERATOR = r"(?:[-+*/%^&|<>=!~@:]{1,3}|%[a-z])"
_QUOTED = re.compile(
    rf"(?:(?<=[\s(\[{{/,])|\A(?=\"[^\"]*\"(?:\s[A-Za-z(|]|-[a-z]|[,)])|\"%[a-z]\"|\"'))(?:\"'{_OPERATOR}'\"|\"{_OPERATOR}\"|'{_OPERATOR}'"
    r"|\"[a-z_]\w*(?: \w+)?\")(?=[\s).,:;/\]}-]|\Z)"
)


def phrases(text: str, behind: str = "") -> tuple[str, ...]:
    """Return the phrases of a search such as `"a" OR "b"`, each to be judged by itself; of what is no such search, the whole.

    `behind`: the search may stand behind the last of these signs, as it does in a path; what is before stays with both.
    """
    if text.count('"') < 4:
        return (text,)
    first = text.rfind(behind) + 1 if behind else 0
    found = _SEARCH.fullmatch(text, first)
    if found is None:
        return (text,)
    return tuple(text[:first] + one for one in found.groups() if len(one) > OPERATOR)


def without_quoted(text: str) -> str:
    """Return a text with a word for each operator or word that it only quotes, as in: the "^" operator."""
    return _QUOTED.sub("quoted", text) if "'" in text or '"' in text else text
