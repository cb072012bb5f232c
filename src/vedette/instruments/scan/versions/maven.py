"""Maven: "Version Order Specification", https://maven.apache.org/pom.html#version-order-specification.

A qualifier after a dot is one after a hyphen, as Maven has it since 3.8 (MNG-7644 and MNG-7714): otherwise 1.0.alpha is before 1,
which is before 1-1, which is before 1.0.alpha. What is null (0, final, ga, release) is dropped before every hyphen and at the end,
so what is left of them is always followed by a number that is not zero: it is later than the end.
"""

import re

import msgspec

from vedette.instruments.scan.versions.types import Key, NoVersion

_LEGAL = re.compile(r"[0-9A-Za-z.+~_-]+")
_TOKEN = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|)")
_QUALIFIERS = ("alpha", "beta", "milestone", "rc", "snapshot")
_ALIASES = {"cr": "rc", "ga": "", "final": "", "release": ""}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_BEFORE, _END, _QUALIFIER, _DASHED, _DOTTED = range(5)


class _Token(msgspec.Struct, frozen=True):
    """A number or a word, and whether a hyphen stands before it."""

    hyphen: bool
    value: int | str

    @property
    def null(self) -> bool:
        return self.value in {0, ""}


def key(text: str) -> Key:
    """Return the key of a version."""
    if not _LEGAL.fullmatch(text):
        raise NoVersion
    return (*(_weight(each) for each in _trimmed(_tokens(text.lower()))), (_END,))


def _tokens(text: str) -> list[_Token]:
    made: list[_Token] = []
    for found in _TOKEN.finditer(text):
        separator, part = found.groups()
        if not separator and not part:
            continue
        turn = bool(made) and not separator  # from digits to letters or back
        made.append(_token(separator == "-" or turn, part, text[found.end() : found.end() + 1]))
    return made


def _token(hyphen: bool, part: str, following: str) -> _Token:
    if not part or part.isdigit():
        return _Token(hyphen, int(part or 0))
    word = _SHORT.get(part, part) if following.isdigit() else part
    return _Token(True, _ALIASES.get(word, word))


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens without what is null at the end and before each hyphen."""
    kept: list[_Token] = []
    for token in tokens:
        if token.hyphen:
            _drop(kept)
        kept.append(token)
    _drop(kept)
    return kept


def _drop(kept: list[_Token]) -> None:
    while kept and kept[-1].null:
        kept.pop()


def _weight(token: _Token) -> Key:
    value = token.value
    if isinstance(value, int):
        return (_DASHED if token.hyphen else _DOTTED, value)
    if value in _QUALIFIERS:
        return (_BEFORE, _QUALIFIERS.index(value))
    return (_QUALIFIER, {"": 0, "sp": 1}.get(value, 2), value)
