"""Alpine and Wolfi: `number{.number}[letter[number]]{_suffix[number]}[~hash][-r#]`, apk-package(5), https://man.archlinux.org/man/apk-package.5.

Where two versions part, whichever goes on with the weightier token is later: number, letter, suffix, its number, revision, end.
A suffix of a pre-release is before the end.
"""

import re
from collections.abc import Iterator

from vedette.instruments.scan.versions.types import Key, NoVersion

_FORM = re.compile(
    r"(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<letter>[a-z]?)(?P<patch>[0-9]*)(?P<suffixes>(?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r(?P<revision>[0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_BEFORE = ("alpha", "beta", "pre", "rc")
_AFTER = ("cvs", "svn", "git", "hg", "p")
_PRE, _END, _REVISION, _SUFFIX_NUMBER, _POST, _LETTER, _NUMBER = range(7)
_LAST = (_END,)


def key(text: str) -> Key:
    """Return the key of a version."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise NoVersion
    return (*_tokens(found), _LAST)


def _tokens(found: re.Match[str]) -> Iterator[Key]:
    first, *others = found["numbers"].split(".")
    yield _NUMBER, 1, int(first)
    for number in others:
        yield _number(number)
    if found["letter"]:
        yield _LETTER, ord(found["letter"])
    if found["patch"]:
        yield _number(found["patch"])
    for name, number in _SUFFIX.findall(found["suffixes"]):
        yield _suffix(name)
        if number:
            yield _SUFFIX_NUMBER, int(number)
    if found["revision"]:
        yield _REVISION, int(found["revision"])


def _number(text: str) -> Key:
    """Return a number after the first: with zeros in front it is read as decimals are, .08 before .8."""
    return (_NUMBER, 0, text) if text[0] == "0" else (_NUMBER, 1, int(text))


def _suffix(name: str) -> Key:
    if name in _BEFORE:
        return _PRE, _BEFORE.index(name)
    if name in _AFTER:
        return _POST, _AFTER.index(name)
    raise NoVersion
