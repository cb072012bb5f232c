"""A TCP port: does it take connections, and does it greet?"""

import asyncio
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import resolving, sentences
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"tcp": 0}
_MOST_BYTES = 65_536


class TcpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`send` goes out once connected (`\\r\\n` for line ends); with `banner` the check waits for the first bytes as its body."""

    send: str = ""
    banner: bool = False


class TcpProbe:
    """Implements `probe.types.Probe`."""

    kind = "tcp"
    label = "TCP port"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = TcpOptions
    secrets = ("send",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL without a port, and for wrong options."""
        decoded(TcpOptions, request.options)
        if not targeted(request.url, SCHEMES).port:
            raise wrong("url", "it needs a port, as in tcp://db.example:5432")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Connect; send and wait for an answer where that is wanted."""
        options = decoded(TcpOptions, request.options)
        target = targeted(request.url, SCHEMES)
        addresses = await resolving.resolved(target, request, standpoint, tape)
        sock = await connected(target, addresses, tape)
        reader, writer = await asyncio.open_connection(sock=sock)
        try:
            if options.send or options.banner:
                await _greeted(reader, writer, options, tape, where(target))
        finally:
            await closed(writer)
        return f"{where(target)} took the connection"


async def _greeted(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, options: TcpOptions, tape: Tape, host: str
) -> None:
    try:
        with tape.timed(Phase.FIRST_BYTE):
            if options.send:
                writer.write(options.send.encode().decode("unicode_escape").encode("latin-1", "replace"))
                await writer.drain()
            tape.body = await reader.read(_MOST_BYTES)
    except ConnectionError as error:
        raise Failed(Cause.RESET, sentences.broken(Cause.RESET, host)) from error
    if not tape.body:
        raise Failed(Cause.CLOSED_EARLY, sentences.broken(Cause.CLOSED_EARLY, host))


PROBE = TcpProbe()
