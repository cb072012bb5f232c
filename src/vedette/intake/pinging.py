"""The door of heartbeats: `/ping/<uuid>`, with `/start`, `/fail`, `/log` or an exit status behind it.

GET, HEAD and POST are taken, and a body of any bytes, of which the first 10,000 are kept. 200 only after the heartbeat is
on disk; it counts from when it was received. The protocol is that of https://healthchecks.io/docs/http_api/.
"""

from collections.abc import Awaitable, Callable

from vedette.core import ids
from vedette.core.client import client_address
from vedette.core.clock import Clock
from vedette.core.errors import NotFound, Throttled
from vedette.intake import body
from vedette.intake.answers import Answer, MethodNotAllowed
from vedette.intake.asgi import Receive, Request
from vedette.intake.body import Budget, Share
from vedette.intake.limits import Limits
from vedette.intake.ports import PingRing, Usage
from vedette.wire import ping as wire
from vedette.wire.delivery import Delivery
from vedette.wire.ping import Pinged
from vedette.wire.url import query_pairs

METHODS = ("GET", "HEAD", "POST")
KEPT = 10_000
_LONGEST_CLIENT, _LONGEST_RUN = 120, 64
_MINUTE = 60.0
_UNKNOWN = "There is no such heartbeat; `vedette monitors show` tells its address."
_HEADERS = [
    (b"ping-body-limit", b"%d" % KEPT),
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
]
Publish = Callable[[list[tuple[str, Delivery]], float], Awaitable[None]]


class PingDoor:
    """Takes heartbeats; lives on the event loop's thread alone."""

    def __init__(
        self,
        ring: PingRing | None,
        usage: Usage,
        clock: Clock,
        limits: Limits,
        budget: Budget,
        *,
        publish: Publish,
    ) -> None:
        self._ring, self._usage, self._clock, self._limits, self._budget = ring, usage, clock, limits, budget
        self._publish = publish
        self._minute = 0.0
        self._heard: dict[str, int] = {}

    async def take(self, request: Request, receive: Receive) -> Answer:
        """Take a heartbeat; raises what a client is to be told."""
        if request.method not in METHODS:
            told = f"A heartbeat is sent by GET, HEAD or POST, not {request.method}."
            raise MethodNotAllowed(told, b"GET, HEAD, POST")
        key, now = request.route.key, self._clock.now()
        project = None if self._ring is None else self._ring.find(key)
        if project is None:
            raise NotFound(_UNKNOWN)
        self._admit(key, now)
        with Share(self._budget) as share:
            sent = await body.read(request, receive, share, self._limits.request, self._limits.body_seconds)
            await self._publish(
                [(wire.SUBJECT, self._delivery(request, project, bytes(sent[:KEPT]), now))], now
            )
        if project:
            self._usage.count(project, wire.SUBJECT, "accepted", 1, now)
        return Answer(200, b"" if request.method == "HEAD" else b"OK", _HEADERS, b"text/plain; charset=utf-8")

    def _admit(self, key: str, now: float) -> None:
        """Count a heartbeat; raises `Throttled` for one that comes far too often. Holds a count for each key there is."""
        if not 0 <= now - self._minute < _MINUTE:
            self._minute, self._heard = now, {}
        self._heard[key] = self._heard.get(key, 0) + 1
        if self._heard[key] > self._limits.pings_per_minute:
            most = self._limits.pings_per_minute
            raise Throttled(f"More than {most} pings of this heartbeat came within a minute.", _MINUTE)

    def _delivery(self, request: Request, project: int, kept: bytes, now: float) -> Delivery:
        act, code = _said(request.route.name)
        run = next(
            (value for name, value in query_pairs(request.query.decode("utf-8", "replace")) if name == "rid"),
            "",
        )
        told = Pinged(request.route.key, act, code, run[:_LONGEST_RUN], request.method, kept)
        agent = request.headers.get(b"user-agent", b"").decode("latin-1")[:_LONGEST_CLIENT]
        address = client_address(request.peer, request.forwarded, self._limits.trusted_proxies) or None
        client = agent if agent.isprintable() else ""
        return Delivery(project, ids.new_id(), now, wire.encode(told), client, address)


def _said(name: str) -> tuple[str, int | None]:
    """Return what the end of the address says: an act, and the exit status it may be."""
    if name.isdigit():
        return ("fail" if int(name) else "success"), int(name)
    return name or "success", None
