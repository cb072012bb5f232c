"""The Sentry envelope: a header line, then items of a header line and a payload each.

Format: https://develop.sentry.dev/sdk/data-model/envelopes/
"""

import msgspec

from vedette.core.clock import parse_iso
from vedette.core.errors import Invalid
from vedette.wire import lenient, tolerant
from vedette.wire.delivery import Note
from vedette.wire.items import canonical
from vedette.wire.tolerant import Json

MOST_ITEMS = 5_000
_LONGEST_TYPE = 64
_LONGEST_HEADER = 256 * 1024


class EnvelopeError(Invalid):
    """The envelope cannot be taken apart; the text says which part is wrong and how."""


class Header(msgspec.Struct, frozen=True):
    """The envelope's header as sent; anything may stand in a field."""

    event_id: object = None
    dsn: object = None
    sent_at: object = None
    sdk: object = None


class Label(msgspec.Struct, frozen=True):
    """What an item's header says of a file; anything may stand in a field."""

    filename: object = None
    content_type: object = None
    attachment_type: object = None


class Item(msgspec.Struct, frozen=True):
    """One item: its type and where in the envelope its payload stands (not yet copied).

    `notes` say what was not kept of it when it was made of something else, `label` what an attachment is.
    """

    type: str
    envelope: bytes | bytearray
    start: int
    end: int
    notes: tuple[Note, ...] = ()
    label: Label | None = None

    @property
    def size(self) -> int:
        """Return the payload's length in bytes."""
        return self.end - self.start

    @property
    def payload(self) -> bytes:
        """Return a copy of the payload."""
        return bytes(self.envelope[self.start : self.end])


class Envelope(msgspec.Struct, frozen=True):
    """An envelope taken apart."""

    header: Header
    items: tuple[Item, ...]

    @property
    def sent_at(self) -> float | None:
        """Return the instant the client says it sent this; None when it says nothing usable."""
        return instant(self.header.sent_at)

    @property
    def client(self) -> str:
        """Return the SDK's name and version as `name/version`, empty when the header tells neither."""
        sdk = self.header.sdk
        if not isinstance(sdk, dict) or not isinstance(sdk.get("name"), str):
            return ""
        version = sdk.get("version")
        return f"{sdk['name']}/{version}" if isinstance(version, str) else str(sdk["name"])


class _ItemHeader(msgspec.Struct, frozen=True):
    type: object = None
    length: object = None
    filename: object = None
    content_type: object = None
    attachment_type: object = None

    @property
    def label(self) -> Label | None:
        """Return what is said of a file, None for all other items."""
        if self.type != "attachment":
            return None
        return Label(self.filename, self.content_type, self.attachment_type)


_HEADER = msgspec.json.Decoder(Header).decode
_ITEM_HEADER = msgspec.json.Decoder(_ItemHeader).decode
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def parse(body: bytes | bytearray) -> Envelope:
    """Take an envelope apart; raises `EnvelopeError` with the cause, and nothing else."""
    header, at = read_header(body)
    items: list[Item] = []
    size = len(body)
    while at < size:
        end = body.find(b"\n", at)
        end = size if end < 0 else end
        line = body[at:end]
        if not line or line.isspace():
            at = end + 1
            continue
        if len(items) >= MOST_ITEMS:
            raise EnvelopeError(f"The envelope has more than {MOST_ITEMS} items.")
        item, at = _item(body, line, end + 1, len(items) + 1)
        items.append(item)
    return Envelope(header, tuple(items))


def read_header(body: bytes | bytearray) -> tuple[Header, int]:
    """Return the envelope's header and where its items begin; raises `EnvelopeError`."""
    start = 0
    while body[start : start + 1] in (b"\n", b"\r"):
        start += 1
    end = body.find(b"\n", start)
    end = len(body) if end < 0 else end
    line = body[start:end]
    if not line or line.isspace():
        raise EnvelopeError("The envelope is empty: its first line must be a JSON object.")
    try:
        return _HEADER(line), end + 1
    except _BROKEN:
        fields = _object(line, "The envelope's first line")
        return Header(**{name: fields.get(name) for name in Header.__struct_fields__}), end + 1


def _item(body: bytes | bytearray, line: bytes | bytearray, start: int, number: int) -> tuple[Item, int]:
    """Return the item whose payload begins at `start`, and where the next item's header begins."""
    try:
        header = _ITEM_HEADER(line)
    except _BROKEN:
        fields = _object(line, f"The header of item {number}")
        header = _ItemHeader(**{name: fields.get(name) for name in _ItemHeader.__struct_fields__})
    kind = _type(header.type)
    length = _length(header.length, number)
    if length is None:
        return _to_end_of_line(body, kind, start, header.label)
    end = start + length
    if end > len(body):
        left = max(0, len(body) - start)
        raise EnvelopeError(f"Item {number} says its length is {length} bytes, but {left} are left.")
    item = Item(kind, body, min(start, len(body)), end, label=header.label)
    return item, _after_payload(body, end, number)


def _to_end_of_line(body: bytes | bytearray, kind: str, start: int, label: Label | None) -> tuple[Item, int]:
    newline = body.find(b"\n", start)
    end = len(body) if newline < 0 else newline
    stop = end - 1 if end > start and body[end - 1 : end] == b"\r" else end
    return Item(kind, body, min(start, len(body)), max(stop, min(start, len(body))), label=label), end + 1


def _after_payload(body: bytes | bytearray, end: int, number: int) -> int:
    follows = body[end : end + 2]
    if follows[:1] == b"\n" or not follows:
        return end + 1
    if follows in (b"\r\n", b"\r"):
        return end + 2
    raise EnvelopeError(f"Item {number} goes on after the length it says; a newline must follow the payload.")


def _type(value: object) -> str:
    name = value if isinstance(value, str) and value else "unknown"
    return canonical(name[:_LONGEST_TYPE])


def _length(value: object, number: int) -> int | None:
    if value is None or (type(value) is int and value >= 0):
        return value
    if isinstance(value, float) and value.is_integer() and value >= 0:
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    raise EnvelopeError(f"Item {number} has a length that is not a number of bytes: {str(value)[:40]!r}.")


def _object(line: bytes | bytearray, what: str) -> dict[str, Json]:
    """Read a header line that is not clean JSON; it must at least be an object with its end."""
    if len(line) > _LONGEST_HEADER:
        raise EnvelopeError(f"{what} is longer than {_LONGEST_HEADER} bytes.")
    text, _ = lenient.to_text(bytes(line))
    parsed = tolerant.parse(text)
    if not isinstance(parsed.value, dict) or not parsed.found or not parsed.complete:
        raise EnvelopeError(f"{what} is not a JSON object: {text[:40]!r}.")
    return parsed.value


def instant(value: object) -> float | None:
    """Return the instant an ISO 8601 text or a number of seconds names; None when it names none."""
    if isinstance(value, str):
        try:
            return parse_iso(value)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11:
        return float(value)
    return None


def build(header: dict[str, Json], items: list[tuple[dict[str, Json], bytes]]) -> bytes:
    """Return an envelope; each item's length is written into its header unless it is there already."""
    lines = [lenient.encode(header)]
    for item_header, payload in items:
        lines += [lenient.encode({"length": len(payload), **item_header}), payload]
    return b"\n".join(lines) + b"\n"
