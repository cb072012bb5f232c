"""Documents of MongoDB: what a check sends and what comes back. Source: bsonspec.org, version 1.1. Decisions only."""

import struct
from collections.abc import Mapping

_MOST_DEPTH = 20
_FIXED = {0x01: "<d", 0x10: "<i", 0x11: "<Q", 0x12: "<q", 0x09: "<q"}
_PLAIN: dict[int, object] = {0x0A: None, 0x06: None, 0xFF: None, 0x7F: None}


def encoded(document: Mapping[str, int | str]) -> bytes:
    """Return a document of numbers (32 bits) and texts."""
    body = b""
    for name, value in document.items():
        if isinstance(value, int):
            body += b"\x10" + name.encode() + b"\x00" + struct.pack("<i", value)
        else:
            text = value.encode() + b"\x00"
            body += b"\x02" + name.encode() + b"\x00" + struct.pack("<i", len(text)) + text
    return struct.pack("<i", len(body) + 5) + body + b"\x00"


def decoded(data: bytes) -> dict[str, object]:
    """Return a document as JSON could hold it; what JSON has no word for is hex. Raises `ValueError` or `struct.error`."""
    return dict(_members(data, 0))


def _members(data: bytes, depth: int) -> list[tuple[str, object]]:
    size = struct.unpack_from("<i", data)[0]
    if size != len(data) or size < 5 or depth > _MOST_DEPTH:
        raise ValueError("a document is cut short or nested too deeply")
    found, at = [], 4
    while data[at]:
        end = data.index(b"\x00", at + 1)
        name = data[at + 1 : end].decode("utf-8", "replace")
        value, at = _value(data[at], data, end + 1, depth)
        found.append((name, value))
    return found


def _value(kind: int, data: bytes, at: int, depth: int) -> tuple[object, int]:
    """Return the value of a type that begins at a place, and where it ends."""
    if kind in _PLAIN:
        return _PLAIN[kind], at
    if kind == 0x08:
        return bool(data[at]), at + 1
    if kind in _FIXED:
        form = _FIXED[kind]
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if kind == 0x07:
        return data[at : at + 12].hex(), at + 12
    if kind == 0x13:
        return data[at : at + 16].hex(), at + 16
    return _sized(kind, data, at, depth)


def _sized(kind: int, data: bytes, at: int, depth: int) -> tuple[object, int]:
    (size,) = struct.unpack_from("<i", data, at)
    if size < 0 or at + size > len(data):
        raise ValueError("a value is cut short")
    if kind in {0x03, 0x04}:
        inner = _members(data[at : at + size], depth + 1)
        return ([value for _, value in inner] if kind == 0x04 else dict(inner)), at + size
    if kind in {0x02, 0x0D, 0x0E}:
        return data[at + 4 : at + 3 + size].decode("utf-8", "replace"), at + 4 + size
    if kind == 0x05:
        return data[at + 5 : at + 5 + size].hex(), at + 5 + size
    raise ValueError(f"a value has the type {kind}, which is none")
