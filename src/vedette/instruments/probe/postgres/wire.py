"""Messages of PostgreSQL's protocol 3.0 as a client writes and reads them. Decisions only.

Source: PostgreSQL's documentation, "Frontend/Backend Protocol": "Message Formats", "Error and Notice Message Fields".
"""

import hashlib
import struct
from collections.abc import Mapping

from vedette.instruments.probe.types import Cause

_VERSION = 196_608
_CODES = {
    "28000": Cause.LOGIN_REFUSED,
    "28P01": Cause.LOGIN_REFUSED,
    "3D000": Cause.NOT_FOUND,
    "42P01": Cause.NOT_FOUND,
    "53300": Cause.NOT_SERVING,
    "57P01": Cause.NOT_SERVING,
    "57P02": Cause.NOT_SERVING,
    "57P03": Cause.NOT_SERVING,
}


def startup(parameters: Mapping[str, str]) -> bytes:
    """Return the message that begins."""
    texts = b"".join(_text(part) for pair in parameters.items() for part in pair)
    return struct.pack(">II", len(texts) + 9, _VERSION) + texts + b"\x00"


def message(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a message of a kind."""
    return kind + struct.pack(">I", len(payload) + 4) + payload


def password(secret: bytes) -> bytes:
    """Return a password, as it is or digested."""
    return message(b"p", secret + b"\x00")


def md5(user: str, secret: str, salt: bytes) -> bytes:
    """Return a password digested as `md5` wants it."""
    inner = hashlib.md5((secret + user).encode(), usedforsecurity=False).hexdigest()
    return b"md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode()


def sasl_initial(mechanism: str, data: bytes) -> bytes:
    """Return the first message of a SASL exchange."""
    return message(b"p", _text(mechanism) + struct.pack(">I", len(data)) + data)


def simple(query: str) -> bytes:
    """Return a query of the simple kind, for what is ours."""
    return message(b"Q", _text(query))


def extended(query: str, most_rows: int) -> bytes:
    """Return a query of the extended kind: one statement and no more, and no more rows than wanted."""
    return b"".join([
        message(b"P", b"\x00" + _text(query) + struct.pack(">H", 0)),
        message(b"B", b"\x00\x00" + struct.pack(">HHH", 0, 0, 0)),
        message(b"D", b"P\x00"),
        message(b"E", b"\x00" + struct.pack(">I", most_rows)),
        message(b"S"),
    ])  # fmt: skip


def columns(payload: bytes) -> list[str]:
    """Return the names in a RowDescription; raises `ValueError` or `struct.error`."""
    (count,), at, found = struct.unpack(">H", payload[:2]), 2, []
    for _ in range(count):
        end = payload.index(b"\x00", at)
        found.append(payload[at:end].decode("utf-8", "replace"))
        at = end + 19  # the end of the name, and what describes its type
    return found


def row(payload: bytes) -> list[str | None]:
    """Return the values in a DataRow; raises `struct.error`."""
    (count,), at, found = struct.unpack(">H", payload[:2]), 2, []
    for _ in range(count):
        (size,) = struct.unpack(">i", payload[at : at + 4])
        at += 4
        found.append(None if size < 0 else payload[at : at + size].decode("utf-8", "replace"))
        at += max(size, 0)
    return found


def fault(payload: bytes) -> tuple[Cause, str]:
    """Return cause and words of an ErrorResponse."""
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in payload.split(b"\x00") if part}
    code = fields.get(b"C", "")
    return _CODES.get(code, Cause.QUERY_FAILED), f"{fields.get(b'M', 'no reason was given')} ({code})"


def parameter(payload: bytes) -> tuple[str, str]:
    """Return name and value of a ParameterStatus."""
    name, _, value = payload.rstrip(b"\x00").decode("utf-8", "replace").partition("\x00")
    return name, value


def _text(text: str) -> bytes:
    return text.encode() + b"\x00"
