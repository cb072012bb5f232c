"""The application of `guard.tests.doors` in the words of Litestar, Quart and Bottle."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import bottle
from litestar import Litestar
from litestar import Request as LitestarRequest
from litestar.handlers import HTTPRouteHandler
from litestar.response.streaming import ASGIStreamingResponse
from quart import Quart
from quart import Response as QuartResponse
from quart import request as quart_request

if TYPE_CHECKING:
    from guard.tests.doors import Act

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def later(chunks: list[bytes]) -> AsyncIterator[bytes]:
    """Yield chunks one by one."""
    for chunk in chunks:
        yield chunk


def litestar(act: Act) -> Any:
    """Return a Litestar application."""

    async def view(request: LitestarRequest[Any, Any, Any]) -> ASGIStreamingResponse:
        body = await request.body() if act.reads else b""
        act.saw(request.headers.get("cookie", ""), body)
        response = ASGIStreamingResponse(iterator=later(act.body(request)), status_code=act.status)
        response.headers.pop("content-type", None)
        for name, value in act.headers:
            response.headers.add(name, value)
        return response

    paths = ["/", "/{path:path}"]
    handler = HTTPRouteHandler(paths, http_method=METHODS, status_code=200)(view)  # type: ignore[arg-type]
    return Litestar([handler], logging_config=None, openapi_config=None)


def quart(act: Act) -> Any:
    """Return a Quart application."""
    app = Quart("doors", static_folder=None)
    app.logger.setLevel(logging.CRITICAL)  # failures are part of the tests
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    async def view(path: str) -> QuartResponse:
        body = await quart_request.get_data(as_text=False) if act.reads else b""
        act.saw(quart_request.headers.get("Cookie", ""), body)
        response = QuartResponse(later(act.body(quart_request)), act.status)
        response.headers.clear()
        for name, value in act.headers:
            response.headers.add(name, value)
        return response

    return app


def bottle_app(act: Act) -> Any:
    """Return a Bottle application; what fails goes on to the guard."""
    app = bottle.Bottle()
    app.config["catchall"] = False

    @app.route("/<path:path>", method=METHODS)
    @app.route("/", method=METHODS)
    def view(path: str = "") -> Any:
        # Bottle takes chunks apart itself; where the server did, the stream is what to read
        source = bottle.request.environ["wsgi.input"] if bottle.request.chunked else bottle.request.body
        body = source.read() if act.reads else b""
        act.saw(bottle.request.get_header("Cookie", ""), body)
        response = bottle.HTTPResponse(iter(act.body(bottle.request)), act.status)
        for name, value in act.headers:
            response.add_header(name, value)
        return response

    return app
