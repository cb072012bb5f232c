"""Whether text that was sent came back able to leave the place it was put into. Decisions only.

The places and what ends them are those of OWASP's Cross Site Scripting Prevention Cheat Sheet (output encoding by context).
What is sent is two marks and, between them, the characters that end places; it runs nothing.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from vedette.instruments.scan.site.places import Kind, Place, places

_BEGIN, _END = "vdt7q", "q7tdv"
PROBE = f"{_BEGIN} '\"`(\\'\\\"${{<z>{_END}"
SCHEME = f"javascript:{_BEGIN}"
_MOST = 20
_WIDEST = 400  # characters that the probe may grow to, all of it escaped
_LINKS = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "poster"})
_TOKEN = re.compile(
    r"""//[^\n]*(?:\n|(?P<line>\Z))|/\*(?:(?!\*/).)*(?:\*/|(?P<block>\Z))"""
    r"""|'(?:\\.|[^'\\\n])*(?:'|\n|(?P<single>\Z))|"(?:\\.|[^"\\\n])*(?:"|\n|(?P<double>\Z))"""
    r"""|`(?:\\.|[^`\\])*(?:`|(?P<template>\Z))""",
    re.DOTALL,
)
_CODE = ("a script", "the script")
_ENDS = {"single": ("'",), "double": ('"',), "template": ("`", "${"), "line": (), "block": ()}


class Escape(NamedTuple):
    """A place that what was sent can leave: the check that says so, and the place in words."""

    check: str
    words: str


def escapes(text: str) -> Iterator[Escape]:
    """Return where the probe came back in a page able to leave its place."""
    for place, at, given in _back(text):
        words = _left(place, text, at, given)
        if words:
            yield Escape("input-in-script" if words.startswith(_CODE) else "input-reflected", words)


def leads(text: str, value: str = _BEGIN) -> bool:
    """Tell whether a link of a page begins with a value, so that its scheme is the sender's."""
    return any(
        place.kind is Kind.VALUE and place.name in _LINKS
        and unescape(text[place.start : place.end]).lstrip().lower().startswith(value)
        for place in places(text)
    )  # fmt: skip


def _back(text: str) -> Iterator[tuple[Place, int, str]]:
    """Return where the probe stands and what became of it; what was cut short is not judged."""
    found = [each.start() for each in re.finditer(_BEGIN, text)][:_MOST]
    for place in places(text) if found else ():
        for at in found:
            given, whole, _ = text[at + len(_BEGIN) : at + _WIDEST].partition(_END)
            if place.start <= at < place.end and whole and _BEGIN not in given:
                yield place, at, given


def _left(place: Place, text: str, at: int, given: str) -> str:
    """Return in words the place that is left, empty when it holds."""
    if place.kind is Kind.SCRIPT:
        return _in_script(text[place.start : at], given, place)
    if place.kind is Kind.VALUE:
        return _in_value(place, text, at, given)
    if place.kind is Kind.NAME:
        return "among the attributes of a tag"
    if place.kind is Kind.COMMENT:
        return "a comment, with > as it is" if ">" in given else ""
    where = f"<{place.name}>" if place.kind is Kind.RAW else "text"
    return f"{where}, with < as it is" if "<" in given else ""


def _in_value(place: Place, text: str, at: int, given: str) -> str:
    if place.quote:
        if place.quote in given:
            return f"{place.name}={place.quote}…{place.quote}, with {place.quote} as it is"
    elif given[:1].isspace() or ">" in given:
        return f"{place.name}=… without quotes"
    if place.name.startswith("on"):  # its entities are read before it is run
        before, inside = unescape(text[place.start : at]), unescape(given)
        return f"the script of {place.name}" if _ends_code(before, inside) else ""
    return ""


def _in_script(before: str, given: str, place: Place) -> str:
    if "<" in given:
        return "a script, with < as it is"
    return "a script, whose text it can end" if not place.data and _ends_code(before, given) else ""


def _ends_code(before: str, given: str) -> bool:
    """Tell whether text ends the string it stands in, or stands where code does and can call."""
    inside = _inside(before)
    if not inside:
        return "(" in given
    return any(_is_free(given, end) for end in _ENDS[inside])


def _inside(before: str) -> str:
    """Return what code is in the middle of: a string by its quotes, a comment, or nothing."""
    opened = ""
    for token in _TOKEN.finditer(before):
        opened = token.lastgroup or ""
    return opened


def _is_free(given: str, end: str) -> bool:
    """Tell whether an end stands in text without a backslash that takes its meaning, an even number of them before it."""
    return any(
        (len(before) - len(before.rstrip("\\"))) % 2 == 0
        for before in (given[: found.start()] for found in re.finditer(re.escape(end), given))
    )
