"""Strings made from regexes of RE2 by walking Python's own parse of them, every choice alike likely; and near misses."""

import re
import string
from collections.abc import Iterator
from random import Random
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

_MOST = 40
_ALPHABET = string.ascii_letters + string.digits + "_-"


def sample(pattern: str, chance: Random) -> str:
    """Return a string that a pattern of RE2 matches, as a rule: case flags in the middle are taken as for all of it."""
    text = re.sub(r"\(\?i\)", "", pattern).replace("(?-i:", "(?:").replace("(?i:", "(?:")
    text = text.replace("[[:alnum:]]", "[a-zA-Z0-9]").replace("[:alnum:]", "a-zA-Z0-9").replace(r"\z", r"\Z")
    return "".join(_made(parser.parse(text), chance))


def _made(tree, chance: Random) -> Iterator[str]:
    for kind, about in tree:
        if kind is sre.LITERAL:
            yield chr(about)
        elif kind is sre.NOT_LITERAL:
            yield chance.choice([c for c in _ALPHABET if ord(c) != about])
        elif kind is sre.ANY:
            yield "."  # written for a dot, as a rule
        elif kind is sre.IN:
            yield _one_of(about, chance)
        elif kind is sre.BRANCH:
            yield from _made(chance.choice(about[1]), chance)
        elif kind is sre.SUBPATTERN:
            yield from _made(about[3], chance)
        elif kind in {sre.MAX_REPEAT, sre.MIN_REPEAT}:
            yield from _repeated(about, chance)


def _repeated(about, chance: Random) -> Iterator[str]:
    least, most, inner = about
    for _ in range(chance.randint(least, max(least, min(int(most), least + _MOST)))):
        yield from _made(inner, chance)


def _one_of(items, chance: Random) -> str:
    chosen: list[str] = []
    negated = items[0][0] is sre.NEGATE
    for kind, about in items:
        if kind is sre.LITERAL:
            chosen.append(chr(about))
        elif kind is sre.RANGE:
            chosen.extend(chr(c) for c in range(about[0], about[1] + 1))
        elif kind is sre.CATEGORY:
            chosen.extend(_category(about))
    if negated:
        chosen = [c for c in string.printable[:95] if c not in chosen]
    return chance.choice(chosen)


def _category(about) -> str:
    return {
        sre.CATEGORY_DIGIT: string.digits,
        sre.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
        sre.CATEGORY_SPACE: " ",
        sre.CATEGORY_NOT_SPACE: _ALPHABET,
        sre.CATEGORY_NOT_WORD: " ",
        sre.CATEGORY_NOT_DIGIT: string.ascii_letters,
    }[about]
