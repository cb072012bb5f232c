"""Frames of WebSocket as a client writes and reads them (RFC 6455, section 5), and the proof of the handshake. Decisions only."""

import base64
import enum
import hashlib
import struct

import msgspec

_PROOF = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MOST_CONTROL = 125


class Opcode(enum.IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Head(msgspec.Struct, frozen=True):
    """The beginning of a frame: what it is, whether it is the last of its message, and how many bytes say how long it is (0, 2 or 8)."""

    opcode: Opcode
    final: bool
    size: int
    more: int


def accepted(key: str) -> str:
    """Return what a server must answer to a key (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}{_PROOF}".encode(), usedforsecurity=False).digest()).decode()


def frame(opcode: Opcode, payload: bytes, mask: bytes) -> bytes:
    """Return a whole message as one frame, masked with four bytes as a client must."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        length = bytes([0x80 | 127]) + struct.pack(">Q", size)
    return bytes([0x80 | opcode]) + length + mask + masked(payload, mask)


def masked(payload: bytes, mask: bytes) -> bytes:
    """Return bytes masked, or masked ones as they were."""
    whole = int.from_bytes((mask * (len(payload) // 4 + 1))[: len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ whole).to_bytes(len(payload), "big")


def head(data: bytes) -> Head:
    """Return what the first two bytes of a server's frame say; raises `ValueError` for what no server may send."""
    first, second = data
    if first & 0x70:
        raise ValueError("a frame uses an extension that was not agreed on")
    if second & 0x80:
        raise ValueError("a frame is masked, which only a client's may be")
    opcode, size = Opcode(first & 0x0F), second & 0x7F
    final = bool(first & 0x80)
    if opcode >= Opcode.CLOSE and (size > _MOST_CONTROL or not final):
        raise ValueError("a control frame is too long or in pieces")
    return Head(opcode, final, size, {126: 2, 127: 8}.get(size, 0))
