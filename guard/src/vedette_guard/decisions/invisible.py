"""What a text holds and nobody sees: control characters, marks that reorder it (bidi), fillers, tags, odd selectors.

Unicode Technical Reports 36 and 39 tell what they are abused for, "Trojan Source" (CVE-2021-42574) what bidi controls do.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Form = Literal["NFC", "NFKC"]

# Bidi controls: embeddings, overrides, isolates, and the marks.
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_SIMPLE = re.compile(r"[\n\t\x20-\x7e\xa0-\xac\xae-\u02ff]*")


def strip_invisible(text: str) -> str:
    """Return text without what is not seen; line ends become `\\n`, lone surrogates U+FFFD.

    Joiners stay between letters of scripts that need them and between emoji, one variation selector behind a character.
    Hebrew and Arabic lose their marks as well: show such text in `<bdi>`.
    """
    text = _BREAKS.sub("\n", text)
    if _SIMPLE.fullmatch(text):
        return text
    kept: list[str] = []
    for at, one in enumerate(text):
        before = kept[-1] if kept else ""
        if one in _JOINERS:
            stays = _joins(before, text[at + 1 : at + 2])
        elif _is_selector(one):
            stays = _selects(before, one)
        else:
            stays = not is_invisible(one)
        if stays:
            kept.append("\ufffd" if "\ud800" <= one <= "\udfff" else one)
    return "".join(kept)


def is_invisible(one: str) -> bool:
    """Tell whether a character is not seen; spaces, tabs and line ends are, joiners and selectors are not."""
    if one in "\n\t" or one in _VISIBLE_FORMATS:
        return False
    category = unicodedata.category(one)
    return (
        category in {"Cc", "Cf", "Zl", "Zp"} or one in _BLANKS or _is_no_character(one) or _is_selector(one)
    )


def _is_no_character(one: str) -> bool:
    return ord(one) & 0xFFFE == 0xFFFE or "\ufdd0" <= one <= "\ufdef" or "\U000e0000" <= one <= "\U000e0fff"


def _is_selector(one: str) -> bool:
    return "\ufe00" <= one <= "\ufe0f" or "\U000e0100" <= one <= "\U000e01ef"


def _joins(before: str, after: str) -> bool:
    """Tell whether a joiner stands between two characters that may need it: none of Latin, Greek or Cyrillic."""
    neighbours = (before, after)
    return all(one and one >= "\u0590" and one not in _JOINERS and not _hidden(one) for one in neighbours)


def _hidden(one: str) -> bool:
    """Tell whether a neighbour is nothing to be joined; an emoji's selector is part of it."""
    return is_invisible(one) and one != "\ufe0f"


def _selects(before: str, one: str) -> bool:
    if not before or before.isspace() or _is_selector(before) or before in _JOINERS:
        return False
    return one <= "\ufe0f" or unicodedata.name(before, "").startswith("CJK ")


def clean(text: str, form: Form, *, lines: bool) -> str:
    """Return text normalised, without what is not seen; without `lines`, in one line and single spaces."""
    for _ in range(4):  # what is left alone by both may need a second look at what they made
        cleaned = unicodedata.normalize(form, strip_invisible(unicodedata.normalize(form, text)))
        if cleaned == text:
            break
        text = cleaned
    return text if lines else " ".join(text.split())
