"""The door of agents: lets hosts in, hears their reports, tells them what to do; before Django.

Who asks is known by the signature of the request (`wire/agent/signing`) and can say things about its own host alone; every
answer is signed by the server's key. A poll holds no thread while it waits; of one host only the newest poll waits, and one
batch a lane is recorded at a time; bodies are bounded in size and number.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from vedette.app.doorway import PROBLEM, Pool, TooLarge, disconnected, read_body
from vedette.app.polling import Poll
from vedette.app.recorder import Recorder, Sent
from vedette.core.client import is_protected
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import Forbidden, Invalid, Throttled, Unauthenticated, Unavailable, VedetteError
from vedette.hosts import service as hosts
from vedette.hosts.types import Credential, Intrusions
from vedette.plumbing.seal import messages
from vedette.plumbing.seal.ed25519 import SigningKey, fingerprint
from vedette.ui.asgi_types import Headers, Receive, Scope, Send, answer, header, joined
from vedette.ui.explain import Said, explain, problem_body
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import ENROLL, MOST_BYTES, ORDERS, PATIENCE, REPORTS, ROTATE
from vedette.wire.agent.enrolling import Enrolling, Rotating
from vedette.wire.agent.signing import Signed
from vedette.wire.agent.types import Orders

BODY_SECONDS = 30.0
MOST_BODIES, MOST_BRIEF, MOST_WAITING = 64, 2_000, 2_000
_MOST_SMALL = 16_384  # bytes of what is no batch
_HEARD_EVERY = 60.0
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_METHODS = {ENROLL: "POST", ROTATE: "POST", REPORTS: "POST", ORDERS: "GET"}
_PLAIN = "This connection can be read on its way: use https:// (behind a proxy, set trusted_proxies)."
_UNKNOWN = "No host has this key; it was removed, or its key was replaced. Enrol it anew with `vedette agent enroll`."
_REVOKED = (
    "This host is revoked. Enrol it anew with `vedette agent enroll` and a token of `vedette hosts token`."
)
_ENCODE = msgspec.json.Encoder().encode
S = TypeVar("S")


class Asked(msgspec.Struct, frozen=True):
    """A request whose body has come: method, path and query, headers by lower-case name, and what its signature claims."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    said: Signed

    @property
    def path(self) -> str:
        """Return the path."""
        return self.target.partition("?")[0]


