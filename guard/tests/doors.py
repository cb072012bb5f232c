"""One application behind each door, asked without a socket: the same act, the same question, the same shape of answer.

The applications do what an `Act` says and note what they saw. The doors are raw ASGI, Starlette, FastAPI, Litestar,
Quart, raw WSGI, Flask, Bottle, and Django's middleware under WSGI and ASGI.
"""

import asyncio
import atexit
import functools
import io
import types
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from wsgiref.validate import validator

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse
from django.test import override_settings
from django.urls import re_path
from fastapi import FastAPI
from flask import Flask, Response, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from guard.tests.frameworks import METHODS, bottle_app, later, litestar, quart
from vedette_guard import Guard, Policy, WsgiGuard, nonce

Headers = list[tuple[str, str]]


@dataclass
class Act:
    """What an application answers; `seen` is what it was asked. A nonce is the body's only content."""

    status: int = 200
    headers: Headers = field(default_factory=lambda: [("Content-Type", "text/html; charset=utf-8")])
    chunks: list[bytes] = field(default_factory=lambda: [b"ok"])
    reads: bool = True
    raises: bool = False
    wants_nonce: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)

    def saw(self, cookie: str | None, body: bytes) -> None:
        """Note what was asked; then fail, if that is the act."""
        self.seen.append({"cookie": cookie, "body": body})
        if self.raises:
            raise RuntimeError("the application fails")

    def body(self, of: Any) -> list[bytes]:
        """Return the chunks of the answer."""
        return [nonce(of).encode()] if self.wants_nonce else self.chunks


@dataclass
class Ask:
    """One request; the body comes in chunks, which Content-Length tells unless `length` is False."""

    method: str = "GET"
    path: str = "/page"
    headers: Headers = field(default_factory=list)
    host: str | None = "shop.example"
    chunks: list[bytes] = field(default_factory=list)
    length: bool = True
    scheme: str = "https"
    peer: str = "198.51.100.7"
    query: str = ""

    def all_headers(self) -> Headers:
        """Return all headers as a server sees them."""
        sent = [] if self.host is None else [("host", self.host)]
        if self.chunks:
            length = ("content-length", str(sum(map(len, self.chunks))))
            sent.append(length if self.length else ("transfer-encoding", "chunked"))
        return [*sent, *((name.lower(), value) for name, value in self.headers)]


@dataclass
class Answer:
    """What came back; `starts` is how often an answer began."""

    status: int
    headers: Headers
    chunks: list[bytes]
    starts: int = 1

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def all(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value.strip() for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        """Return the only value of a header; None when there is none."""
        values = self.all(name)
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None


Asker = Callable[[Ask], Answer]


def asgi_scope(ask: Ask, **changes: Any) -> dict[str, Any]:
    """Return the scope that a server would make of a request."""
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": ask.method, "scheme": ask.scheme,
        "path": ask.path, "raw_path": ask.path.encode(), "query_string": ask.query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in ask.all_headers()],
        "client": (ask.peer, 50000) if ask.peer else None, "server": ("127.0.0.1", 8000), **changes,
    }  # fmt: skip


def ask_asgi(app: Any, ask: Ask) -> Answer:
    """Ask an ASGI application; an exception is the server's to log once an answer was begun."""
    return loop().run_until_complete(_ask_asgi(app, ask))


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """Return the loop of all requests: a loop a request takes longer than the requests."""
    made = asyncio.new_event_loop()
    atexit.register(made.close)
    return made


async def _ask_asgi(app: Any, ask: Ask) -> Answer:
    sent: list[dict[str, Any]] = []
    chunks, answered = list(ask.chunks) or [b""], asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not chunks:  # a client that stays connected until it is answered, and says nothing more
            await answered.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    try:
        await app(asgi_scope(ask), receive, send)
    except Exception:
        if not sent:
            raise
    starts = [message for message in sent if message["type"] == "http.response.start"]
    headers = [(name.decode(), value.decode("latin-1")) for name, value in starts[0]["headers"]]
    bodies = [m.get("body", b"") for m in sent if m["type"] == "http.response.body"]
    return Answer(starts[0]["status"], headers, [body for body in bodies if body], len(starts))


def environ_of(ask: Ask) -> dict[str, Any]:
    """Return the environment that a server would make of a request."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": ask.method, "SCRIPT_NAME": "", "PATH_INFO": ask.path.encode().decode("latin-1"),
        "QUERY_STRING": ask.query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": ask.scheme, "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input": io.BytesIO(b"".join(ask.chunks)),
        "REMOTE_ADDR": ask.peer,
    }  # fmt: skip
    for name, value in ask.all_headers():
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["wsgi.input_terminated"] = True
    return environ


def ask_wsgi(app: Any, ask: Ask) -> Answer:
    """Ask a WSGI application."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        started.append((status, headers))
        return lambda _: None

    result = app(environ_of(ask), start_response)
    try:
        chunks = [chunk for chunk in result if chunk]
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = started[0]
    return Answer(int(status[:3]), headers, [] if ask.method == "HEAD" else chunks, len(started))


# -- the applications ---------------------------------------------------------------------------------------------


