"""Where in a page of HTML a position stands: text, an attribute and its quotes, a script. Decisions only; no tree is built.

Follows the tokenizer of the HTML Standard (section 13.2.5) as far as it matters to what would end a place. What stands before a
position decides about it, so markup that is broken after it does no harm.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

_MOST = 512 << 10
_OPENING = re.compile(r"<(?:!--|/?[a-zA-Z][^\s/>]*)")
_SPACE = re.compile(r"[\s/]*")
_NAME = re.compile(r"=?[^\s/>=]*")
_EQUALS = re.compile(r"\s*=\s*")
_BARE = re.compile(r"[^\s>]*")
_RAW = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noframes"})


class Kind(StrEnum):
    """What a place is."""

    TEXT = "text"
    COMMENT = "comment"
    NAME = "name of an attribute"
    VALUE = "attribute"
    RAW = "raw text"
    SCRIPT = "script"


class Place(NamedTuple):
    """A stretch of the page. `name` is its attribute or element; `quote` what ends a value, empty without; `data` a script that is none."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    quote: str = ""
    data: bool = False


def places(text: str) -> Iterator[Place]:
    """Return the places of a page in their order, half a megabyte at most."""
    text, at = text[:_MOST], 0
    while opening := _OPENING.search(text, at):
        yield Place(Kind.TEXT, at, opening.start())
        if opening[0] == "<!--":
            at = _until(text, "-->", opening.end())
            yield Place(Kind.COMMENT, opening.end(), at)
            continue
        tag = opening[0][1:].lower()
        found = list(_attributes(text, opening.end()))
        yield from found
        at = min(len(text), (found[-1].end + len(found[-1].quote) if found else opening.end()))
        at = min(len(text), _until(text, ">", at) + 1)
        if tag in _RAW:
            end = _closing(text, tag, at)
            yield Place(
                Kind.SCRIPT if tag == "script" else Kind.RAW, at, end, tag, data=_is_data(text, found)
            )
            at = end
    yield Place(Kind.TEXT, at, len(text))


def _attributes(text: str, at: int) -> Iterator[Place]:
    while True:
        at = _end(_SPACE, text, at)
        if at >= len(text) or text[at] == ">":
            return
        end = max(_end(_NAME, text, at), at + 1)
        name = text[at:end].lower()
        yield Place(Kind.NAME, at, end, name)
        at = end
        if equals := _EQUALS.match(text, at):
            value = _value(text, equals.end(), name)
            yield value
            at = value.end + len(value.quote)


def _value(text: str, at: int, name: str) -> Place:
    quote = text[at : at + 1]
    if quote in {'"', "'"}:
        return Place(Kind.VALUE, at + 1, _until(text, quote, at + 1), name, quote)
    return Place(Kind.VALUE, at, _end(_BARE, text, at), name)


def _is_data(text: str, found: list[Place]) -> bool:
    """Tell whether a script's type says that it is data (JSON), which is not run."""
    kinds = [text[each.start : each.end] for each in found if (each.kind, each.name) == (Kind.VALUE, "type")]
    return any("json" in kind.lower() for kind in kinds)


def _closing(text: str, tag: str, at: int) -> int:
    found = re.compile(f"</{tag}", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)


def _until(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
