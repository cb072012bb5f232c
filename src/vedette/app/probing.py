"""The process that checks: without Django, a database or a key; it is told what to check and tells what it found.

Run by `app/prober.py` as `python -m vedette.app.probing <fd> <allow private> <rules of journeys, JSON> <folders>`; it ends with the other end of its pipe. Signals
meant for the worker do not end it.
"""

import asyncio
import contextlib
import ctypes
import gc
import resource
import signal
import sys
import threading
from multiprocessing.connection import Connection

import msgspec
import uvloop

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.registry import kinds
from vedette.instruments.probe.types import JourneyRules, Standpoint
from vedette.monitors.rounds.runner import Runner
from vedette.monitors.rounds.types import Findings, Orders

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_M_ARENA_MAX = -8
_FILES = 65_536
_ENCODE = msgspec.msgpack.Encoder().encode
_ORDERS = msgspec.msgpack.Decoder(Orders).decode


def main(fd: int, standpoint: Standpoint) -> None:
    """Check until the other end of the pipe is closed."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    open_many_files()
    kinds()
    gc.freeze()
    uvloop.run(_serve(Connection(fd), standpoint))


def open_many_files() -> None:
    """Let this process have as many sockets as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _standpoint(allowed: str, journeys: str, folders: tuple[str, ...]) -> Standpoint:
    """Return where is looked from, as the command line says."""
    policy = AddressPolicy(allow_private=allowed == "yes")
    return Standpoint(
        policy=policy, folders=folders, journeys=msgspec.json.decode(journeys, type=JourneyRules)
    )


async def _serve(pipe: Connection, standpoint: Standpoint) -> None:
    loop = asyncio.get_running_loop()

    def send(found: Findings) -> None:
        body = _ENCODE(found)
        loop.run_in_executor(None, _tell, pipe, body)

    runner = Runner(standpoint, send)
    over = loop.create_future()

    def read() -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                orders = _ORDERS(pipe.recv_bytes())
                loop.call_soon_threadsafe(runner.take, orders)
        loop.call_soon_threadsafe(over.set_result, None)

    threading.Thread(target=read, name="orders", daemon=True).start()
    going = loop.create_task(runner.go())
    await asyncio.wait([over, going], return_when=asyncio.FIRST_COMPLETED)
    if going.done():
        going.result()


def _tell(pipe: Connection, body: bytes) -> None:
    """Send findings; when nobody is there any more the reading end says so, too."""
    with contextlib.suppress(OSError):
        pipe.send_bytes(body)


if __name__ == "__main__":
    main(int(sys.argv[1]), _standpoint(sys.argv[2], sys.argv[3], tuple(sys.argv[4:])))
