"""Masks what varies in a line of a log or a message: numbers, ids, instants, addresses, paths, quoted words. Pure.

The masks know the shapes in which programs write values, none of any one service.
"""

import re
from collections.abc import Mapping

import msgspec

MOST_CHARS = 1_000
MOST_JSON = 16_000
MOST_TOKENS = 64
_MOST_CACHED = 20_000
_LONGEST_CACHED = 64
_KEYS = 6  # of JSON without a sentence: what comes later may well be left out at times
# Where programs that log JSON put their sentence.
_TEXT_KEYS = ("msg", "message", "log", "MESSAGE", "event", "error")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_TIME_WORDS = frozenset(f"{_MONTHS} Mon Tue Wed Thu Fri Sat Sun AM PM UTC GMT CET CEST".split())

# Whoever has a browser key writes these lines: no part of a pattern may be tried in more than one way.
_SENTENCE = re.compile(r'\b(?:msg|message|error)="([^"\\]*+(?:\\.[^"\\]*+)*+)"')
_DOUBLE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_SINGLE = re.compile(r"(?<!\w)'[^']*'(?!\w)")
_PARTS = re.compile(r"([\[\](){}<>,;=|]+|:(?=\s|$)|: *)")
_SHAPES = re.compile(
    r"(?P<num>[+-]?\d+(?:[.,]\d+)?%?)"
    r"|(?P<time>\d{4}[-/.]\d\d[-/.]\d\d(?:[T_:-]?\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}[/-][A-Za-z]{3}[/-]\d{4}(?::\d\d:\d\d:\d\d(?:[.,]\d+)?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?)"
    r"|(?P<ip>\[?(?:\d{1,3}(?:\.\d{1,3}){3}|(?=(?:[0-9a-fA-F]*:){2})[0-9a-fA-F:.]{2,45})\]?(?:[:/#]\d+)?)"
    r"|(?P<mail>[^@\s]+@[\w.-]+)"
    r"|(?P<hex>@?(?:0x[0-9a-fA-F]+|(?=[a-fA-F-]*\d)[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]+)*))"
)
_DIGITS = re.compile(r"(?<![A-Za-z])[+-]?\d[\d.,:]*|\d+")


class _Known(dict[str, str]):
    """The masks of the words seen lately: most words of a log are seen again."""

    def __missing__(self, word: str) -> str:
        masked = _mask(word)
        if len(word) <= _LONGEST_CACHED:
            if len(self) >= _MOST_CACHED:
                self.clear()
            self[word] = masked
        return masked


_known = _Known()


def tokens(line: str) -> tuple[str, ...]:
    """Return the words of a line with what varies masked, such as `<num>`; at most `MOST_TOKENS`."""
    if line[:1] == "{" and len(line) < MOST_JSON and (fields := _fields(line)) is not None:
        text = _sentence_of(fields)[:MOST_CHARS]
    else:
        text = line[:MOST_CHARS]
        if 'msg="' in text or 'message="' in text or 'error="' in text:
            text = _SENTENCE.sub(_unquoted, text)
    if '"' in text:
        text = _DOUBLE.sub(" <str> ", text)
    if "'" in text:
        text = _SINGLE.sub(" <str> ", text)
    return tuple(map(_known.__getitem__, text.split(None, MOST_TOKENS)[:MOST_TOKENS]))


def _mask(word: str) -> str:
    if word.isalpha():
        return "<time>" if word in _TIME_WORDS else word
    whole = _of_whole(word)
    if whole:
        return whole
    parts = _PARTS.split(word)
    if len(parts) == 1:
        return _DIGITS.sub("<num>", word)
    return "".join(part if i % 2 else _of_part(part) for i, part in enumerate(parts))


def _of_part(part: str) -> str:
    return _of_whole(part) or _DIGITS.sub("<num>", part)


def _of_whole(word: str) -> str:
    bare = word.lstrip("[(,;<.\"'").rstrip("](),;<>:.\"'")
    if found := _SHAPES.fullmatch(bare):
        return word.replace(bare, f"<{found.lastgroup}>", 1)
    if "/" in bare and (bare[0] in "/.~" or "://" in bare or bare.count("/") > 1):
        return word.replace(bare, "<path>", 1)
    return ""


def _unquoted(found: "re.Match[str]") -> str:
    return f"msg= {found[1]}".replace("\\", "")


def _fields(text: str) -> Mapping[str, object] | None:
    try:
        made = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):  # nested a thousand deep
        return None
    return made if isinstance(made, dict) else None


def _sentence_of(fields: Mapping[str, object]) -> str:
    sentence = next((each for key in _TEXT_KEYS if isinstance(each := fields.get(key), str)), "")
    return sentence or " ".join(sorted(fields)[:_KEYS])
