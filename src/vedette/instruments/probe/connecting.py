"""A TCP connection to the first of some pinned addresses that takes one (Happy Eyeballs, RFC 8305, in its simplest form)."""

import asyncio
import contextlib
import socket
from collections.abc import Sequence

from vedette.instruments.probe import causes, sentences
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import where
from vedette.instruments.probe.types import Failed, Phase, Target

_NEXT_AFTER = 0.25


async def connected(target: Target, addresses: Sequence[str], tape: Tape) -> socket.socket:
    """Return a connected, non-blocking socket; the tape notes the address. Raises `Failed`."""
    with tape.timed(Phase.CONNECT):
        sock = await _raced(target, addresses)
    tape.connected, tape.address = True, str(sock.getpeername()[0])
    return sock


async def _raced(target: Target, addresses: Sequence[str]) -> socket.socket:
    """Try the addresses in order, the next one after a quarter of a second or when one fails; the first to connect wins."""
    waiting = list(addresses)
    running: set[asyncio.Task[socket.socket]] = set()
    problem: OSError | None = None
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(_connect(waiting.pop(0), target.port)))
            done, running = await asyncio.wait(
                running, timeout=_NEXT_AFTER if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is None:
                    running |= done - {task}  # whoever connected at the same time is closed below
                    return task.result()
                if not isinstance(error, OSError):
                    raise error
                problem = problem or error
    finally:
        await _called_off(running)
    raise _failed(target, problem)


async def _called_off(running: set[asyncio.Task[socket.socket]]) -> None:
    """Cancel what still runs and close what connected meanwhile."""
    for task in running:
        task.cancel()
    for ended in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:  # also a check that is called off
        sock.close()
        raise
    return sock


def _failed(target: Target, problem: OSError | None) -> Failed:
    cause = causes.of_errno(problem.errno if problem else None)
    why = (problem.strerror if problem else "") or str(problem or "")
    return Failed(cause, sentences.broken(cause, where(target), why.lower()))


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection without waiting for the other side."""
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