class AgentDoor:
    """ASGI application of what agents ask; whoever signs nothing is answered by the pages."""

    def __init__(self, intrusions: Intrusions, clock: Clock, trusted_proxies: int = 0) -> None:
        self._intrusions, self._clock, self._trusted = intrusions, clock, trusted_proxies
        self._pool = Pool("agents", 2, MOST_WAITING)
        self._recorder = Recorder(hosts.taker(intrusions), clock.now)
        self._credentials: Mapping[str, Credential] | None = None
        self._key: SigningKey | None = None
        self._polls: dict[int, Poll[Orders]] = {}
        self._recording: set[tuple[int, str]] = set()
        self._heard: dict[int, float] = {}
        self._bodies = {True: 0, False: 0}  # that are being read: batches, and what is brief
        self._loop: asyncio.AbstractEventLoop | None = None

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is an agent's."""
        return scope["path"] in _METHODS and bool(header(scope, b"signature-input"))

    def refresh(self) -> None:
        """Have keys read anew and every poll that waits look again; callable from any thread."""
        self._credentials = None
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._ring)

    def end_polls(self) -> None:
        """Answer every poll that waits; to be called on the event loop."""
        for poll in self._polls.values():
            poll.close()

    def close(self) -> None:
        """End the threads."""
        self._recorder.close()
        self._pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._loop = asyncio.get_running_loop()
        asked: Asked | None = None
        try:
            asked = await self._read(scope, receive)
            if asked is None:  # who asked has left
                return
            found = await self._answered(asked, receive)
            if found is not None:
                await self._say(send, asked, 200, _ENCODE(found))
        except TooLarge as error:
            said = Said(status=413, title="Too large", detail=str(error))
            await self._refuse(send, asked, said)
        except VedetteError as error:
            await self._refuse(send, asked, explain(error))

    async def _read(self, scope: Scope, receive: Receive) -> Asked | None:
        """Return the request with its body; raises `Forbidden` where others could listen, `TooLarge`, `Unavailable`."""
        self._refuse_listeners(scope)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        said = messages.claimed(headers)
        batch = scope["path"] == REPORTS
        if self._bodies[batch] >= (MOST_BODIES if batch else MOST_BRIEF):
            raise Unavailable("Other agents are being heard; send it again in a moment.", 2.0)
        self._bodies[batch] += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await read_body(receive, MOST_BYTES if batch else _MOST_SMALL)
        except TimeoutError:
            raise Unavailable("The request did not arrive in time; send it again.", 1.0) from None
        finally:
            self._bodies[batch] -= 1
        target = scope["path"] + (
            "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
        )
        return None if body is None else Asked(scope["method"], target, headers, body, said)

    async def _answered(self, asked: Asked, receive: Receive) -> object | None:
        """Return what a request is answered; None when who asked has left."""
        if asked.method != _METHODS[asked.path]:
            raise Invalid(f"Use {_METHODS[asked.path]}.")
        if asked.path == ENROLL:
            return await self._enrol(asked)
        credential = await self._who(asked)
        if asked.path == REPORTS:
            return await self._report(credential, asked)
        if asked.path == ROTATE:
            rotating = _decoded(asked.body, Rotating)
            return await self._pool.run(lambda: hosts.take_key(credential, rotating, self._clock.now()))
        return await self._orders(credential, asked, receive)

    async def _who(self, asked: Asked) -> Credential:
        """Return the host that asks; raises `Unauthenticated`, also for a signature of another time."""
        known = self._credentials
        if known is None:
            known = await self._pool.run(hosts.credentials)
            self._credentials = known
        found = known.get(asked.said.key)
        if found is None:
            raise Unauthenticated(_UNKNOWN)
        _check(asked, found.public)
        if found.revoked:
            raise Unauthenticated(_REVOKED)
        self._refuse_other_times(asked.said)
        if found.fresh:
            await self._pool.run(lambda: hosts.promote(found, asked.said.key, self._clock.now()))
            self.refresh()
        return found

    async def _enrol(self, asked: Asked) -> object:
        enrolment = _decoded(asked.body, Enrolling)
        public = enrolling.key_of(enrolment.key)
        if fingerprint(public) != asked.said.key:
            raise Unauthenticated("The request is not signed by the key that it names.")
        _check(asked, public)
        self._refuse_other_times(asked.said)
        made = await self._pool.run(lambda: hosts.enrol(enrolment, self._clock.now()))
        self._credentials = None
        return made

    async def _report(self, credential: Credential, asked: Asked) -> object:
        """Have a batch recorded; of one host one batch of each lane at a time, which `?lane=` names."""
        mine = credential.host, parse_qs(asked.target.partition("?")[2]).get("lane", [""])[0][:10]
        if mine in self._recording or sum(host == credential.host for host, _ in self._recording) > 1:
            raise Throttled("Another batch of this host is being recorded; send it again.", 1.0)
        self._recording.add(mine)
        kind, encoding = (asked.headers.get(name, "") for name in ("content-type", "content-encoding"))
        try:
            return await self._recorder.put(Sent(credential.host, asked.body, kind, encoding))
        finally:
            self._recording.discard(mine)

    async def _orders(self, credential: Credential, asked: Asked, receive: Receive) -> object | None:
        """Return what is new for a host, as soon as something is or its patience is over."""
        query = parse_qs(asked.target.partition("?")[2])
        since, version = (query.get(name, [""])[0][:80] for name in ("since", "version"))
        await self._remember(credential.host, version)
        poll = self._polls.setdefault(credential.host, Poll("host", "key"))
        gone = asyncio.ensure_future(disconnected(receive))

        async def look() -> Orders | None:
            return await self._pool.run(lambda: hosts.orders(credential.host, since, self._intrusions))

        try:
            found = await poll.waited(look, PATIENCE, gone)
            if found is None and gone.done():
                return None
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
        await self._who(asked)  # it may have been revoked while it waited
        return found or Orders(revision=since)

    async def _remember(self, host: int, version: str) -> None:
        """Note a sign of life; not each of many."""
        tick = monotonic()
        if tick - self._heard.get(host, float("-inf")) >= _HEARD_EVERY:
            self._heard[host] = tick
            await self._pool.run(
                lambda: hosts.heard(host, self._clock.now(), version[:40] if version.isprintable() else "")
            )

    def _refuse_listeners(self, scope: Scope) -> None:
        peer = scope["client"][0] if scope.get("client") else None
        forwarded, proto = joined(scope, b"x-forwarded-for"), joined(scope, b"x-forwarded-proto")
        if not is_protected(scope.get("scheme", "http"), peer, forwarded, proto, self._trusted):
            raise Forbidden(_PLAIN)

    def _refuse_other_times(self, said: Signed) -> None:
        """Refuse a signature of another time; the answer tells by its own signature what time it is here."""
        if abs(self._clock.now() - said.created) > messages.CLOSE:
            raise Unauthenticated("The signature is of another time; the clock of this host may be wrong.")

    async def _refuse(self, send: Send, asked: Asked | None, said: Said) -> None:
        wait = [(b"retry-after", str(said.retry_after).encode())] if said.retry_after is not None else []
        if asked is None:
            await answer(send, said.status, [*PROBLEM, *wait], problem_body(said))
        else:
            await self._say(send, asked, said.status, problem_body(said), [*PROBLEM, *wait])

    async def _say(
        self, send: Send, asked: Asked, status: int, body: bytes, headers: Headers = _JSON
    ) -> None:
        """Send an answer, signed by the server's key; who enrols is told its public half, too."""
        if self._key is None:
            self._key = await self._pool.run(hosts.server_key)
        signed = messages.signed_answer(self._key, status, body, asked.said.text, self._clock.now())
        if asked.path == ENROLL:
            signed[enrolling.KEY_HEADER] = enrolling.text_of(self._key.public)
        more = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
        await answer(send, status, [*headers, *more], body)

    def _ring(self) -> None:
        for poll in self._polls.values():
            poll.ring()


def _check(asked: Asked, public: bytes) -> None:
    body_digest = asked.headers.get("content-digest", "")
    messages.check_request(asked.said, public, asked.method, asked.target, body_digest, asked.body)


def _decoded(body: bytes, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The request cannot be read: {error}", {"body": str(error)}) from None
