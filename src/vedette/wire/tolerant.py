"""A JSON reader for broken input: linear, without recursion, and it keeps whatever can be read.

It takes NaN and Infinity, lone surrogates, raw control characters, trailing or doubled commas, unquoted
keys, wrong closing brackets, an end in the middle and any depth; each of these becomes a note.
"""

import math
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # typeshed lacks it
from typing import TypeAlias

import msgspec

from vedette.wire.delivery import Note

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DEPTH = 64
TOO_DEEP = "[too deep]"
_MOST_NOTES = 50
_MOST_ALIKE = 5
_MOST_STEPS = 250_000
_BLANK = re.compile(r"[\s\x00-\x20\ufeff]*")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[+-]?[A-Za-z_$][\w$.-]*")
_BARE_KEY = re.compile(r"[\w$.+-]+")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.?)", re.DOTALL)
_BRACKET_OR_STRING = re.compile(r'[\[{]++|[\]}]|"(?:[^"\\]++|\\.)*+"?+', re.DOTALL)
_RUBBISH = re.compile(r'[^,\[\]{}"]*+')
_COMMAS = re.compile(r"[,\s]*,")
_WORDS: dict[str, Json] = {
    "true": True,
    "false": False,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NOT_FINITE = frozenset(("NaN", "Infinity", "inf", "nan"))
_ABSENT = object()


class Parsed(msgspec.Struct, frozen=True):
    """What could be read. `found` is False when there was no value at all, `complete` when the end was missing."""

    value: Json
    notes: tuple[Note, ...]
    found: bool
    complete: bool


def parse(text: str) -> Parsed:
    """Read one JSON value from `text` as far as it goes."""
    reader = _Reader(text)
    found = reader.read()
    return Parsed(reader.root, tuple(reader.notes), found, reader.complete)


def clean(text: str) -> tuple[str, str]:
    """Return a string every store can hold, and what was replaced in it (empty when nothing)."""
    what = ""
    if "\x00" in text:
        text, what = text.replace("\x00", "\ufffd"), "NUL characters were replaced."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            what = "Half characters (lone surrogates) were replaced."
    return text, what


class _Reader:
    """The position in the text, the containers that are open, and the notes so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.root: Json = None
        self.notes: list[Note] = []
        self.complete = True
        self._open: list[list[Json] | dict[str, Json]] = []
        self._keys: list[str] = []
        self._key: str | None = None
        self._comma = False
        self._alike: dict[str, int] = {}

    def read(self) -> bool:
        """Read the value; return whether there was one."""
        char = self._next()
        if not char or not self._value(char):
            return False
        for _ in range(_MOST_STEPS):
            char = self._next()
            if not self._open or not char:
                break
            self._step(char)
        if self._open:
            self.complete = False
            what = "ends in the middle" if self.at >= len(self.text) else "is broken and too long to mend"
            self._note(f"The JSON {what}; what came before is kept.", inside=False)
            return True
        if self._next():
            self._note("Characters after the end of the JSON were dropped.")
        return True

    def _next(self) -> str:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _step(self, char: str) -> None:
        if char in "]}":
            self._close(char)
        elif char == ",":
            self._separate()
        elif isinstance(self._open[-1], dict) and self._key is None:
            self._read_key(char)
        elif not self._value(char):
            self._skip_rubbish()

    def _separate(self) -> None:
        self._forget_key()
        self._comma = True
        self.at += 1
        doubled = _COMMAS.match(self.text, self.at)
        if doubled:
            self._note("A comma too many was skipped.", inside=False)
            self.at = doubled.end()

    def _forget_key(self) -> None:
        if self._key is not None:
            self._note("A key without a value was dropped.")
            self._key = None

    def _close(self, char: str) -> None:
        if self._comma:
            self._note("A trailing comma was skipped.", inside=False)
        self._forget_key()
        container = self._open.pop()
        if (char == "]") is isinstance(container, dict):
            self._note("A wrong closing bracket was taken for the right one.", inside=False)
        self._comma = False
        if self._keys:
            self._keys.pop()
        self.at += 1

    def _read_key(self, char: str) -> None:
        self._comma = False
        if char == '"':
            key = self._string()
        else:
            word = _BARE_KEY.match(self.text, self.at)
            if not word:
                self._skip_rubbish()
                return
            key, self.at = word.group(), word.end()
            self._note(f"The key {key[:40]} is not quoted.")
        key, what = clean(key)
        if self._next() == ":":
            self.at += 1
            self._key = key
            if what:
                self._note(what)
        else:
            self._note(f"The key {key[:40]} has no value and was dropped.")

    def _value(self, char: str) -> bool:
        """Read the value that starts here; return False when none does."""
        if char in {"{", "["}:
            self._container(char)
            return True
        value = self._scalar(char)
        if value is _ABSENT:
            return False
        self._put(value)  # type: ignore[arg-type]  # all but _ABSENT is Json
        return True

    def _container(self, char: str) -> None:
        if len(self._open) >= DEPTH:
            self._note(f"What is nested deeper than {DEPTH} levels was dropped.")
            self._put(TOO_DEEP)
            self._skip_balanced()
            return
        new: list[Json] | dict[str, Json] = {} if char == "{" else []
        where = self._here()
        nested = bool(self._open)
        self._put(new)
        if nested:
            self._keys.append(where)
        self._open.append(new)
        self.at += 1

    def _here(self) -> str:
        if not self._open:
            return ""
        top = self._open[-1]
        return str(len(top)) if isinstance(top, list) else self._key or ""

    def _put(self, value: Json) -> None:
        self._comma = False
        if not self._open:
            self.root = value
            return
        top = self._open[-1]
        if isinstance(top, list):
            top.append(value)
        else:
            top[self._key or ""] = value
            self._key = None

    def _scalar(self, char: str) -> object:
        if char == '"':
            text, what = clean(self._string())
            if what:
                self._note(what)
            return text
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            return self._number(number.group())
        word = _WORD.match(self.text, self.at)
        if not word:
            return _ABSENT
        self.at = word.end()
        return self._word(word.group())

    def _number(self, digits: str) -> Json:
        try:
            value: int | float = int(digits) if digits.lstrip("-").isdigit() else float(digits)
        except ValueError:
            value = math.inf
        if isinstance(value, float) and not math.isfinite(value):
            self._note("A number out of range was dropped.")
            return None
        return value

    def _word(self, word: str) -> object:
        if word in _WORDS:
            return _WORDS[word]
        if not self._open and word.lstrip("+-") not in _NOT_FINITE:
            return _ABSENT
        self._note(f"{word[:40]} is not a JSON value and was dropped.")
        return None

    def _string(self) -> str:
        text: str
        try:
            text, self.at = scanstring(self.text, self.at + 1, False)
        except (JSONDecodeError, ValueError):
            return self._broken_string()
        return text

    def _broken_string(self) -> str:
        match = _STRING.match(self.text, self.at)
        end = match.end() if match else len(self.text)
        raw = self.text[self.at + 1 : end]
        if self.text[end : end + 1] == '"':
            self._note("A text with a wrong escape was kept as far as it could be read.")
            self.at = end + 1
        else:
            self.at = len(self.text)
        return _ESCAPE.sub(_unescape, raw)

    def _skip_rubbish(self) -> None:
        self._note("Characters that are not JSON were skipped.")
        if self.text[self.at] in "[{":
            self._skip_balanced()
            return
        match = _RUBBISH.match(self.text, self.at)
        end = match.end() if match else self.at
        self.at = max(end, self.at + 1)

    def _skip_balanced(self) -> None:
        depth = 0
        for match in _BRACKET_OR_STRING.finditer(self.text, self.at):
            token = match.group()
            if token[0] in "[{":
                depth += len(token)
            elif token[0] in "]}":
                depth -= 1
            if not depth:
                self.at = match.end()
                return
        self.at = len(self.text)

    def _note(self, what: str, *, inside: bool = True) -> None:
        """Note something about the value being read, or (`inside` False) about its container."""
        alike = self._alike.get(what, 0)
        if alike >= _MOST_ALIKE or len(self.notes) >= _MOST_NOTES:
            return
        self._alike[what] = alike + 1
        keys = [*self._keys, self._here()] if self._open and inside else self._keys
        note = Note(where=".".join(keys)[:200], what=what)
        if note not in self.notes:
            self.notes.append(note)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)
