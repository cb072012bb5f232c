"""Multipart forms (RFC 7578 over RFC 2046), read as they arrive: fields in memory, files piece by piece.

Total memory is bounded by the longest header, the longest field and one piece. Names are taken as browsers write
them (WHATWG: `%22` for a quote), and as crash reporters do (quoted or bare, with either slash in file names).
"""

import re
from collections.abc import Iterator

import msgspec

from vedette.core.errors import Invalid

LONGEST_HEADER = 8_192
MOST_PARTS = 1_000
_BOUNDARY = re.compile(rb'boundary=(?:"([^"]{1,200})"|([^;,\s"]{1,200}))', re.IGNORECASE)
_PARAMETER = re.compile(rb';\s*(name|filename)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', re.IGNORECASE)


class FormError(Invalid):
    """The form cannot be taken apart; the text says why."""


class Part(msgspec.Struct, frozen=True):
    """The head of a part; `filename` is None for a field that is no file."""

    name: str
    filename: str | None = None
    content_type: str = ""


class Piece(msgspec.Struct, frozen=True):
    """Some bytes of the part before it; `last` when the part ends with them."""

    data: bytes
    last: bool = False


def boundary_of(content_type: bytes) -> bytes | None:
    """Return the boundary a Content-Type names, None when it is no multipart form."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.strip().lower().startswith(b"multipart/"):
        return None
    return found[1] or found[2]


class FormReader:
    """Takes a form apart: `feed` it bytes, and see that it is `done` at the end."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        self._held = b"\r\n"  # so that the first boundary looks like the others
        self._parts = 0
        self._in_part = False
        self.done = False

    def feed(self, data: bytes) -> Iterator[Part | Piece]:
        """Yield the heads and pieces that are complete with these bytes; raises `FormError`."""
        self._held += data
        while not self.done:
            step = self._piece() if self._in_part else self._head()
            if step is None:
                return
            yield step
        self._held = b""

    def finish(self) -> None:
        """Say that nothing follows; raises `FormError` when the form is not at its end."""
        if not self.done:
            raise FormError("The form ends in the middle: its closing boundary is missing.")

    def _piece(self) -> Piece | None:
        at = self._held.find(self._mark)
        if at >= 0:
            data, self._held = self._held[:at], self._held[at:]
            self._in_part = False
            return Piece(data, last=True)
        safe = len(self._held) - len(self._mark)
        if safe <= 0:
            return None
        data, self._held = self._held[:safe], self._held[safe:]
        return Piece(data)

    def _head(self) -> Part | None:
        """Return the head of the next part, once it is whole; what stands before the first boundary is skipped."""
        at = self._held.find(self._mark)
        if at < 0:
            if len(self._held) > LONGEST_HEADER:
                raise FormError("The body does not begin with the boundary its Content-Type names.")
            return None
        after = at + len(self._mark)
        if self._held[after : after + 2] == b"--":
            self.done = True
            return None
        end = self._held.find(b"\r\n\r\n", after)
        if end < 0:
            if len(self._held) - after > LONGEST_HEADER:
                raise FormError(f"A part's header is longer than {LONGEST_HEADER} bytes.")
            return None
        head, self._held = self._held[after:end], self._held[end + 4 :]
        return self._opened(head)

    def _opened(self, head: bytes) -> Part:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormError(f"The form has more than {MOST_PARTS} parts.")
        self._in_part = True
        return _part(head, self._parts)


def _part(head: bytes, number: int) -> Part:
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    found = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(fields.get(b"content-disposition", b""))}  # fmt: skip
    if b"name" not in found and b"filename" not in found:
        raise FormError(f"Part {number} of the form has no name.")
    filename = found.get(b"filename")
    kind = fields.get(b"content-type", b"").decode("latin-1")
    return Part(
        _text(found.get(b"name", b"")), None if filename is None else _text(filename), kind.partition(";")[0]
    )


def _text(raw: bytes) -> str:
    said = raw.replace(b"%22", b'"').replace(b'\\"', b'"')
    return said.decode("utf-8", "replace")[:255]
