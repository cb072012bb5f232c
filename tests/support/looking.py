"""One check as the scheduler would run it, of a server on loopback that the tests' authority vouches for."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

from tests.support import pki
from tests.support.naughty import Naughty, Script

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Request, Result, Standpoint


def look(
    url: str, *expect: str, deadline: float = 10.0, folders: Sequence[str] = (), root: Path | None = None, **options: object
) -> Result:  # fmt: skip
    """Run one check; names of the URL lead to loopback."""
    host = "shop.test"
    standpoint = Standpoint(
        policy=AddressPolicy(allow_private=True),
        authorities=str(root or ""),
        hosts="",
        folders=tuple(folders),
    )
    pins = ("127.0.0.1",) if host in url else ()
    request = Request(url=url, expect=expect, deadline=deadline, pins=pins, options=options)
    return asyncio.run(run(request, standpoint))


def look_at(
    scheme: str, script: Script, *expect: str, path: str = "", deadline: float = 1.0, **options: object
) -> Result:
    """Run one check of a server that plays a script."""
    server = Naughty(script, reads=False)
    try:
        return look(f"{scheme}://127.0.0.1:{server.port}{path}", *expect, deadline=deadline, **options)
    finally:
        server.close()


def then_listens(data: bytes) -> Script:
    """Play a server that says something and hears whatever comes, until the other side goes."""

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        while connection.recv(65_536):
            pass

    return script


def then_hangs_up(data: bytes) -> Script:
    """Play a server that says something, and that it is done."""

    def script(connection: socket.socket, request: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        then_listens(b"")(connection, request)

    return script


def trusting() -> dict[str, object]:
    """Return the options that make a check trust the tests' authority."""
    return {"authority": pki.root().pem}
