"""Debian, Ubuntu and what descends from them: Debian Policy 5.6.12, https://www.debian.org/doc/debian-policy/ch-controlfields.html."""

import re
from collections.abc import Iterator

from vedette.instruments.scan.versions.types import Key, NoVersion

_LEGAL = re.compile(r"(?:([0-9]+):)?([0-9A-Za-z.+~_-]+)")
_PART = re.compile(r"([^0-9]*)([0-9]*)")
_END = 0


def key(text: str) -> Key:
    """Return the key of a version `[epoch:]upstream[-revision]`."""
    found = _LEGAL.fullmatch(text)
    if found is None:
        raise NoVersion
    upstream, _, revision = found[2].rpartition("-") if "-" in found[2] else (found[2], "", "")
    return (int(found[1] or 0), tuple(_order(upstream)), tuple(_order(revision)))


def _order(text: str) -> Iterator[int]:
    """Yield what sorts a part: characters that are no digits up to an end, the number, and so on.

    A tilde is before the end, letters are after it, all else is after letters. A part that is missing is 0.
    """
    for words, number in filter(any, _PART.findall(text or "0")):
        yield from map(_weight, words)
        yield _END
        yield int(number or 0)
    yield _END


def _weight(char: str) -> int:
    if char == "~":
        return -1
    return ord(char) if char.isalpha() else ord(char) + 256
