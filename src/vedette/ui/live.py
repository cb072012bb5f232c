"""Live streams: `/live?topics=a,b&age=350` tells a page which topic changed (server-sent events); the page loads it anew.

`age` is how many milliseconds ago the page was asked for: what changed since then is told at once. A wake-up of the bus under `live:<topic>` reaches the streams that named the topic; `live:db` (another process
wrote) reaches all. Nothing but topic names travels, so a lost or doubled message costs one look at the database.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar
from urllib.parse import parse_qs

from vedette.core.clock import monotonic
from vedette.core.errors import Throttled, Unavailable, VedetteError
from vedette.ui.asgi_types import Receive, Scope, Send, answer
from vedette.ui.explain import explain, problem_body

TOPIC = re.compile(r"[\w.-]+(:[\w.-]+)*")
MAX_TOPICS = 20
EVERYONE = "db"
_PREFIX = "live:"
_HEAD = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
_REMEMBERED, _MOST_REMEMBERED = 30.0, 1_000
_BEAT = b"event: beat\ndata:\n\n"
A = TypeVar("A")


class Live(Generic[A]):
    """ASGI application of the live streams.

    `authorise(scope)` tells who asks (raises `Unauthenticated`); `check(who, topic)` raises `Forbidden` for a topic
    they may not see. At most `limit` streams run at once; each ends after `lifetime` seconds, and the browser
    comes back. A beat every `beat` seconds of silence keeps proxies and the page's dot awake. Every `beat` seconds,
    silent or not, both questions are asked anew, so a revoked session stops listening.
    """

    def __init__(
        self,
        listen: Callable[[Callable[[str], None]], Callable[[], None]],
        authorise: Callable[[Scope], Awaitable[A]],
        check: Callable[[A, str], None],
        *,
        limit: int = 200,
        beat: float = 8.0,
        lifetime: float = 300.0,
    ) -> None:
        self._authorise, self._check = authorise, check
        self._limit, self._beat, self._lifetime = limit, beat, lifetime
        self._streams: set[_Stream] = set()
        self._changed_at: dict[str, float] = {}
        self._stop = listen(self._heard)

    @property
    def streams(self) -> int:
        """Return how many streams run now."""
        return len(self._streams)

    def close(self) -> None:
        """End every stream and stop listening."""
        self._stop()
        for stream in tuple(self._streams):
            stream.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream until the client leaves, the lifetime ends or `close` is called."""
        try:
            topics = _topics(scope)
            await self._ask(scope, topics)
            if len(self._streams) >= self._limit:
                raise Unavailable(f"{self._limit} live streams run already; the page works without.", 30)
        except VedetteError as error:
            await _refuse(send, error)
            return
        stream = _Stream(topics, asyncio.get_running_loop())
        self._streams.add(stream)
        self._catch_up(stream, _age(scope))
        try:
            await self._serve(stream, scope, receive, send)
        finally:
            self._streams.discard(stream)

    async def _ask(self, scope: Scope, topics: frozenset[str]) -> None:
        who = await self._authorise(scope)
        for topic in topics:
            self._check(who, topic)

    async def _still(self, scope: Scope, topics: frozenset[str]) -> bool:
        """Tell whether who asked may still listen; where that cannot be found out, the browser shall come back."""
        try:
            await self._ask(scope, topics)
        except VedetteError:
            return False
        return True

    async def _serve(self, stream: "_Stream", scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n" + _BEAT, "more_body": True})
        gone = asyncio.ensure_future(_disconnected(receive))
        began = stream.loop.time()
        ask_at = began + self._beat
        try:
            while not gone.done() and not stream.ended and stream.loop.time() < began + self._lifetime:
                body = await stream.next(gone, max(0.0, ask_at - stream.loop.time()))
                if body and stream.loop.time() >= ask_at:
                    if not await self._still(scope, stream.topics):
                        break
                    ask_at = stream.loop.time() + self._beat
                if body:
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    def _heard(self, topic: str) -> None:
        """Pass a wake-up on; called in the thread that woke, so it only leaves a note."""
        name = topic.removeprefix(_PREFIX)
        if name == topic:
            return
        self._remember(name)
        for stream in tuple(self._streams):
            if stream.wants(name):
                stream.tell(name)

    def _remember(self, name: str) -> None:
        self._changed_at.pop(name, None)  # so that the oldest stays first
        self._changed_at[name] = monotonic()
        if len(self._changed_at) > _MOST_REMEMBERED:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was faster
                del self._changed_at[next(iter(self._changed_at))]

    def _catch_up(self, stream: "_Stream", age: float) -> None:
        """Tell what changed between the drawing of the page and now."""
        since = monotonic() - age
        for name, at in self._changed_at.copy().items():  # other threads write to it
            if at >= since and stream.wants(name):
                stream.tell(name)


class _Stream:
    """One client: the topics it named and those that changed since it was last told."""

    def __init__(self, topics: frozenset[str], loop: asyncio.AbstractEventLoop) -> None:
        self.topics, self.loop = topics, loop
        self.ended = False
        self._changed: set[str] = set()
        self._ring = asyncio.Event()

    def wants(self, topic: str) -> bool:
        """Tell whether the client named a topic, or it is for everyone."""
        return topic in self.topics or topic == EVERYONE

    def tell(self, topic: str) -> None:
        """Note a change; callable from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self.loop.call_soon_threadsafe(self._note, topic)

    def end(self) -> None:
        """End the stream; callable from any thread."""
        self.ended = True
        with suppress(RuntimeError):  # the loop is closed: it has ended already
            self.loop.call_soon_threadsafe(self._ring.set)

    def _note(self, topic: str) -> None:
        self._changed.add(topic)
        self._ring.set()

    async def _rung(self) -> None:
        await self._ring.wait()

    async def next(self, gone: "asyncio.Future[None]", beat: float) -> bytes:
        """Return what to send next: changes as soon as there are some, a beat when there were none, nothing at the end."""
        ring = asyncio.ensure_future(self._rung())
        await asyncio.wait([ring, gone], timeout=beat, return_when=asyncio.FIRST_COMPLETED)
        ring.cancel()
        if gone.done() or self.ended:
            return b""
        self._ring.clear()
        changed, self._changed = sorted(self._changed), set()
        return b"".join(f"event: changed\ndata: {topic}\n\n".encode() for topic in changed) or _BEAT


async def _disconnected(receive: Receive) -> None:
    """Return once the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _topics(scope: Scope) -> frozenset[str]:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    named = [t for t in ",".join(query.get("topics", [])).split(",") if t]
    return frozenset(t for t in named[:MAX_TOPICS] if len(t) <= 80 and TOPIC.fullmatch(t))


def _age(scope: Scope) -> float:
    """Return how many seconds ago the page was asked for; 0 where it does not say."""
    given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("age", [""])[0]
    return min(int(given) / 1000, _REMEMBERED) if re.fullmatch(r"[0-9]{1,9}", given) else 0.0


async def _refuse(send: Send, error: VedetteError) -> None:
    said = explain(error)
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    if isinstance(error, Throttled | Unavailable):
        headers.append((b"retry-after", str(max(1, round(error.retry_after))).encode()))
    await answer(send, said.status, headers, problem_body(said))
