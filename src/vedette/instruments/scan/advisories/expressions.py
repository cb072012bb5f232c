"""Ranges in words: `>= 1.2, < 2`, `0.6.0,<1`, `<2 || >=3,<3.4`. Some feeds put one where a version belongs.

A version that stands beside another part and has no sign is where the range begins.
"""

import re

import msgspec

from vedette.instruments.scan.versions import Key, key
from vedette.instruments.scan.versions.types import Unreadable

MOST = 1_024
_SIGNS = re.compile(r"[<>=,|]")
_PART = re.compile(r"(<=|>=|==|!=|<|>|=)?\s*((?:[^\s<>=!,|]|!(?!=))+)")  # 1!2.0 has an epoch


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A sign and the version it is about."""

    sign: str
    version: str


def is_range(text: str) -> bool:
    """Tell whether a text in a version's place is a range: a version has neither signs of comparison nor commas."""
    return bool(_SIGNS.search(text))


def parse(text: str) -> tuple[tuple[Condition, ...], ...]:
    """Return the ways to fit a range, each with conditions that must hold together; raises `ValueError` for what is none."""
    if len(text) > MOST:
        raise ValueError("it is too long")
    ways = tuple(_way(each) for each in text.split("||"))
    if not all(ways):
        raise ValueError("a part of it is empty")
    return ways


def fits(ecosystem: str, version: str, text: str) -> bool:
    """Tell whether a version is in a range; raises `Unreadable` when either cannot be read."""
    mine = key(ecosystem, version)
    try:
        ways = parse(text)
    except ValueError:
        raise Unreadable(ecosystem, text) from None
    return any(all(_holds(mine, ecosystem, each) for each in way) for way in ways)


def _way(text: str) -> tuple[Condition, ...]:
    if _PART.sub("", text).strip(" ,"):
        raise ValueError("it has a sign without a version")
    parts = _PART.findall(text)
    bare = "=" if len(parts) == 1 else ">="
    return tuple(Condition(sign or bare, version) for sign, version in parts)


def _holds(mine: Key, ecosystem: str, condition: Condition) -> bool:
    other = key(ecosystem, condition.version)
    match condition.sign:
        case "<":
            return mine < other
        case "<=":
            return mine <= other
        case ">":
            return mine > other
        case ">=":
            return mine >= other
        case "!=":
            return mine != other
        case _:
            return mine == other
