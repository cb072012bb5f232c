"""What a value may look like to those who read it: decoded once more, without comments, without what hides a word.

All in bounds: a value has four views at most, none longer than a few times the value, in time by its length.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

LONGEST = 64 * 1024

_CODE_POINT = re.compile(
    r"%u([0-9a-f]{4})|\\u\{?([0-9a-f]{2,6})\}?|\\x([0-9a-f]{2})|\\([0-7]{3})", re.IGNORECASE
)
# Entities that browsers know by another case, or with a semicolon only.
NAMED = {
    "tab": "\t",
    "newline": "\n",
    "colon": ":",
    "lpar": "(",
    "rpar": ")",
    "semi": ";",
    "sol": "/",
    "lt": "<",
    "gt": ">",
    "quot": '"',
}
_NAMED = re.compile(rf"&({'|'.join(NAMED)});?", re.IGNORECASE)
_COMMENT = re.compile(r"/\*!\d*|/\*\+|/\*|\*/|<!---?>")
_LONG_NUMBER = re.compile(
    r"&#\d{8,}"
)  # no character has it, and Python reads no number of thousands of digits
_HIDING = re.compile(
    r"(?<=\w)(?:''|\"\"|``|\\|\^|\$@|\$\(\)|<\(\)|\$\*|\$\{\w{0,2}\}|\$[!?#@*$-])(?=[\w/.])|(?<=[\s/;|])(?:\\|''|\"\")(?=\w)"
)
_QUOTED = re.compile(r"(?<=[\w/])(['\"])(\w{1,10})\1(?=\w|\s|$)")
_IFS = re.compile(r"\$\{?ifs\b\}?(?:\$\d)?", re.IGNORECASE)
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u00b4": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u2212": "-"}
)
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)


def views(text: str) -> list[str]:
    """Return a value as it is, and as others may read it; each once."""
    text = text[:LONGEST]
    found = [text]
    decoded = decode(text)
    if _ENCODED.search(decoded):
        decoded = decode(decoded)
    _add(found, decoded)
    if "/*" in decoded or "*/" in decoded:
        _add(found, without_comments(decoded))
    _add(found, _IFS.sub(" ", _QUOTED.sub(r"\2", _HIDING.sub("", decoded))))
    return found


def _add(found: list[str], view: str) -> None:
    if view not in found:
        found.append(view)


def without_comments(text: str) -> str:
    """Return a value with a space for each comment, and for the marks of those that run; in one pass."""
    kept: list[str] = []
    at = 0
    last = text.rfind("*/")
    while found := _COMMENT.search(text, at):
        if found[0] == "/*" and found.end() > last:  # it never ends, and is no comment
            kept.append(text[at : found.end()])
            at = found.end()
            continue
        kept += (text[at : found.start()], " ")
        at = text.find("*/", found.end()) + 2 if found[0] == "/*" else found.end()
    return "".join([*kept, text[at:]])


def unescaped(text: str) -> str:
    """Return a text without entities, whatever their numbers."""
    return html.unescape(_LONG_NUMBER.sub("&#99999999", text))


def decode(text: str) -> str:
    """Return a value with percent signs, entities, escapes and wide letters decoded."""
    if "%" in text:
        text = unquote(text, errors="replace")
    if "&" in text:
        text = unescaped(_NAMED.sub(lambda match: NAMED[match[1].lower()], text))
    if "%u" in text or "\\" in text:
        text = _CODE_POINT.sub(_character, text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    return text.replace("\x00", "")


def _character(match: re.Match[str]) -> str:
    point = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
    return chr(point) if point < 0x110000 else match[0]
