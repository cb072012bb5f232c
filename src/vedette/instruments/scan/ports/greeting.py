"""What a port speaks: its own greeting is read, else a few bytes are said that every server of the kind answers and that change nothing."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence

from vedette.instruments.host.series import shown
from vedette.instruments.scan.ports.knocking import connection
from vedette.instruments.scan.ports.services import services

_PATIENCE = 0.6
_MOST = 512
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_HEAD = b"HEAD / HTTP/1.0\r\n\r\n"
_PING = b"PING\r\n"
_ASKS = {"PostgreSQL": _SSL_REQUEST, "PgBouncer": _SSL_REQUEST, "Redis": _PING}


async def greeted(address: str, port: int) -> tuple[str, str]:
    """Return the name of what a port speaks and its first words; empty where it does not tell."""
    usual = services().get(port)
    for words in _words(usual.name if usual else "", port):
        answer = await _answer(address, port, words)
        name = spoken(answer, words)
        if name:
            return name, _first_line(answer)
    return "", ""


def _words(usual: str, port: int) -> Sequence[bytes]:
    """Return what is said to a port, the likeliest first; nothing at first, for many servers greet by themselves."""
    if usual in _ASKS:
        return (_ASKS[usual],)
    return (
        (_client_hello(), _HEAD)
        if port in {443, 8443}
        else (b"", _HEAD, _client_hello(), _SSL_REQUEST, _PING)
    )


def spoken(answer: bytes, asked: bytes) -> str:  # noqa: PLR0911 - a table whose keys are more than texts
    """Return the name of the protocol an answer is of."""
    if answer.startswith(b"SSH-"):
        return "SSH"
    if answer.startswith(b"HTTP/"):
        return "HTTP"
    if answer[:1] in {b"\x15", b"\x16"} and answer[1:2] == b"\x03":
        return "TLS"
    if answer.startswith((b"+PONG", b"-NOAUTH", b"-DENIED")):
        return "Redis"
    if asked == _SSL_REQUEST and answer[:1] in {b"S", b"N"} and len(answer) == 1:
        return "PostgreSQL"
    if len(answer) > 5 and answer[3:5] == b"\x00\x0a":
        return "MySQL"
    low = answer[:200].upper()
    if answer.startswith(b"220"):
        return "SMTP" if b"SMTP" in low else "FTP" if b"FTP" in low else ""
    return "POP3" if answer.startswith(b"+OK") else "IMAP" if answer.startswith(b"* OK") else ""


async def _answer(address: str, port: int, words: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_PATIENCE):
            with await connection(address, port) as sock:
                if words:
                    await loop.sock_sendall(sock, words)
                return await loop.sock_recv(sock, _MOST)
    except (OSError, TimeoutError):
        return b""


def _client_hello() -> bytes:
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(into, out, server_hostname="vedette.invalid").do_handshake()
    return out.read()


def _first_line(answer: bytes) -> str:
    if not answer or answer[:1] in {b"\x15", b"\x16"} or answer[3:5] == b"\x00\x0a":
        return ""
    return shown(answer.decode("latin-1").split("\r\n")[0].split("\n")[0], 120)
