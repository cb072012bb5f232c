"""One question to name servers, with a time for each try; answers are dnspython's messages."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from vedette.core.clock import monotonic
from vedette.instruments.probe.resolving import resolver_of
from vedette.instruments.probe.types import Cause, Failed

if TYPE_CHECKING:
    from dns.message import Message

TRY_SECONDS = 2.0
_ROUNDS = 2

Server = tuple[str, int]


class Flags(NamedTuple):
    """Which bits a question carries: recursion wanted, signatures wanted (DO and AD), unchecked answers taken too (CD)."""

    recursive: bool = True
    signed: bool = False
    unchecked: bool = False


_USUAL = Flags()


def system_servers(servers: tuple[str, ...]) -> list[Server]:
    """Return the addresses and ports of the resolvers to ask; raises `Failed` when the system has none."""
    found = []
    for server in resolver_of(servers).nameservers:
        text = server if isinstance(server, str) else server.answer_nameserver()
        found.append((text, 53 if isinstance(server, str) else server.answer_port()))
    return found


async def ask(
    servers: Sequence[Server], name: str, kind: str, end: float, flags: Flags = _USUAL
) -> "tuple[Message, Server]":
    """Return the first answer and who gave it; `end` is an instant of `core.clock.monotonic`. Raises `Failed`."""
    silent = True
    for _ in range(_ROUNDS):
        for server in servers:
            left = end - monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return await _ask(server, name, kind, min(TRY_SECONDS, left), flags), server
            except TimeoutError:
                continue
            except OSError:
                silent = False
    told = ", ".join(address for address, _ in servers)
    if silent:
        raise Failed(Cause.RESOLVER_TIMEOUT, f"{told} did not answer for {name} {kind} in time.")
    raise Failed(Cause.RESOLVER_UNREACHABLE, f"{told} cannot be reached to ask for {name} {kind}.")


async def _ask(server: Server, name: str, kind: str, seconds: float, flags: Flags) -> "Message":
    import dns.asyncquery
    from dns.exception import DNSException, Timeout

    try:
        async with asyncio.timeout(seconds):
            answer, _ = await dns.asyncquery.udp_with_fallback(
                _query(name, kind, flags), server[0], port=server[1], timeout=seconds
            )
            return answer
    except Timeout as error:
        raise TimeoutError from error
    except DNSException as error:
        raise Failed(
            Cause.BAD_ANSWER, f"{server[0]} gave an answer that is no DNS: {error or type(error).__name__}."
        ) from error


def _query(name: str, kind: str, flags: Flags) -> "Message":
    import dns.flags
    import dns.message

    query = dns.message.make_query(name, kind, want_dnssec=flags.signed)
    if flags.signed:
        query.flags |= dns.flags.AD
    if flags.unchecked:
        query.flags |= dns.flags.CD
    if not flags.recursive:
        query.flags &= ~dns.flags.RD
    return query
