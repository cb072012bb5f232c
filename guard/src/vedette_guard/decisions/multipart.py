"""What a multipart body (RFC 2046, RFC 7578) brings, judged while it passes by; nothing of it is kept.

Parsers differ on what is malformed, and an upload that two of them read differently passes the stricter one. So what
has two meanings is refused: bad boundaries, bare LF, two dispositions, `filename` beside `filename*`, NUL.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vedette_guard.policy import Limits

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))\s*(?=;|$)', re.IGNORECASE)
_ALLOWED = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_QUOTED = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_FILENAME = re.compile(rb";\s*(filename\*?)(?:\*?\d+\*?)?\s*=", re.IGNORECASE)
_DISPOSITION = b"content-disposition"
STEP = 65536  # what is cut off the buffer is copied: the buffer stays small, however large a chunk is


def boundary(content_type: str) -> bytes | None:
    """Return the boundary that a content type names; None when there is none, more than one, or a malformed one."""
    if len(re.findall(r"boundary\s*=", content_type, re.IGNORECASE)) != 1:
        return None
    match = _BOUNDARY.search(content_type)
    text = (match[1] or match[2] or "") if match else ""
    return text.encode() if _ALLOWED.fullmatch(text) else None


class Multipart:
    """Watches the chunks of one body."""

    __slots__ = ("_buffer", "_end", "_limits", "_parts", "_state")

    def __init__(self, boundary_: bytes, limits: Limits) -> None:
        self._end = b"\r\n--" + boundary_
        self._limits, self._parts = limits, 0
        # The first delimiter has no line before it; with one put there, all delimiters look alike.
        self._buffer = b"\r\n"
        self._state: Callable[[], str] = self._preamble

    def feed(self, chunk: bytes) -> str:
        """Take the next chunk; return why the body is refused, or an empty text."""
        for start in range(0, len(chunk), STEP):
            self._buffer += chunk[start : start + STEP]
            reason = self._walk()
            if reason:
                return reason
        return ""

    def _walk(self) -> str:
        """Judge the buffer until more of the body is needed; return why it is refused, or an empty text."""
        while True:
            before = self._state
            reason = before()
            if reason or self._state == before:
                return reason

    def _preamble(self) -> str:
        at = self._buffer.find(self._end)
        waste = at if at >= 0 else len(self._buffer) - len(self._end)
        if self._limits.preamble and waste > self._limits.preamble + 2:
            return "what stands before the first part is too long"
        return self._cut(at)

    def _data(self) -> str:
        at = self._buffer.find(self._end)
        if at < 0:
            self._buffer = self._buffer[-len(self._end) + 1 :]
        return self._cut(at)

    def _cut(self, at: int) -> str:
        if at >= 0:
            self._buffer = self._buffer[at + len(self._end) :]
            self._state = self._delimited
        return ""

    def _delimited(self) -> str:
        """Judge what stands behind a boundary: the end, or a line of its own."""
        if len(self._buffer) < 2:
            return ""
        if self._buffer.startswith(b"--"):
            self._buffer, self._state = b"", self._epilogue
            return ""
        if not self._buffer.startswith(b"\r\n"):
            return "a boundary that does not end its line"
        self._parts += 1
        if self._limits.parts and self._parts > self._limits.parts:
            return f"more than {self._limits.parts} parts"
        self._state = self._headers
        return ""

    def _headers(self) -> str:
        """Judge the headers of a part; the buffer begins with the end of the line before them."""
        at = self._buffer.find(b"\r\n\r\n")
        size = at if at >= 0 else len(self._buffer)
        if self._limits.part_headers and size > self._limits.part_headers:
            return f"a part with more than {self._limits.part_headers} bytes of headers"
        if at < 0:
            return ""
        reason = headers_fault(self._buffer[2:at])
        # The line end before the data stays: data may be empty, and the next delimiter begins with it.
        self._buffer, self._state = self._buffer[at + 2 :], self._data
        return reason

    def _epilogue(self) -> str:
        self._buffer = b""
        return ""


def headers_fault(block: bytes) -> str:
    """Return what is wrong with the headers of a part, or an empty text."""
    if b"\0" in block or re.search(rb"(?<!\r)\n|\r(?!\n)", block):
        return "a part with control characters in its headers"
    names = [line.partition(b":")[0].strip().lower() for line in block.split(b"\r\n")]
    if names.count(_DISPOSITION) > 1:
        return "a part with two dispositions"
    fields = _FILENAME.findall(_QUOTED.sub(b'""', block))
    return "a part with two names for its file" if len(fields) > 1 else ""
