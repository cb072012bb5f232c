"""Cutting the text of an assertion into its words, with the column of what is wrong."""

import re
from typing import NoReturn

from vedette.core.errors import Invalid

_SPACE = re.compile(r"[ \t]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SHOWN = 60


class Scanner:
    """A text and a place in it; columns are counted from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raise `Invalid` that shows the text and the column."""
        column = (self.at if at is None else at) + 1
        shown = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN] + "…"
        raise Invalid(f"Assertion {shown}, column {column}: {message}.")

    def skip_space(self) -> None:
        """Go on to what is no space."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        """Return what a pattern matches here and go on behind it; empty when it does not."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def sees(self, text: str) -> bool:
        """Tell whether a text stands here."""
        return self.text.startswith(text, self.at)

    def accept(self, text: str) -> bool:
        """Go on behind a text if it stands here, and tell whether it did."""
        if not self.sees(text):
            return False
        self.at += len(text)
        return True

    def expect(self, text: str, why: str) -> None:
        """Go on behind a text that must stand here."""
        if not self.accept(text):
            self.fail(f"{why} {text} is missing")

    def at_end(self) -> bool:
        """Tell whether nothing is left but spaces."""
        self.skip_space()
        return self.at >= len(self.text)

    def quoted(self) -> str:
        """Return the text in the quotes that begin here; a backslash keeps the character behind it."""
        begin, mark = self.at, self.text[self.at]
        end = begin + 1
        while end < len(self.text) and self.text[end] != mark:
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            self.fail("the quote that begins here has no end", begin)
        self.at = end + 1
        return _ESCAPE.sub(r"\1", self.text[begin + 1 : end])

    def until(self, stops: str) -> str:
        """Return the text up to the first of some characters outside of parentheses, without spaces around it."""
        begin, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if depth == 0 and char in stops:
                break
            depth += (char == "(") - (char == ")")
            self.at += 1
        return self.text[begin : self.at].strip()
