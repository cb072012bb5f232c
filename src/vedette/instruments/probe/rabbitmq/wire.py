"""Methods of AMQP 0-9-1 as a client writes and reads them. Decisions only.

Source: "AMQP Advanced Message Queuing Protocol Specification 0-9-1", sections 2.3.5, 4.2 and its XML; RabbitMQ's errata for the
types in tables.
"""

import struct

import msgspec

from vedette.instruments.probe.types import Cause

HEADER = b"AMQP\x00\x00\x09\x01"
END = b"\xce"
METHOD, HEARTBEAT = 1, 8
START, START_OK, TUNE, TUNE_OK, OPEN, OPEN_OK, CLOSE = (
    (10, 10),
    (10, 11),
    (10, 30),
    (10, 31),
    (10, 40),
    (10, 41),
    (10, 50),
)
CHANNEL_OPEN, CHANNEL_OPEN_OK, CHANNEL_CLOSE = (20, 10), (20, 11), (20, 40)
DECLARE, DECLARE_OK = (50, 10), (50, 11)
_PASSIVE = 1


class Method(msgspec.Struct, frozen=True):
    """Which method, and its arguments as bytes."""

    which: tuple[int, int]
    arguments: bytes


def frame(which: tuple[int, int], arguments: bytes, channel: int = 0) -> bytes:
    """Return a method in its frame."""
    payload = struct.pack(">HH", *which) + arguments
    return struct.pack(">BHI", METHOD, channel, len(payload)) + payload + END


def method(payload: bytes) -> Method:
    """Return what the payload of a frame says; raises `struct.error` for one that is cut short."""
    return Method(struct.unpack(">HH", payload[:4]), payload[4:])


def start_ok(user: str, password: str) -> bytes:
    """Return the proof of who we are, and that we want to be told when it is not taken."""
    able = short("authentication_failure_close") + b"t\x01"
    ours = short("product") + b"S" + long(b"Vedette") + short("capabilities") + b"F" + long(able)
    return long(ours) + short("PLAIN") + long(f"\x00{user}\x00{password}".encode()) + short("en_US")


def tune_ok(arguments: bytes) -> bytes:
    """Return what the server proposes, without heartbeats."""
    return arguments[:6] + b"\x00\x00"


def opening(host: str) -> bytes:
    """Return the arguments that open a virtual host."""
    return short(host) + b"\x00\x00"


def passive(queue: str) -> bytes:
    """Return the arguments that ask for a queue without making it."""
    return b"\x00\x00" + short(queue) + bytes([_PASSIVE]) + long(b"")


def declared(arguments: bytes) -> tuple[int, int]:
    """Return how many messages a queue has and how many consumers; raises `struct.error`."""
    at = 1 + arguments[0]
    messages, consumers = struct.unpack(">II", arguments[at : at + 8])
    return messages, consumers


def offered(arguments: bytes) -> tuple[dict[str, str], list[str]]:
    """Return the texts among a server's properties, and its ways to sign in; raises `struct.error`."""
    (size,) = struct.unpack_from(">I", arguments, 2)
    (length,) = struct.unpack_from(">I", arguments, 6 + size)
    ways = arguments[10 + size : 10 + size + length].decode("ascii", "replace").split(" ")
    return _texts(arguments[6 : 6 + size]), ways


def _texts(table: bytes) -> dict[str, str]:
    """Return the texts at the top of a table; it ends at a type that is none of those servers use there."""
    found, at = {}, 0
    while at < len(table):
        name = table[at + 1 : at + 1 + table[at]].decode("utf-8", "replace")
        at += 1 + table[at]
        kind = table[at : at + 1]
        size = int.from_bytes(table[at + 1 : at + 5], "big")
        if kind == b"S":
            found[name] = table[at + 5 : at + 5 + size].decode("utf-8", "replace")[:200]
        elif kind not in {b"F", b"A"}:
            size = {b"t": -3, b"I": 0}.get(kind, len(table))
        at += 5 + size
    return found


def closed(arguments: bytes) -> tuple[Cause, str]:
    """Return cause and words of a close; raises `IndexError` or `struct.error` for one that is cut short."""
    (code,), size = struct.unpack(">H", arguments[:2]), arguments[2]
    text = arguments[3 : 3 + size].decode("utf-8", "replace")
    if code == 404 or (code == 530 and "not found" in text):
        return Cause.NOT_FOUND, text
    if code in {403, 530}:
        return Cause.LOGIN_REFUSED, text
    return Cause.NOT_SERVING if code in {320, 541} else Cause.QUERY_FAILED, text


def short(text: str) -> bytes:
    """Return a short text; 255 bytes at most."""
    data = text.encode()
    return bytes([len(data)]) + data


def long(data: bytes) -> bytes:
    """Return a long text."""
    return struct.pack(">I", len(data)) + data
