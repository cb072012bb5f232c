"""Packets of MySQL's protocol as a client writes and reads them. Decisions only.

Source: MySQL's "Client/Server Protocol" and MariaDB's "Clientserver protocol": connection phase, COM_QUERY, native_password,
caching_sha2_password.
"""

import hashlib
import struct

import msgspec

from vedette.instruments.probe.types import Cause

_LONG_PASSWORD, _WITH_DATABASE, _PROTOCOL_41, _SSL = 1, 8, 0x200, 0x800
_TRANSACTIONS, _SECURE, _PLUGINS = 0x2000, 0x8000, 0x8_0000
_MOST_PACKET = 1 << 20
_UTF8 = 45
NATIVE, CACHING, CLEAR = "mysql_native_password", "caching_sha2_password", "mysql_clear_password"
_CODES = {
    1040: Cause.NOT_SERVING, 1053: Cause.NOT_SERVING, 1129: Cause.NOT_SERVING, 1203: Cause.NOT_SERVING,
    1044: Cause.LOGIN_REFUSED, 1045: Cause.LOGIN_REFUSED, 1130: Cause.LOGIN_REFUSED, 1698: Cause.LOGIN_REFUSED,
    1251: Cause.LOGIN_REFUSED, 1049: Cause.NOT_FOUND, 1146: Cause.NOT_FOUND, 3159: Cause.LOGIN_REFUSED,
}  # fmt: skip


class Greeting(msgspec.Struct, frozen=True):
    """What a server says first; `nonce` is what passwords are mixed with, `secure` whether it speaks TLS."""

    version: str
    nonce: bytes
    plugin: str
    secure: bool


def greeting(payload: bytes) -> Greeting:
    """Return what a server says first; raises `ValueError` or `struct.error` for what is no MySQL."""
    if payload[:1] != b"\x0a":
        raise ValueError("it does not greet as MySQL does")
    version, _, rest = payload[1:].partition(b"\x00")
    _, first, low, _, _, high, size = struct.unpack("<I8sxHBHHB", rest[:21])
    second = rest[31 : 31 + max(13, size - 8)]
    plugin = rest[31 + len(second) :].split(b"\x00")[0].decode("ascii", "replace")
    secure = bool((low | high << 16) & _SSL)
    return Greeting(
        version.decode("utf-8", "replace"), (first + second)[:20], plugin if high & 8 else NATIVE, secure
    )


def packet(payload: bytes, number: int) -> bytes:
    """Return a packet with its number in the exchange."""
    return len(payload).to_bytes(3, "little") + bytes([number & 0xFF]) + payload


def wants_tls(database: str) -> bytes:
    """Return the request for TLS, which goes before all else."""
    return _beginning(database, _SSL)


def _beginning(database: str, more: int) -> bytes:
    can = _LONG_PASSWORD | _PROTOCOL_41 | _TRANSACTIONS | _SECURE | _PLUGINS | more
    return struct.pack("<IIB23x", can | (_WITH_DATABASE if database else 0), _MOST_PACKET, _UTF8)


def response(user: str, proof: bytes, plugin: str, database: str, *, tls: bool) -> bytes:
    """Return the answer to the greeting."""
    named = database.encode() + b"\x00" if database else b""
    return (
        _beginning(database, _SSL if tls else 0) + user.encode() + b"\x00" + bytes([len(proof)]) + proof + named
        + plugin.encode() + b"\x00"
    )  # fmt: skip


def proof(plugin: str, password: str, nonce: bytes) -> bytes:
    """Return what proves a password to a plugin that mixes it with a nonce; empty for an empty one."""
    if not password:
        return b""
    if plugin == CACHING:
        once = _sha256(password.encode())
        return _mixed(once, _sha256(_sha256(once) + nonce))
    once = _sha1(password.encode())
    return _mixed(once, _sha1(nonce + _sha1(once)))


def fault(payload: bytes) -> tuple[Cause, str]:
    """Return cause and words of an ERR packet."""
    code = int.from_bytes(payload[1:3], "little")
    text = payload[9:] if payload[3:4] == b"#" else payload[3:]
    return _CODES.get(code, Cause.QUERY_FAILED), f"{text.decode('utf-8', 'replace')} ({code})"


def column(payload: bytes) -> str:
    """Return the name in a column definition: its fifth text."""
    at, found = 0, None
    for _ in range(5):
        found, at = _text(payload, at)
    return found or ""


def row(payload: bytes, count: int) -> list[str | None]:
    """Return the values of a row of texts."""
    at, found = 0, []
    for _ in range(count):
        value, at = _text(payload, at)
        found.append(value)
    return found


def number(payload: bytes, at: int = 0) -> tuple[int, int]:
    """Return a length-encoded number and where it ends; raises `ValueError` when it is cut short."""
    first = payload[at] if at < len(payload) else 0xFF
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first, 0)
    if first == 0xFF or len(payload) < at + 1 + size:
        raise ValueError("a number in it is cut short")
    return (int.from_bytes(payload[at + 1 : at + 1 + size], "little") if size else first), at + 1 + size


def _text(payload: bytes, at: int) -> tuple[str | None, int]:
    if payload[at : at + 1] == b"\xfb":
        return None, at + 1
    size, at = number(payload, at)
    if len(payload) < at + size:
        raise ValueError("a text in it is cut short")
    return payload[at : at + size].decode("utf-8", "replace"), at + size


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
