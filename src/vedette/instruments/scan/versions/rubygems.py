"""RubyGems: https://docs.ruby-lang.org/en/master/Gem/Version.html. Numbers are after words, and what is not written is zero."""

import re
from collections.abc import Sequence

from vedette.instruments.scan.versions.types import Key, NoVersion

_LEGAL = re.compile(r"[0-9][0-9A-Za-z.-]*")
_PART = re.compile(r"[0-9]+|[A-Za-z]+")
_WORD, _ZEROS, _NUMBER = range(3)
_END = (_ZEROS, 0, 0)


def key(text: str) -> Key:
    """Return the key of a version; a dash means a pre-release."""
    if not _LEGAL.fullmatch(text):
        raise NoVersion
    parts = [int(each) if each.isdigit() else each for each in _PART.findall(text.replace("-", ".pre."))]
    first = next((at for at, part in enumerate(parts) if isinstance(part, str)), len(parts))
    return (*_order([*_shortened(parts[:first]), *_shortened(parts[first:])]), _END)


def _shortened(parts: Sequence[int | str]) -> Sequence[int | str]:
    end = len(parts)
    while end and parts[end - 1] == 0:
        end -= 1
    return parts[:end]


def _order(parts: Sequence[int | str]) -> list[Key]:
    """Return what sorts parts that go on as zeros without end.

    Zeros are one item: those before a word are before the end, the fewer the earlier; those before a number after it.
    """
    made: list[Key] = []
    zeros = 0
    for part in parts:
        if part == 0:
            zeros += 1
            continue
        word = isinstance(part, str)
        if zeros:
            made.append((_ZEROS, -1, zeros) if word else (_ZEROS, 1, -zeros))
            zeros = 0
        made.append((_WORD if word else _NUMBER, part))
    return made
