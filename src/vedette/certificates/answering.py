"""Port 80 on asyncio: one short answer for each connection, bounded in size, time and number."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from http import HTTPStatus

from vedette.certificates.redirecting import Reply, reply

MOST_BYTES, MOST_AT_ONCE = 8_192, 512
SECONDS, LINGER_SECONDS = 5.0, 1.0
_REST = 65_536


class Desk:
    """Answers at a listening socket until closed; see `redirecting.reply` for `names`, `port` and `proof`."""

    def __init__(self, names: tuple[str, ...], port: int, proof: Callable[[str], str]) -> None:
        self._names, self._port, self._proof = names, port, proof
        self._busy = 0
        self._server: asyncio.Server | None = None

    async def open(self, listener: socket.socket) -> None:
        """Begin."""
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=MOST_BYTES)

    def close(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        self._busy += 1
        try:
            if self._busy <= MOST_AT_ONCE:
                await self._answer(reading, writing)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever is slow, talks on and on, or has gone, gets no answer
        finally:
            self._busy -= 1
            writing.close()

    async def _answer(self, reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(SECONDS):
            head = await reading.readuntil(b"\r\n\r\n")
        writing.write(_written(reply(head, self._names, self._port, self._proof), head.startswith(b"HEAD ")))
        writing.write_eof()
        # A body nobody read would reset the connection, and the answer with it.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                left = _REST
                while left > 0 and (part := await reading.read(left)):
                    left -= len(part)


def _written(answer: Reply, bare: bool) -> bytes:
    body = answer.text.encode()
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *([f"Location: {answer.location}"] if answer.location else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if bare else body)
