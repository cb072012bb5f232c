"""The ASGI door: pure ASGI 3, for Starlette, FastAPI, Litestar, Quart, Django under ASGI, or an application of one's own.

`http.response.start` gets its headers; everything else passes as it is: each chunk of a stream, WebSockets once they
are let in, lifespan.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vedette_guard import answers
from vedette_guard.buckets import Buckets
from vedette_guard.decisions import cookies, limits
from vedette_guard.decisions.asked import Refusal
from vedette_guard.decisions.detections import Listener
from vedette_guard.engine import BodyLook, Engine, User
from vedette_guard.passage import KEY, Passage
from vedette_guard.policy import Policy

if TYPE_CHECKING:
    from vedette_guard.bans.puller import Bans

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

BODILESS = frozenset({"GET", "HEAD"})
SAFE_IN_PATHS = "/:@!$&'()*+,;=~-._"
JUDGED = frozenset({"http", "websocket"})
POLICY_VIOLATION = 1008


class AsgiAsked:
    """A request as its scope tells it."""

    __slots__ = ("_headers", "_raw", "_scope", "method", "path", "peer", "scheme", "websocket")

    def __init__(self, scope: Scope) -> None:
        self._scope, self._raw = scope, scope["headers"]
        self.websocket = scope["type"] == "websocket"
        self.method: str = scope.get("method", "GET")
        self.scheme: str = scope.get("scheme", "http")
        self.path: str = scope["path"]
        peer = scope.get("client")
        self.peer: str = peer[0] if peer else ""
        self._headers: dict[bytes, bytes] = dict(self._raw)
        if len(self._headers) != len(self._raw):
            self._join_repeated()

    def _join_repeated(self) -> None:
        joined: dict[bytes, list[bytes]] = {}
        for name, value in self._raw:
            joined.setdefault(name, []).append(value)
        self._headers = {
            name: (b"; " if name == b"cookie" else b", ").join(all_) for name, all_ in joined.items()
        }

    def header(self, name: str) -> str | None:
        """Return a header's value, those of the same name joined; None when it was not sent."""
        value = self._headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    def header_bytes(self) -> int:
        """Return how many bytes all headers take."""
        headers = self._headers
        return len(b"".join([*headers, *headers.values()]))

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Return all names and values of headers as they came."""
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._raw)

    def target(self) -> str:
        """Return path and query, percent-encoded."""
        raw = self._scope.get("raw_path") or self.path.encode()
        query = self._scope.get("query_string", b"")
        return quote(raw, safe=SAFE_IN_PATHS + "%") + (
            "?" + quote(query, safe=SAFE_IN_PATHS + "%?") if query else ""
        )

    def has_body(self) -> bool:
        """Tell whether there may be a body; in HTTP/2 and later one may come without a header that says so."""
        return (
            self.method not in BODILESS
            or not self._scope.get("http_version", "1.1").startswith("1")
            or b"content-length" in self._headers
            or b"transfer-encoding" in self._headers
        )

    def answers_handshakes(self) -> bool:
        """Tell whether the server lets a handshake be refused with an answer of one's own."""
        return "websocket.http.response" in (self._scope.get("extensions") or {})

    def inner_scope(self, passage: Passage) -> Scope:
        """Return the scope as the application sees it."""
        scope = {**self._scope, KEY: passage}
        rules = passage.plan.policy.cookies
        sent = self.header("cookie") if rules.host_prefix else None
        if sent is not None:
            seen = cookies.incoming(rules, sent, https=passage.secure).encode("latin-1")
            others = [pair for pair in self._raw if pair[0] != b"cookie"]
            scope["headers"] = [*others, (b"cookie", seen)] if seen else others
        return scope


