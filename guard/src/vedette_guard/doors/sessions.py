"""Sessions in the ASGI and the WSGI door: opened before the application is called, written before its answer begins.

`session_of(request)` is the session of a scope, an environment, or a request of Starlette, Flask or Bottle; Starlette
and FastAPI have it as `request.session`, too. Put them inside the guard, which knows the client behind proxies.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from vedette_guard.passage import client as client_of
from vedette_guard.sessions import Committed, Session, Sessions

KEY = "vedette_session"  # in an ASGI scope and a WSGI environ
NONE = "no sessions stand before this request: put AsgiSessions or WsgiSessions around the application"

log = logging.getLogger("vedette_guard")


def session_of(request: Any) -> Session:
    """Return the session of a request. Raise LookupError when no sessions stand before it."""
    for holder in (request, *(getattr(request, name, None) for name in ("scope", "environ"))):
        if isinstance(holder, Mapping) and isinstance(holder.get(KEY), Session):
            found: Session = holder[KEY]
            return found
    raise LookupError(NONE)


class AsgiSessions:
    """An ASGI application with sessions: `app = Guard(AsgiSessions(app, sessions))`.

    WebSockets see their session as it was when they were opened, and cannot change it.
    """

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]], sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Open the session of a connection, and write it as the answer begins."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        session = await self._within(self._open, scope)
        session.closed = scope["type"] == "websocket"
        inner = {**scope, KEY: session, "session": session}

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start" and not session.closed:
                done = await self._within(self._sessions.commit, session)
                message = {**message, "headers": _with_cookie(session, done, message.get("headers", ()))}
            await send(message)

        await self._app(inner, receive, sending)

    def _open(self, scope: Any) -> Session:
        said: dict[bytes, list[str]] = {b"cookie": [], b"user-agent": []}
        for name, value in scope["headers"]:
            if name in said:
                said[name].append(value.decode("latin-1"))
        peer = scope.get("client")
        address = _client(scope, peer[0] if peer else "")
        return self._sessions.open("; ".join(said[b"cookie"]), " ".join(said[b"user-agent"]), address)

    async def _within(self, call: Callable[[Any], Any], value: Any) -> Any:
        """Call what may wait for a store in a thread, so that the loop does not wait for it."""
        return await asyncio.to_thread(call, value) if self._sessions.store.waits else call(value)


class WsgiSessions:
    """A WSGI application with sessions: `app.wsgi_app = WsgiGuard(WsgiSessions(app.wsgi_app, sessions))` in Flask."""

    def __init__(self, app: Callable[[Any, Any], Iterable[bytes]], sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Open the session of a request, and write it as the answer begins."""
        address = _client(environ, environ.get("REMOTE_ADDR") or "")
        sent = environ.get("HTTP_COOKIE", ""), environ.get("HTTP_USER_AGENT", "")
        session = environ[KEY] = self._sessions.open(*sent, address)

        done: list[Committed] = []

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not done:  # an application that fails may start again: the token stays the one that was made
                done.append(self._sessions.commit(session))
            added = text_headers(session, done[0], {name.lower() for name, _ in headers})
            return start_response(status, [*headers, *added], *exc_info)

        return self._app(environ, start)


def text_headers(session: Session, done: Committed, had: set[str]) -> list[tuple[str, str]]:
    """Return what an answer gets for its session; one that gives a token is not stored, unless it says otherwise."""
    vary = [("Vary", "Cookie")] if session.accessed or done.cookie else []
    if done.lost:
        log.info("a session lost %s: %s", ", ".join(done.lost), done.reason)
    if done.cookie is None:
        return vary
    stored = [] if "cache-control" in had else [("Cache-Control", "no-store")]
    return [("Set-Cookie", done.cookie), *stored, *vary]


def _with_cookie(
    session: Session, done: Committed, headers: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    own = list(headers)
    added = text_headers(session, done, {name.lower().decode("latin-1") for name, _ in own})
    return [*own, *((name.lower().encode(), value.encode()) for name, value in added)]


def _client(source: Any, peer: str) -> str:
    """Return the address behind trusted proxies where a guard stands before, else the peer's."""
    try:
        return client_of(source)
    except LookupError:
        return peer
