"""Ports from outside by connections alone: no packet that a client would not send, few at once, and each tried twice when nothing comes."""

import asyncio
import errno
import resource
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.instruments.scan.types import CannotKnow

_DROPPED = {
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.ETIMEDOUT,
    errno.EHOSTDOWN,
    errno.ENETDOWN,
    errno.EAFNOSUPPORT,  # no way there by IPv6: all of that address is silent, which is told
}
_REFUSED = {errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED}
_SPARED = 12  # files that this process may open meanwhile, beside the connections


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast ports are tried: how many at once, and how many seconds each may take."""

    at_once: int = 64
    patience: float = 1.5


async def knocked(address: str, ports: Sequence[int], pace: Pace, told: Callable[[Outside], None]) -> None:
    """Try each port of an address; `told` hears what each does, and again of one that was silent at first and answers later.

    Raises `CannotKnow` when this machine cannot ask: a port that was never asked is not closed.
    """
    gate = asyncio.Semaphore(_at_once(pace))

    async def one(port: int) -> Outside:
        async with gate:
            seen = Outside(address=address, port=port, state=await _state(address, port, pace.patience))
        told(seen)
        return seen

    first = await asyncio.gather(*(one(port) for port in ports))
    silent = [each.port for each in first if each.state is PortState.FILTERED]
    if len(silent) < len(ports):
        await asyncio.gather(*(one(port) for port in silent))


async def _state(address: str, port: int, patience: float) -> PortState:
    try:
        async with asyncio.timeout(patience):
            (await connection(address, port)).close()
    except TimeoutError:
        return PortState.FILTERED
    except OSError as error:
        return _meant(error)
    return PortState.OPEN


def _at_once(pace: Pace) -> int:
    """Return how many connections may be open together under the limit of this process."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return pace.at_once
    return max(1, min(pace.at_once, limit - _open_files() - _SPARED))


def _open_files() -> int:
    """Return how many files this process holds open; 0 where the system does not tell (proc(5))."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0


def _meant(error: OSError) -> PortState:
    """Return what an error says of the port; raises `CannotKnow` where it speaks of this machine instead."""
    if error.errno in _REFUSED:
        return PortState.CLOSED
    if error.errno in _DROPPED:
        return PortState.FILTERED
    raise CannotKnow(
        f"This machine could not ask every port: {error.strerror or error}.",
        "Let the scan open more files (ulimit -n), close what else uses the network, and scan again.",
    ) from error


async def connection(address: str, port: int) -> socket.socket:
    """Return a connected socket; raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:  # also one that is called off
        sock.close()
        raise
    return sock
