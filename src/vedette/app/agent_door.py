"""The door of agents: lets hosts in, hears their reports, tells them what to do; before Django.

Who asks is known by the signature of the request (`wire/agent/signing`) and can say things about its own host alone; every
answer is signed by the server's key. A poll holds no thread while it waits; of one host only the newest poll waits, and one
batch a lane is recorded at a time. A body is read once its head is known to be signed; bodies are bounded in size and number.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from vedette.app import logs
from vedette.app.doorway import PROBLEM, Pool, TooLarge, disconnected, read_body
from vedette.app.polling import Poll
from vedette.app.recorder import Recorder, Sent
from vedette.core.client import is_protected
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import Forbidden, Invalid, Throttled, Unauthenticated, Unavailable, VedetteError
from vedette.hosts import service as hosts
from vedette.hosts.types import Backups, Credential, Findings, Infra, Intrusions
from vedette.plumbing.seal import messages
from vedette.plumbing.seal.ed25519 import SigningKey, fingerprint
from vedette.ui.asgi_types import Headers, Receive, Scope, Send, answer, header, joined
from vedette.ui.explain import Said, explain, problem_body
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import ENROLL, MOST_BYTES, ORDERS, PATIENCE, REPORTS, ROTATE
from vedette.wire.agent.enrolling import Enrolling, Rotating
from vedette.wire.agent.signing import Signed
from vedette.wire.agent.types import Orders

LOG = logs.logger("vedette.agents")
BODY_SECONDS = 30.0
MOST_WAITING = 2_000
MOST_OF_HOST = 4  # bodies of one host that are read at once
_MOST_BODIES = {"batch": 64, "brief": 2_000, "stranger": 64}
_TRIES = 10
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
    """The head of a request: method, path and query, headers by lower-case name, and what its signature claims."""

    method: str
    target: str
    headers: Mapping[str, str]
    said: Signed

    @property
    def path(self) -> str:
        """Return the path."""
        return self.target.partition("?")[0]


class AgentDoor:
    """ASGI application of what agents ask; whoever signs nothing is answered by the pages."""

    def __init__(
        self,
        intrusions: Intrusions,
        clock: Clock,
        trusted_proxies: int = 0,
        findings: Findings | None = None,
        backups: Backups | None = None,
        *,
        infra: Infra | None = None,
    ) -> None:
        self._intrusions, self._clock, self._trusted = intrusions, clock, trusted_proxies
        self._backups, self._infra = backups, infra
        self._pool = Pool("agents", 2, MOST_WAITING)
        self._recorder = Recorder(hosts.taker(intrusions, findings, backups, infra=infra), clock.now)
        self._credentials: tuple[int, Mapping[str, Credential]] | None = None  # as of which refresh
        self._refreshes = 0
        self._key: SigningKey | None = None
        self._polls: dict[int, Poll[Orders]] = {}
        self._recording: set[tuple[int, bool]] = set()
        self._heard: dict[int, float] = {}
        self._bodies: Counter[str | int] = Counter()  # that are being read: by kind, and by host
        self._loop: asyncio.AbstractEventLoop | None = None

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is an agent's."""
        return scope["path"] in _METHODS and bool(header(scope, b"signature-input"))

    def refresh(self) -> None:
        """Have keys read anew and every poll that waits look again; callable from any thread."""
        self._refreshes += 1
        self.ring()

    def ring(self) -> None:
        """Have every poll that waits look again; callable from any thread."""
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
            self._refuse_listeners(scope)
            asked = _head(scope)
            found = await self._answered(asked, receive)
        except TooLarge as error:
            await self._refuse(send, asked, Said(status=413, title="Too large", detail=str(error)))
        except VedetteError as error:
            await self._refuse(send, asked, explain(error))
        except (
            Exception
        ):  # a fault of ours in one request: it is told as one, and the door stays open to every other host
            LOG.exception("a request of an agent failed", path=scope["path"])
            await self._refuse(send, asked, explain(VedetteError()))
        else:
            if asked is not None and found is not None:  # else who asked has left
                await self._say(send, asked, 200, _ENCODE(found))

    async def _body(self, asked: Asked, receive: Receive, host: int | None) -> bytes | None:
        """Return the body that a request signs for, None when who asked has left; raises `TooLarge`, `Unavailable`.

        Whoever proved to be no host yet takes no room of hosts', and a host none of others'.
        """
        kind = "stranger" if host is None else "batch" if asked.path == REPORTS else "brief"
        if self._bodies[kind] >= _MOST_BODIES[kind] or (host and self._bodies[host] >= MOST_OF_HOST):
            raise Unavailable("Other agents are being heard; send it again in a moment.", 2.0)
        room: list[str | int] = [kind] if host is None else [kind, host]
        self._bodies.update(room)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await read_body(receive, MOST_BYTES if kind == "batch" else _MOST_SMALL)
        except TimeoutError:
            raise Unavailable("The request did not arrive in time; send it again.", 1.0) from None
        finally:
            self._bodies.subtract(room)
            if host is not None and not self._bodies[host]:
                del self._bodies[host]
        if body is not None:
            messages.check_body(asked.headers.get("content-digest", ""), body)
        return body

    async def _answered(self, asked: Asked, receive: Receive) -> object | None:
        """Return what a request is answered; None when who asked has left."""
        if asked.method != _METHODS[asked.path]:
            raise Invalid(f"Use {_METHODS[asked.path]}.")
        credential = None
        if asked.path == ENROLL:
            self._refuse_other_times(asked.said)
        else:
            credential = await self._who(asked)
        body = await self._body(asked, receive, None if credential is None else credential.host)
        if body is None:
            return None
        if credential is None:
            return await self._enrol(asked, body)
        if asked.path == REPORTS:
            return await self._report(credential, asked, body)
        if asked.path == ROTATE:
            rotating = _decoded(body, Rotating)
            return await self._pool.run(lambda: hosts.take_key(credential, rotating, self._clock.now()))
        return await self._orders(credential, asked, receive)

    async def _known(self) -> Mapping[str, Credential]:
        """Return every key; what was read before somebody was let in or revoked is read again."""
        for _ in range(_TRIES):
            held, count = self._credentials, self._refreshes
            if held is not None and held[0] == count:
                return held[1]
            self._credentials = (count, await self._pool.run(hosts.credentials))
        raise Unavailable("Who may speak changes just now; ask again in a moment.", 1.0)

    async def _who(self, asked: Asked) -> Credential:
        """Return the host that asks, by the head of its request; raises `Unauthenticated`, also for a signature of another time."""
        found = (await self._known()).get(asked.said.key)
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

    async def _enrol(self, asked: Asked, body: bytes) -> object:
        enrolment = _decoded(body, Enrolling)
        public = enrolling.key_of(enrolment.key)
        if fingerprint(public) != asked.said.key:
            raise Unauthenticated("The request is not signed by the key that it names.")
        _check(asked, public)
        made = await self._pool.run(lambda: hosts.enrol(enrolment, self._clock.now()))
        self._refreshes += 1
        return made

    async def _report(self, credential: Credential, asked: Asked, body: bytes) -> object:
        """Have a batch recorded; of one host one batch of each lane at a time, which `?lane=` names: `facts` or `measures`."""
        lane = parse_qs(asked.target.partition("?")[2]).get("lane", [""])[0]
        mine = credential.host, lane == "measures"
        if mine in self._recording:
            raise Throttled("Another batch of this host is being recorded; send it again.", 1.0)
        self._recording.add(mine)
        kind, encoding = (asked.headers.get(name, "") for name in ("content-type", "content-encoding"))
        try:
            return await self._recorder.put(Sent(credential.host, body, kind, encoding))
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
            return await self._pool.run(
                lambda: hosts.orders(
                    credential.host,
                    since,
                    self._intrusions,
                    self._clock.now(),
                    self._backups,
                    infra=self._infra,
                )
            )

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
    messages.check_head(asked.said, public, asked.method, asked.target, body_digest)


def _head(scope: Scope) -> Asked:
    """Return the head of a request; raises `Unauthenticated` when it is not signed as agents sign."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    target = f"{scope['path']}?{query}" if query else scope["path"]
    return Asked(scope["method"], target, headers, messages.claimed(headers))


def _decoded(body: bytes, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The request cannot be read: {error}", {"body": str(error)}) from None
