"""A location: checks what a server orders and brings it what was found. Without Django, a database or a key.

The same runner as beside the server; only where orders come from and findings go to is another place. Two threads ask the
server, so that no check waits for it.
"""

import asyncio
import contextlib
import gc
import queue
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvloop

from vedette.app.outpost_scans import Scans
from vedette.app.probing import open_many_files
from vedette.core import ids
from vedette.core.address import AddressPolicy
from vedette.core.clock import SystemClock, monotonic
from vedette.core.errors import ConfigError, Unavailable, VedetteError
from vedette.core.place import place
from vedette.instruments.probe.registry import kinds
from vedette.instruments.probe.types import Standpoint
from vedette.monitors.outposts.courier import Courier
from vedette.monitors.outposts.fetching import Fetcher
from vedette.monitors.rounds.runner import Runner
from vedette.monitors.rounds.types import Findings, Orders
from vedette.plumbing.net.asking import Refused
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.net.port import Response
from vedette.plumbing.spool.file import FileSpool
from vedette.plumbing.spool.memory import MemorySpool
from vedette.plumbing.spool.port import Spool

SPOOL_BYTES = 64 * 1024 * 1024
GATHER = 1.0  # seconds in which findings come together, for each batch is a connection
_LAST_WORDS = 3.0
_MOST_ANSWER = 64 * 1024 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Say = Callable[[str], None]


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Which server a location works for and by which token, where findings wait, and whether it reaches private addresses."""

    server: str
    token: str
    spool: Path | None = None
    allow_private: bool = False
    version: str = ""

    def __repr__(self) -> str:
        """Return the server alone."""
        return f"Where({self.server!r})"


def server_of(url: str) -> str:
    """Return the address of a server without a slash at its end; raises `ConfigError` for one that a token may not be sent to."""
    try:
        found = place(url, {"http": 80, "https": 443})
    except ValueError as error:
        raise ConfigError(f"--server {url}: {error}.") from None
    if found.scheme == "http" and found.host not in _LOOPBACK:
        raise ConfigError(
            f"--server {url}: the token and the secrets of monitors go this way; it must be https://."
        )
    return url.rstrip("/")


def work(where: Where, say: Say) -> None:
    """Check until SIGTERM or SIGINT. Raises `Refused` when the server wants nothing of this location, `ConfigError`."""
    open_many_files()
    kinds()
    gc.freeze()
    spool = spool_of(where.spool)
    try:
        uvloop.run(_Outpost(where, spool, say).run())
    finally:
        spool.close()


def spool_of(folder: Path | None) -> Spool:
    """Return where findings wait: in a folder, or in memory where none is named."""
    origin = ids.new_id()
    return MemorySpool(origin, SPOOL_BYTES) if folder is None else FileSpool(folder, origin, SPOOL_BYTES)


class Broken(VedetteError):
    """A part of the process ended by a fault of our own; whoever watches it starts it again."""


class _Outpost:
    def __init__(self, where: Where, spool: Spool, say: Say) -> None:
        self._where, self._say = where, say
        self._net = NetClient(allow_private=True)  # the server is where its owner says it is
        policy = AddressPolicy(allow_private=where.allow_private)
        self._runner = Runner(Standpoint(policy=policy), self._hand_over)
        self._courier = Courier(
            self._ask, spool, SystemClock(), version=where.version, say=say,
            soon=lambda soon: self._order(Orders(soon=soon)),
        )  # fmt: skip
        self._fetcher = Fetcher(self._ask, version=where.version, order=self._order, say=say)
        self._found: queue.SimpleQueue[Findings] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._scans = Scans(self._ask, private=where.allow_private, ended=self._ending.wait, say=say)

    async def run(self) -> None:
        """Check until told to end."""
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._carried: asyncio.Future[None] = self._loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._end, None)
        for name, act in (("orders", self._fetch), ("findings", self._carry), ("scans", self._scan)):
            threading.Thread(target=self._guarded, args=(act,), name=name, daemon=True).start()
        going = self._loop.create_task(self._runner.go())
        await asyncio.wait([self._over, going], return_when=asyncio.FIRST_COMPLETED)
        self._found.put(Findings("", 0, self._runner.waiting))
        self._ending.set()
        if not going.done():
            going.cancel()
            await asyncio.wait([self._carried], timeout=_LAST_WORDS)
        self._over.result() if self._over.done() else going.result()

    def _end(self, error: VedetteError | None) -> None:
        if self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Run a thread's work; that the server refuses this location ends all of it, and so does a fault of our own."""
        try:
            act()
        except Refused as error:
            self._call(self._end, error)
        finally:
            if not self._ending.is_set():
                self._call(
                    self._end, Broken(f"What carries {threading.current_thread().name} has broken off.")
                )

    def _fetch(self) -> None:
        while not self._ending.is_set():
            self._ending.wait(self._fetcher.fetch())

    def _scan(self) -> None:
        while not self._ending.is_set():
            self._ending.wait(self._scans.once())

    def _carry(self) -> None:
        """Keep what is found and send it, until the end; then once more what waits."""
        due = monotonic()
        while not self._ending.is_set():
            self._keep(self._next(max(0.0, min(GATHER, due - monotonic()))))
            if monotonic() >= due:
                due = monotonic() + self._send()
        while not self._found.empty():
            self._keep(self._next(0.0))
        if not self._courier.is_away:
            self._send()
        self._call(self._carried.set_result, None)

    def _send(self) -> float:
        """Send what waits longest; return the seconds until the next try."""
        try:
            wait = self._courier.send()
        except Unavailable as error:  # the spool cannot be read or written
            self._say(str(error))
            return _LAST_WORDS
        return GATHER if wait is None else wait

    def _next(self, seconds: float) -> Findings | None:
        try:
            return self._found.get(timeout=seconds) if seconds else self._found.get_nowait()
        except queue.Empty:
            return None

    def _keep(self, found: Findings | None) -> None:
        """Keep findings, and say so to the runner, which has no more than one batch under way."""
        if found is None:
            return
        try:
            self._courier.keep(found.results)
        except Unavailable as error:
            self._put_back(found, str(error))
            return
        self._order(Orders(taken=found.number))

    def _put_back(self, found: Findings, why: str) -> None:
        """Have findings that could not be kept tried again in a moment; at the end there is no other moment."""
        if self._ending.is_set():
            self._say(f"{why} {len(found.results)} findings are lost.")
            return
        self._say(why)
        self._found.put(found)
        self._ending.wait(_LAST_WORDS)

    def _hand_over(self, found: Findings) -> None:
        self._found.put(found)

    def _order(self, orders: Orders) -> None:
        self._call(self._runner.take, orders)

    def _call(self, act: Callable[..., object], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: all of it has ended meanwhile
            self._loop.call_soon_threadsafe(act, *args)

    def _ask(self, method: str, path: str, body: bytes, deadline: float) -> Response:
        headers = {"Authorization": f"Bearer {self._where.token}"}
        if body:
            headers["Content-Type"] = "application/json"
        return self._net.request(
            method, f"{self._where.server}{path}", headers=headers, body=body, deadline=deadline,
            max_bytes=_MOST_ANSWER,
        )  # fmt: skip
