"""The two messages of grpc.health.v1.Health/Check, and what gRPC's status codes mean for a check. Decisions only.

Sources: gRPC's "GRPC Health Checking Protocol" (health.proto) and "gRPC over HTTP2"; Protocol Buffers' "Encoding".
HealthCheckRequest is one text (field 1, `service`), HealthCheckResponse one enum (field 1, `status`).
"""

import enum
import re

from vedette.instruments.probe.types import Cause

MOST_SERVICE = 100  # its length fits one byte, and each of its characters too
_CODE = re.compile(r"[0-9]|1[0-6]")


class Serving(enum.IntEnum):
    """What a server says of itself or of a service."""

    UNKNOWN = 0
    SERVING = 1
    NOT_SERVING = 2
    SERVICE_UNKNOWN = 3


_CODES = {
    5: Cause.NOT_FOUND,
    7: Cause.LOGIN_REFUSED,
    12: Cause.NOT_FOUND,
    14: Cause.NOT_SERVING,
    16: Cause.LOGIN_REFUSED,
}
_WORDS = {
    5: "does not know this service",
    7: "does not let us ask",
    12: "has no health service (grpc.health.v1)",
    14: "is not available",
    16: "wants credentials",
}


def asked(service: str) -> str:
    """Return the request as one length-prefixed message; text, for all of its bytes are ASCII."""
    message = f"\x0a{chr(len(service))}{service}" if service else ""
    return f"\x00\x00\x00\x00{chr(len(message))}{message}"


def answered(body: bytes) -> Serving:
    """Return what a response says; raises `ValueError` for what is none."""
    if len(body) < 5 or body[0] != 0 or int.from_bytes(body[1:5], "big") != len(body) - 5:
        raise ValueError("it is no message of gRPC")
    found, message = Serving.UNKNOWN, body[5:]
    while message:
        number, value, message = _field(message)
        if number == 1:
            found = Serving(value)
    return found


def _field(message: bytes) -> tuple[int, int, bytes]:
    """Return number and value of the first field, and what follows; a text counts as its length."""
    key, rest = _varint(message)
    value, rest = _varint(rest)
    if key & 7 == 2:
        return key >> 3, value, rest[value:]
    if key & 7:
        raise ValueError("a field has a type that this message does not have")
    return key >> 3, value, rest


def _varint(data: bytes) -> tuple[int, bytes]:
    found = 0
    for place, byte in enumerate(data[:10]):
        found |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return found, data[place + 1 :]
    raise ValueError("a number in it has no end")


def meant(code: str, message: str) -> tuple[Cause, str]:
    """Return the cause of a status of gRPC (`grpc-status`), and what the server does in words."""
    number = int(code) if _CODE.fullmatch(code) else -1
    words = _WORDS.get(number, f"answered status {code[:20] or 'nothing'} of gRPC")
    return _CODES.get(number, Cause.QUERY_FAILED), f"{words} ({message})" if message else words
