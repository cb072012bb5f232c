"""WebSockets in the words of each framework: those of one's own pages are spoken with, those of others are not let in."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from litestar import Litestar, WebSocket
from litestar.handlers import WebsocketRouteHandler
from quart import Quart, websocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket as StarletteWebSocket

from guard.tests.test_asgi import CONNECT, EVIL, handshake, talk
from vedette_guard import Guard, Policy, Rate, client

OWN = [(b"origin", b"https://shop.example")]


async def _greet(connection: StarletteWebSocket) -> None:
    await connection.accept()
    await connection.send_text(client(connection))
    await connection.close()


def starlette() -> Any:
    """Return a Starlette application."""
    return Starlette(routes=[WebSocketRoute("/live", _greet)])


def fastapi() -> Any:
    """Return a FastAPI application."""
    app = FastAPI()
    app.websocket("/live")(_greet)
    return app


def litestar() -> Any:
    """Return a Litestar application."""

    async def greet(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await socket.send_text(client(socket))
        await socket.close()

    return Litestar([WebsocketRouteHandler("/live")(greet)], logging_config=None, openapi_config=None)


def quart() -> Any:
    """Return a Quart application."""
    app = Quart("live", static_folder=None)

    @app.websocket("/live")
    async def greet() -> None:
        await websocket.accept()
        await websocket.send(client(websocket))

    return app


Made = Callable[[], Any]


@pytest.mark.parametrize("made", [starlette, fastapi, litestar, quart])
def test_a_websocket_of_ones_own_page_is_spoken_with_and_counted(made: Made) -> None:
    guarded = Guard(made(), Policy(rates=(Rate("all", limit=2),)))
    for _ in range(2):
        accepted, said, *_ = talk(guarded, handshake(headers=OWN), [dict(CONNECT)])
        assert accepted["type"] == "websocket.accept"
        assert said["text"] == "198.51.100.7"
    assert talk(guarded, handshake(headers=OWN), [dict(CONNECT)])[0]["type"] == "websocket.close"


@pytest.mark.parametrize("made", [starlette, fastapi, litestar, quart])
def test_a_websocket_of_a_foreign_page_never_reaches_the_application(made: Made) -> None:
    sent = talk(Guard(made()), handshake(headers=EVIL), [dict(CONNECT)])
    assert [message["type"] for message in sent] == ["websocket.close"]
    scope = handshake(headers=EVIL, extensions={"websocket.http.response": {}})
    assert talk(Guard(made()), scope, [dict(CONNECT)])[0]["status"] == 403
