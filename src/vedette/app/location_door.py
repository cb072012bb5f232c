"""The door of locations: hands each what it checks by long polls, and has what it found recorded; before Django.

A poll holds no thread while it waits. Of one location only the newest poll waits, and one batch is recorded at a time; bodies
are bounded in size and number. What it needs of the database is asked in two threads of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from vedette.app import logs
from vedette.app.doorway import TooLarge, disconnected, read_body, refuse
from vedette.app.location_desk import Desk
from vedette.app.scanner import owned
from vedette.core import ids
from vedette.core.client import is_protected
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import Forbidden, Throttled, Unavailable, VedetteError
from vedette.monitors.locations import correcting
from vedette.monitors.locations.types import (
    MOST_BYTES,
    ORDERS,
    PATIENCE,
    RESULTS,
    TOKEN_PREFIX,
    Batch,
    Corrected,
    Hearing,
    Location,
    Receipt,
)
from vedette.monitors.outposts import service as locations
from vedette.monitors.rounds import ordering
from vedette.monitors.rounds.types import Findings
from vedette.scans import service as scans
from vedette.scans.types import SCAN_ORDERS, SCAN_REPORTS, Handed
from vedette.scans.types import Receipt as Taken
from vedette.ui.asgi_types import Receive, Scope, Send, answer, header, joined
from vedette.ui.explain import Said, explain

LOG = logs.logger("vedette.locations")
BODY_SECONDS = 30.0
MOST_BODIES, MOST_WAITING = 4, 32
_LOOK_AGAIN = 0.5  # seconds; as long as a token that was replaced may still be obeyed
_HEARD_EVERY = 10.0
_MOST_KEPT = 1_000
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_METHODS = {ORDERS: "GET", RESULTS: "POST", SCAN_ORDERS: "GET", SCAN_REPORTS: "POST"}
_PLAIN = "This connection can be read on its way, and secrets of monitors would go this way: use https:// (behind a proxy, set trusted_proxies)."
_ENCODE = msgspec.json.Encoder().encode
T = TypeVar("T")


Take = Callable[[bytes, float, str], Mapping[int, float]]
Act = Callable[[Location, bytes], Awaitable[msgspec.Struct]]


class LocationDoor:
    """ASGI application of what a location asks with its token; whoever has none is answered by the pages."""

    def __init__(self, take: Take, clock: Clock, trusted_proxies: int = 0) -> None:
        self._take, self._clock, self._trusted = take, clock, trusted_proxies
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="locations")
        self._known: dict[str, tuple[float, Location]] = {}
        self._desks: dict[str, Desk] = {}
        self._heard: dict[str, float] = {}
        self._bodies = self._waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is a location's."""
        return scope["path"] in _METHODS and _token(scope).startswith(TOKEN_PREFIX)

    def refresh(self) -> None:
        """Have every poll that waits look again, as monitors have changed; callable from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._ring)

    def end_polls(self) -> None:
        """Answer every poll that waits; to be called on the event loop."""
        for desk in self._desks.values():
            desk.close()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._loop = asyncio.get_running_loop()
        try:
            location = await self._who(scope)
            if scope["method"] != _METHODS[scope["path"]]:
                await refuse(
                    send, Said(status=405, title="Not here", detail=f"Use {_METHODS[scope['path']]}.")
                )
                return
            body = await self._answered(location, scope, receive)
        except TooLarge as error:
            await refuse(send, Said(status=413, title="Too large", detail=str(error)))
            return
        except VedetteError as error:
            await refuse(send, explain(error))
            return
        if body is not None:
            await answer(send, 200, _JSON, body)

    async def _who(self, scope: Scope) -> Location:
        """Return the location that asks; raises `Unauthenticated`, and `Forbidden` where others could listen."""
        peer = scope["client"][0] if scope.get("client") else None
        forwarded, proto = joined(scope, b"x-forwarded-for"), joined(scope, b"x-forwarded-proto")
        if not is_protected(scope.get("scheme", "http"), peer, forwarded, proto, self._trusted):
            raise Forbidden(_PLAIN)
        token = _token(scope)
        digest, tick = ids.hash_secret(token), monotonic()
        known = self._known.get(digest)
        if known is not None and tick - known[0] < _LOOK_AGAIN:
            return known[1]
        self._known.pop(digest, None)
        found = await self._run(lambda: locations.of_token(token))
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[digest] = (tick, found)
        return found

    async def _answered(self, location: Location, scope: Scope, receive: Receive) -> bytes | None:
        if scope["path"] == ORDERS:
            return await self._orders(location, scope, receive)
        if scope["path"] == SCAN_ORDERS:
            return await self._scan_orders(location)
        act = self._record if scope["path"] == RESULTS else self._scan_report
        return await self._results(location, receive, act)

    async def _scan_orders(self, location: Location) -> bytes:
        """Return the scan that is due from a location."""
        now = self._clock.now()
        return _ENCODE(Handed(await self._run(lambda: scans.claim_from(location.slug, owned(), now))))

    async def _scan_report(self, location: Location, body: bytes) -> Taken:
        """Have taken what a location saw."""
        brought, now = scans.read_brought(body), self._clock.now()
        scan = await self._run(lambda: scans.bring(location.slug, brought, now))
        return Taken(scan.outcome)

    async def _orders(self, location: Location, scope: Scope, receive: Receive) -> bytes | None:
        """Return what changed for a location, as soon as something did or its patience is over."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        since = query.get("since", [""])[0][:40]
        hearing = Hearing(at=self._clock.now(), version=query.get("version", [""])[0][:40])
        await self._remember(location, hearing, at_once=True)
        desk = self._desk(location)
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            found = await desk.wait(since, PATIENCE, gone, self._run)
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
        if found is None:
            return None
        await self._remember(location, Hearing(at=self._clock.now()), at_once=False)
        still = await self._run(lambda: locations.of_token(_token(scope)))
        return _ENCODE(msgspec.structs.replace(found, name=still.name))

    async def _results(self, location: Location, receive: Receive, act: Act) -> bytes | None:
        """Have a body taken, one of a location at a time, and return its receipt."""
        async with self._desk(location).turn():
            if self._bodies >= MOST_BODIES:
                raise Unavailable("Other locations are being heard; send it again in a moment.", 2.0)
            self._bodies += 1
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await read_body(receive, MOST_BYTES)
                return None if body is None else _ENCODE(await act(location, body))
            except TimeoutError:
                raise Unavailable("The batch did not arrive in time; send it again.", 1.0) from None
            finally:
                self._bodies -= 1

    async def _record(self, location: Location, body: bytes) -> Receipt:
        now = self._clock.now()
        batch = correcting.read(body)
        found = correcting.corrected(batch, location.slug, now)
        soon = await self._run(lambda: self._taken(batch, found, location.slug, now))
        hearing = Hearing(at=now, version=batch.version[:40], skew=round(found.skew, 1), lost=batch.lost)
        await self._remember(
            location, hearing, at_once=found.skew != location.skew or batch.lost != location.lost
        )
        return Receipt(
            taken=correcting.number_of(batch), soon=soon, refused=found.refused, detail=found.reason,
            skew=round(found.skew, 1),
        )  # fmt: skip

    def _taken(self, batch: Batch, found: Corrected, slug: str, now: float) -> Mapping[int, float]:
        packed = ordering.pack(
            Findings(batch.origin, correcting.number_of(batch), found.results, numbers=found.numbers)
        )
        try:
            return self._take(packed, now, slug)
        except VedetteError as error:
            LOG.warning("a batch could not be recorded", location=slug, error=str(error))
            raise Unavailable("The batch could not be recorded; send it again.", 2.0) from error

    async def _remember(self, location: Location, hearing: Hearing, *, at_once: bool) -> None:
        """Note a sign of life; not each of many."""
        tick = monotonic()
        if not at_once and tick - self._heard.get(location.slug, float("-inf")) < _HEARD_EVERY:
            return
        self._heard[location.slug] = tick
        await self._run(lambda: locations.heard(location.slug, hearing))

    def _desk(self, location: Location) -> Desk:
        return self._desks.setdefault(location.slug, Desk(location))

    def _ring(self) -> None:
        self._known.clear()  # a token may have been replaced
        for desk in self._desks.values():
            desk.ring()

    async def _run(self, act: Callable[[], T]) -> T:
        """Do something that asks the database, off the event loop; raises `Throttled` when too much waits."""
        if self._waiting >= MOST_WAITING:
            raise Throttled("Too many requests of locations wait; try again in a moment.", 2.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        finally:
            self._waiting -= 1


def _token(scope: Scope) -> str:
    scheme, _, token = header(scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
