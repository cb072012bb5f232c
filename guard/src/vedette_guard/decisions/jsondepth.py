"""How deep a JSON body nests, while it passes by, without parsing it.

A body that is no JSON gets some number too: its parser will say the rest.
"""

from __future__ import annotations

import re

# Always matches from a quote on, so the work grows with the chunk only; what stays of a string is its closing quote,
# or the backslash it was cut at.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("|\\?\Z)', re.DOTALL)
_REST = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_OPEN = b"[{"
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


class JsonDepth:
    """Counts the depth over the chunks of one body."""

    __slots__ = ("_depth", "_escaped", "_in_string", "_most", "_waiting")

    def __init__(self, most: int) -> None:
        self._most, self._depth = most, 0
        self._in_string = self._escaped = False
        self._waiting: bytes | None = b""

    def feed(self, chunk: bytes) -> str:
        """Take the next chunk; return why the body is refused, or an empty text."""
        if self._waiting == b"" and chunk.count(b"[") + chunk.count(b"{") <= self._most:
            self._waiting = chunk  # most bodies are one chunk: it is looked into when there is a second one
            return ""
        first, self._waiting = self._waiting, None
        return (self._look(first) if first else "") or self._look(chunk)

    def _look(self, chunk: bytes) -> str:
        if not self._in_string and chunk.count(b"[") + chunk.count(b"{") + self._depth <= self._most:
            return self._count(self._outside(chunk), bounded=True)
        return self._count(self._outside(self._rest(chunk)), bounded=False)

    def _rest(self, chunk: bytes) -> bytes:
        """Return what stands behind the string that an earlier chunk began."""
        if not self._in_string:
            return chunk
        start = 1 if self._escaped and chunk else 0
        match = _REST.match(chunk, start)
        end = match.end() if match else start
        self._escaped = chunk[end : end + 1] == b"\\" or (self._escaped and not chunk)
        self._in_string = end >= len(chunk) or self._escaped
        return b"" if self._in_string else chunk[end + 1 :]

    def _outside(self, chunk: bytes) -> bytes:
        """Return the brackets outside of strings; remember a string that is not closed."""
        if self._in_string:
            return b""
        text, strings = _STRING.subn(rb"\1", chunk)
        if text.count(b'"') < strings:
            self._in_string, self._escaped = True, text.endswith(b"\\")
        return text.translate(None, _OTHERS)

    def _count(self, brackets: bytes, *, bounded: bool) -> str:
        if bounded:  # so few opening ones that the bound cannot be passed
            opening = brackets.count(b"[") + brackets.count(b"{")
            self._depth = max(0, self._depth + 2 * opening - len(brackets))
            return ""
        for bracket in brackets:
            self._depth += 1 if bracket in _OPEN else -1
            if self._depth > self._most:
                return f"JSON nested deeper than {self._most}"
        return ""
