"""The only way out of a journey: a forward proxy that resolves, asks the policy, pins, and connects (RFC 9110, sections 7.6 and 9.3.6).

One request a connection, so that what comes next is judged anew. `CONNECT` for TLS and WebSockets, the absolute form for plain
HTTP. For a host that is not reached the browser gets an answer that is no page to it but an error (`telling` knows which); why is in `refused`.
"""

import asyncio
import contextlib
import re
import socket
from typing import NamedTuple

from vedette.core.errors import Invalid
from vedette.instruments.probe import connecting
from vedette.instruments.probe.resolving import resolved
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Failed, Request, Standpoint, Target

_SCHEMES = {"http": 80, "https": 443}
_LONGEST_HEAD = 65_536
_PIECE = 65_536
_MOST_AT_ONCE = 256
_MOST_REFUSED = 100
_MOST_BYTES = 512 << 20
_MOST_INFORMATIONAL = 16  # answers before the answer (RFC 9110, section 15.2)
_HEAD_SECONDS = 30.0
_START = re.compile(rb"(?P<method>[A-Z]{1,20}) (?P<place>[^ \x00-\x1f]{1,8192}) HTTP/1\.[01]\r\n")
_HOP = re.compile(rb"(?im)^(?:connection|proxy-[a-z-]+|keep-alive|upgrade|te):[^\r\n]*\r\n")
_STATUS = re.compile(rb"HTTP/1\.[01] (?P<code>\d{3})")
# What Chromium asks of its makers on its own account: no part of the journey, and nobody's business.
_BROWSERS_OWN = frozenset({
    "update.googleapis.com", "content-autofill.googleapis.com", "optimizationguide-pa.googleapis.com",
    "safebrowsing.googleapis.com", "clients2.google.com", "clientservices.googleapis.com", "edgedl.me.gvt1.com", "redirector.gvt1.com",
})  # fmt: skip
_NO_TUNNEL = b"HTTP/1.1 502 Not reached\r\nContent-Length: 0\r\n\r\n"
_NOT_REACHED = (
    b"HTTP/1.1 502 Not reached\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n"  # two lengths: never shown
)
_SWITCHING, _FINAL = 101, 200


class Asked(NamedTuple):
    """What the browser asks the proxy for: where to connect, and what to send there (nothing for a tunnel)."""

    target: Target
    head: bytes


class Proxy:
    """Serves one journey; `refused` are the hosts that were not reached with why, `address` the first that answered."""

    def __init__(self, request: Request, standpoint: Standpoint) -> None:
        self._request, self._standpoint = request, standpoint
        self.refused: dict[str, Failed] = {}
        self.host = self.address = ""
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._passed = 0

    async def open(self, listening: socket.socket) -> None:
        """Serve whoever connects to a socket that listens."""
        self._server = await asyncio.start_server(self._serve, sock=listening, limit=_LONGEST_HEAD)

    async def close(self) -> None:
        """End, with every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._running) >= _MOST_AT_ONCE:
            writer.transport.abort()
            return
        self._running.add(task)
        try:
            await self._served(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # one of both ends is gone, or speaks no HTTP
        finally:
            self._running.discard(task)
            writer.transport.abort()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        asked = asked_of(head)
        if asked is None or asked.target.host in _BROWSERS_OWN:
            return
        sock = await self._connected(asked.target)
        if sock is None:
            writer.write(_NOT_REACHED if asked.head else _NO_TUNNEL)
            await _flushed(writer)
            return
        far, out = await asyncio.open_connection(sock=sock, limit=_LONGEST_HEAD)
        try:
            if asked.head:
                out.write(asked.head)
                back = asyncio.create_task(self._answered(far, writer))
            else:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = asyncio.create_task(self._poured(far, writer))
            await _both(asyncio.create_task(self._poured(reader, out)), back)
            await _flushed(writer)
        finally:
            out.transport.abort()

    async def _connected(self, target: Target) -> socket.socket | None:
        """Return a connection to an address that may be reached; None when there is none, with why in `refused`."""
        tape = Tape()
        try:
            addresses = await resolved(target, self._request, self._standpoint, tape)
            sock = await connecting.connected(target, addresses, tape)
        except Failed as error:
            if len(self.refused) < _MOST_REFUSED:
                self.refused.setdefault(target.host, error)
            return None
        self.refused.pop(target.host, None)
        if not self.address:
            self.host, self.address = target.host, tape.address
        return sock

    async def _answered(self, far: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        """Pass an answer on, and say that the connection ends with it."""
        for _ in range(_MOST_INFORMATIONAL + 1):
            code = await self._headed(far, near)
            if code >= _FINAL or code == _SWITCHING:
                await self._poured(far, near)
            if not 100 <= code < _FINAL or code == _SWITCHING:
                return

    async def _headed(self, far: asyncio.StreamReader, near: asyncio.StreamWriter) -> int:
        """Pass the head of an answer on; return its status, 0 for what is none."""
        head = await far.readuntil(b"\r\n\r\n")
        found = _STATUS.match(head)
        if found is None:
            return 0
        code = int(found["code"])
        first, _, rest = head.partition(b"\r\n")
        near.write(
            first + b"\r\n" + (b"Connection: close\r\n" if code >= _FINAL else b"") + _HOP.sub(b"", rest)
        )
        self._passed += len(head)
        await near.drain()
        return code

    async def _poured(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        """Pass on what comes, until its end or until the journey has had as much as it may."""
        while self._passed < _MOST_BYTES and (piece := await source.read(_PIECE)):
            self._passed += len(piece)
            to.write(piece)
            await to.drain()
        with contextlib.suppress(OSError):
            to.write_eof()


def asked_of(head: bytes) -> Asked | None:
    """Return what the head of a request to a proxy asks for; None for what cannot be read or is no http."""
    start = _START.match(head)
    if start is None:
        return None
    place = start["place"].decode("latin-1")
    tunnel = start["method"] == b"CONNECT"
    try:
        target = targeted(f"https://{place}" if tunnel else place, _SCHEMES)
    except Invalid:
        return None
    if tunnel:
        return Asked(target, b"")
    if target.scheme != "http":
        return None
    fields = _HOP.sub(b"", head[start.end() :])
    line = b"%s %s HTTP/1.1\r\n" % (start["method"], (target.path or "/").encode("latin-1"))
    return Asked(target, line + b"Connection: close\r\n" + fields)


async def _flushed(writer: asyncio.StreamWriter) -> None:
    """Close a connection once all that was written to it has gone."""
    writer.close()
    await writer.wait_closed()


async def _both(forth: "asyncio.Task[None]", back: "asyncio.Task[None]") -> None:
    """Wait until the answer is over; what is still to be sent has no reader then."""
    try:
        await back
    finally:
        for task in (forth, back):
            task.cancel()
        await asyncio.gather(forth, back, return_exceptions=True)
