"""Asking a server to begin TLS in the middle of its own protocol.

Sources: RFC 3207 (SMTP), RFC 9051 section 6.2.1 (IMAP), RFC 2595 (POP3), RFC 4217 (FTP), PostgreSQL's documentation,
"Message Flow: SSL Session Encryption".
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from vedette.instruments.probe.types import Cause, Failed

HELLO = "vedette.invalid"
_MOST_LINES = 100
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


class Talk(NamedTuple):
    """A connection before TLS, and what to call the host."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str


async def smtp(talk: Talk, hello: str = HELLO) -> None:
    """Greet by a name, and ask for STARTTLS (RFC 3207)."""
    await _reply(talk, b"220", "the greeting")
    await _say(talk, f"EHLO {hello}".encode())
    offered = await _reply(talk, b"250", "EHLO")
    if not any(line[4:].strip().upper() == b"STARTTLS" for line in offered):
        raise _refused(talk, "it does not offer STARTTLS")
    await _say(talk, b"STARTTLS")
    await _reply(talk, b"220", "STARTTLS")


async def ftp(talk: Talk) -> None:
    """Ask for AUTH TLS (RFC 4217)."""
    await _reply(talk, b"220", "the greeting")
    await _say(talk, b"AUTH TLS")
    await _reply(talk, b"234", "AUTH TLS")


async def pop3(talk: Talk) -> None:
    """Ask for STLS (RFC 2595)."""
    _expect(talk, await _line(talk), b"+OK", "the greeting")
    await _say(talk, b"STLS")
    _expect(talk, await _line(talk), b"+OK", "STLS")


async def imap(talk: Talk) -> None:
    """Ask for STARTTLS (RFC 9051)."""
    _expect(talk, await _line(talk), b"* OK", "the greeting")
    await _say(talk, b"a1 STARTTLS")
    for _ in range(_MOST_LINES):
        line = await _line(talk)
        if line.startswith(b"a1 "):
            _expect(talk, line, b"a1 OK", "STARTTLS")
            return
    raise _refused(talk, "it talks on and on")


async def postgres(talk: Talk) -> None:
    """Send an SSLRequest; the answer is one byte."""
    talk.writer.write(_SSL_REQUEST)
    answer = await talk.reader.read(1)
    if answer != b"S":
        raise _refused(
            talk, "it answered N: TLS is switched off" if answer == b"N" else "it is no PostgreSQL"
        )


TALKS: dict[str, Callable[[Talk], Awaitable[None]]] = {
    "smtp": smtp,
    "imap": imap,
    "pop3": pop3,
    "ftp": ftp,
    "postgres": postgres,
}


async def _say(talk: Talk, line: bytes) -> None:
    talk.writer.write(line + b"\r\n")
    await talk.writer.drain()


async def _line(talk: Talk) -> bytes:
    try:
        line = await talk.reader.readline()
    except ValueError as error:  # longer than the reader's limit
        raise _refused(talk, "it sends a line without an end") from error
    if not line:
        raise _refused(talk, "it closed the connection")
    return line.rstrip(b"\r\n")


async def _reply(talk: Talk, code: bytes, to: str) -> list[bytes]:
    """Return the lines of a reply of SMTP or FTP, where a dash after the code says that more follow."""
    lines: list[bytes] = []
    for _ in range(_MOST_LINES):
        line = await _line(talk)
        lines.append(line)
        if line[3:4] != b"-" and line[:3].isdigit():
            _expect(talk, line, code, to)
            return lines
    raise _refused(talk, "it talks on and on")


def _expect(talk: Talk, line: bytes, begin: bytes, to: str) -> None:
    if not line.startswith(begin):
        shown = line[:120].decode("utf-8", "replace")
        raise _refused(talk, f"to {to} it answered “{shown}”")


def _refused(talk: Talk, why: str) -> Failed:
    return Failed(Cause.STARTTLS_REFUSED, f"{talk.host} does not begin TLS: {why}.")
