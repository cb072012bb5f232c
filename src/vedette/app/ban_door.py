"""The door of guards: who is banned, at `/api/<project>/decisions/`, from memory (docs/guard/decisions.md is the protocol).

A DSN's key lets in, as with telemetry. Only the first question of a process reads the database. Answers are made by a thread
beside the event loop, one at a time: what reads the board must wait while it is read anew.
"""

import re
from urllib.parse import parse_qs

import msgspec

from vedette.app.doorway import Pool, refuse
from vedette.core.clock import Clock
from vedette.core.errors import Forbidden, Unauthenticated, VedetteError
from vedette.intake.ports import KeyRing
from vedette.intrusions import service
from vedette.intrusions.types import Ban, Delta
from vedette.ui.asgi_types import Scope, Send, answer, header
from vedette.ui.explain import explain

PAGE = 20_000  # bans of one answer: some 3 MB
MOST_WAITING = 256
_PATH = re.compile(r"/api/(\d{1,18})/decisions/?")
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_KEY = re.compile(r"sentry_key=([0-9A-Za-z]{1,64})")
_ENCODE = msgspec.json.Encoder().encode


class Added(msgspec.Struct, frozen=True):
    """A ban as a guard reads it."""

    scope: str
    until: float
    reason: str
    type: str = "ban"


class Told(msgspec.Struct, frozen=True):
    """What changed since a cursor."""

    cursor: str
    reset: bool
    added: list[Added]
    removed: list[str]
    more: bool


class BanDoor:
    """ASGI application of what guards ask for."""

    def __init__(self, keys: KeyRing, clock: Clock, page: int = PAGE) -> None:
        self._keys, self._clock, self._page = keys, clock, page
        self._pool = Pool("bans", 1, MOST_WAITING)

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is a guard's."""
        return _PATH.fullmatch(scope["path"]) is not None

    def close(self) -> None:
        """End the thread."""
        self._pool.close()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one request."""
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                await answer(send, 405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")])
                return
            body = await self._answer(scope)
        except VedetteError as error:
            await refuse(send, explain(error))
            return
        await answer(send, 200, _HEADERS, b"" if scope["method"] == "HEAD" else body)

    async def _answer(self, scope: Scope) -> bytes:
        query = parse_qs(scope["query_string"].decode("latin-1")[:1_000])
        self._let_in(scope, query.get("sentry_key", [""])[0])
        if not service.is_ready():
            await self._pool.run(lambda: service.refresh(self._clock.now()))
        cursor = query.get("cursor", [""])[0][:200]
        return await self._pool.run(lambda: self._made(cursor))

    def _let_in(self, scope: Scope, named: str) -> None:
        """Raise `Unauthenticated` or `Forbidden` for who has no key of the project."""
        found = _PATH.fullmatch(scope["path"])
        auth = header(scope, b"x-sentry-auth")
        told = _KEY.search(auth)
        key = self._keys.find(named or (told[1] if told else ""))
        if key is None:
            raise Unauthenticated("No project has this key; the DSN's key goes into ?sentry_key=.")
        if found is None or key.project != int(found[1]):
            raise Forbidden("The key is another project's.")
        if not key.active:
            raise Forbidden("The key is revoked.")

    def _made(self, cursor: str) -> bytes:
        after, delta = service.page(cursor, self._page, self._clock.now())
        return _ENCODE(_told(after, delta))


def _told(cursor: str, delta: Delta) -> Told:
    added = [_added(one) for one in delta.put if service.for_guards(one)]
    removed = [one.value for one in delta.drop] + [
        one.target.value for one in delta.put if not service.for_guards(one) and not delta.whole
    ]
    return Told(cursor, delta.whole, added, removed, delta.more)


def _added(one: Ban) -> Added:
    return Added(one.target.value, one.until, one.reason[:200])