def raw_asgi(act: Act) -> Any:
    """Return an ASGI application without a framework."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", act.reads
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("the client is gone")
            body, more = body + message.get("body", b""), message.get("more_body", False)
        act.saw(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"), body)
        chunks = act.body(scope)
        headers = [(name.lower().encode(), value.encode()) for name, value in act.headers]
        await send({"type": "http.response.start", "status": act.status, "headers": headers})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


async def _starlette_view(act: Act, request_: Request) -> StreamingResponse:
    body = await request_.body() if act.reads else b""
    act.saw(request_.headers.get("cookie", ""), body)
    chunks = act.body(request_)
    response = StreamingResponse(later(chunks), act.status)
    for name, value in act.headers:
        response.raw_headers.append((name.lower().encode(), value.encode()))
    return response


def starlette(act: Act) -> Any:
    """Return a Starlette application."""

    async def view(request_: Request) -> StreamingResponse:
        return await _starlette_view(act, request_)

    return Starlette(routes=[Route("/{path:path}", view, methods=METHODS)])


def fastapi(act: Act) -> Any:
    """Return a FastAPI application."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=METHODS)
    async def view(request_: Request) -> Any:
        return await _starlette_view(act, request_)

    view.__annotations__["return"] = None
    return app


def raw_wsgi(act: Act) -> Any:
    """Return a WSGI application without a framework."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or (-1 if environ.get("wsgi.input_terminated") else 0))
        body = environ["wsgi.input"].read(size) if act.reads else b""
        act.saw(environ.get("HTTP_COOKIE", ""), body)
        chunks = act.body(environ)
        start_response(f"{act.status} Said", list(act.headers))
        return iter(chunks)

    return app


def flask(act: Act) -> Any:
    """Return a Flask application, as its WSGI application."""
    app = Flask("doors", static_folder=None)

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    def view(path: str) -> Response:
        body = request.get_data() if act.reads else b""
        act.saw(request.headers.get("Cookie", ""), body)
        response = Response(iter(act.body(request)), act.status)
        response.headers.clear()
        for name, value in act.headers:
            response.headers.add(name, value)
        return response

    return app.wsgi_app


def _django_urls(act: Act) -> types.ModuleType:
    """Return a module with one view for all paths."""

    def view(request_: Any, path: str) -> StreamingHttpResponse:
        body = request_.read() if act.reads else b""
        act.saw(request_.META.get("HTTP_COOKIE", ""), body)
        chunks = act.body(request_)
        streamed = later(chunks) if isinstance(request_, ASGIRequest) else iter(chunks)
        response = StreamingHttpResponse(streamed, status=act.status)
        del response["Content-Type"]
        for name, value in act.headers:
            if name.lower() == "set-cookie":
                response.cookies.load(value)
            else:
                response[name] = f"{response[name]}, {value}" if name in response else value
        return response

    module = types.ModuleType("guard_doors_urls")
    module.urlpatterns = [re_path(r"^(?P<path>.*)$", view)]  # type: ignore[attr-defined]
    return module


@dataclass
class Door:
    """How to put a policy before an application, and how to ask it."""

    name: str
    kind: str
    app: Callable[[Act], Any] | None = None

    def open(self, act: Act, policy: Policy | str | None = None, **more: Any) -> "Opened":
        """Return an application behind the policy; `more` goes to the guard."""
        if self.kind.startswith("django"):
            return _open_django(self, act, policy, **more)
        assert self.app is not None
        guarded = (Guard if self.kind == "asgi" else WsgiGuard)(self.app(act), policy, **more)
        asker = ask_asgi if self.kind == "asgi" else ask_wsgi
        checked = validator(guarded) if self.name == "wsgi" else guarded
        return Opened(lambda ask: asker(guarded if ask.host is None else checked, ask))


@dataclass
class Opened:
    """An application behind a guard: called with a request, it answers."""

    asker: Asker
    settings: Callable[[], AbstractContextManager[Any]] = nullcontext

    def __call__(self, ask: Ask | None = None, **said: Any) -> Answer:
        with self.settings():
            return self.asker(ask or Ask(**said))


def _open_django(door: Door, act: Act, policy: Any, *, user: Any = None, **more: Any) -> Opened:
    urls = _django_urls(act)

    def settings() -> AbstractContextManager[Any]:
        return override_settings(
            ROOT_URLCONF=urls, MIDDLEWARE=["vedette_guard.doors.django.GuardMiddleware"], ALLOWED_HOSTS=["*"],
            VEDETTE_GUARD=policy, VEDETTE_GUARD_USER=user, APPEND_SLASH=False,
        )  # fmt: skip

    with settings():
        handler = WSGIHandler() if door.kind == "django" else ASGIHandler()
    engine = _middleware_of(handler)._engine
    engine.clock, engine.listener = more.get("clock", engine.clock), more.get("listener")
    engine.bans = more.get("bans", engine.bans)
    asker = ask_wsgi if door.kind == "django" else ask_asgi
    return Opened(lambda ask: asker(handler, ask), settings)


def _middleware_of(handler: Any) -> Any:
    """Return the guard of a handler: what stands behind the wrapper that makes answers of exceptions."""
    chain = handler._middleware_chain
    return chain.__wrapped__


DOORS = [
    Door("asgi", "asgi", raw_asgi),
    Door("starlette", "asgi", starlette),
    Door("fastapi", "asgi", fastapi),
    Door("litestar", "asgi", litestar),
    Door("quart", "asgi", quart),
    Door("wsgi", "wsgi", raw_wsgi),
    Door("flask", "wsgi", flask),
    Door("bottle", "wsgi", bottle_app),
    Door("django", "django"),
    Door("django-asgi", "django-asgi"),
]