class Guard:
    """An ASGI application behind a policy: `app = Guard(app)`, or `app.add_middleware(Guard, policy=…)`.

    `policy` is a Policy, the name of a preset, or None for the default; `user` tells who asks, from the scope, for
    rates by user; `listener` hears what is stopped, instead of Vedette; `bans` are those
    of the policy. Raise PolicyError for a policy that cannot be meant.
    """

    def __init__(
        self,
        app: App,
        policy: Policy | str | None = None,
        *,
        user: User | None = None,
        clock: Callable[[], float] = time.monotonic,
        listener: Listener | None = None,
        bans: Bans | None = None,
    ) -> None:
        self._app = app
        self._engine = Engine(policy, user, clock, Buckets(), listener=listener, bans=bans)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one connection, and let the application answer it."""
        kind = scope["type"]
        if kind not in JUDGED:
            await self._app(scope, receive, send)
            return
        asked = AsgiAsked(scope)
        engine = self._engine
        passage = (
            engine.judge(asked, scope) if engine.store is None else await engine.judge_later(asked, scope)
        )
        sending = _Sending(passage, send)
        if passage.refusal is None and kind == "http" and asked.has_body():
            receive = self._watch(asked, receive, sending)
        if passage.refusal is not None:
            await _turn_away(passage, passage.refusal, asked, receive, send)
        else:
            try:
                await self._app(asked.inner_scope(passage), receive, send if asked.websocket else sending)
            except Exception as error:
                if await _is_over(asked, sending, error):
                    return
                raise

    def _watch(self, asked: AsgiAsked, receive: Receive, sending: _Sending) -> Receive:
        """Return the end of a connection at which a body is watched; note it when it is refused beforehand."""
        passage = sending.passage
        watch = limits.body(passage.plan.policy.limits, asked)
        if isinstance(watch, Refusal):
            passage.refuse(watch)
            return receive
        look = self._engine.look_into(passage, asked)
        return _Receiving(receive, sending, asked, watch, self._engine.clock, look=look)


async def _is_over(asked: AsgiAsked, sending: _Sending, error: Exception) -> bool:
    """Answer for an application that failed, unless an answer is on its way; tell whether nobody has to hear of it."""
    passage = sending.passage
    if passage.refusal is not None:  # it minds that its body ended; that was answered already
        return True
    passage.failed(error)
    if not passage.sent and not asked.websocket:  # before the server answers, which knows no headers
        await _refuse(passage, answers.FAILED, asked, sending.send)
    return False


async def _turn_away(
    passage: Passage, refusal: Refusal, asked: AsgiAsked, receive: Receive, send: Send
) -> None:
    """Answer a connection that goes no further."""
    if not asked.websocket:
        await _refuse(passage, refusal, asked, send)
        return
    await receive()  # the handshake, which is answered now
    if asked.answers_handshakes():
        await _refuse(passage, refusal, asked, send, "websocket.http.response")
    else:
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refusal.reason})


async def _refuse(
    passage: Passage, refusal: Refusal, asked: AsgiAsked, send: Send, kind: str = "http.response"
) -> None:
    headers, body = answers.write(passage, refusal, asked.method)
    own = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    dressed = passage.dress(own, refusal.status)
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": dressed})
    await send({"type": f"{kind}.body", "body": body})


class _Sending:
    """Gives an answer its headers; keeps back what an application says after its request was refused."""

    __slots__ = ("passage", "send")

    def __init__(self, passage: Passage, send: Send) -> None:
        self.passage, self.send = passage, send

    def __call__(self, message: Message) -> Awaitable[None]:
        """Return what sends a message. No coroutine of its own: a stream pays for one a chunk as it is."""
        if self.passage.refusal is not None:
            return _nothing()
        if message["type"] == "http.response.start":
            headers = self.passage.dress(message.get("headers", ()), message["status"])
            message = {**message, "headers": headers}
        return self.send(message)


async def _nothing() -> None:
    """Send nothing."""


class _Receiving:
    """Watches a body until it has come whole, and answers at once when it is refused."""

    __slots__ = ("_asked", "_clock", "_ended", "_held", "_look", "_receive", "_sending", "_watch")

    def __init__(
        self,
        receive: Receive,
        sending: _Sending,
        asked: AsgiAsked,
        watch: limits.Body,
        clock: Callable[[], float],
        *,
        look: BodyLook | None = None,
    ) -> None:
        self._receive, self._sending, self._asked, self._clock = receive, sending, asked, clock
        self._watch: limits.Body | None = watch
        self._look, self._held = look, list[Message]()
        self._ended = False

    async def __call__(self) -> Message:
        look = self._look
        if look is not None:
            self._look = None
            return await self._look_first(look)
        return self._held.pop(0) if self._held else await self._next()

    async def _look_first(self, look: BodyLook) -> Message:
        """Hold messages back until the body is there, or as much of it as is looked at; then pass them on."""
        held, size = self._held, 0
        while True:
            message = await self._next()
            held.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False) or size >= look.most:
                break
        refusal = None if self._ended else look(b"".join(one.get("body", b"") for one in held))
        if refusal is not None:
            held.clear()
            return await self._end(refusal)
        return held.pop(0)

    async def _next(self) -> Message:
        watch = self._watch
        if self._ended:
            return {"type": "http.disconnect"}
        if watch is None:
            return await self._receive()
        began = self._clock()
        try:
            message = await _within(self._receive, watch.left())
        except asyncio.TimeoutError:
            return await self._end(watch.late())
        except asyncio.CancelledError:  # an application that waits in small steps has waited all the same
            watch.feed(b"", self._clock() - began)
            raise
        refusal = watch.feed(message.get("body", b""), self._clock() - began)
        if refusal is not None:
            return await self._end(refusal)
        if not message.get("more_body", False):
            self._watch = None
        return message

    async def _end(self, refusal: Refusal) -> Message:
        """Tell the client why, unless an answer is on its way; tell the application that the client is gone."""
        passage, self._ended = self._sending.passage, True
        answers_now = not passage.sent
        passage.refuse(refusal)
        if answers_now:
            await _refuse(passage, refusal, self._asked, self._sending.send)
        return {"type": "http.disconnect"}


async def _within(receive: Receive, seconds: float | None) -> Message:
    if seconds is None:
        return await receive()
    if sys.version_info >= (3, 11):
        async with asyncio.timeout(seconds):
            return await receive()
    return await asyncio.wait_for(receive(), seconds)
