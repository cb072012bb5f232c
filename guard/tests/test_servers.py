"""Real servers over sockets: what a server makes of a refusal, and what only bytes can say."""

import asyncio
import socket
import threading
import wsgiref.simple_server
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
import websockets.sync.client
from websockets.exceptions import InvalidStatus

from guard.tests.doors import Act, raw_asgi, raw_wsgi
from vedette_guard import Guard, Limits, Policy, WsgiGuard

POLICY = Policy(limits=Limits(body=100, body_time="1s"))


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer HTTP, and accept WebSockets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})
        return
    await raw_asgi(Act(chunks=[b"one", b"two"]))(scope, receive, send)


@pytest.fixture(scope="module")
def uvicorn_port() -> Iterator[int]:
    """Serve the guarded ASGI application with uvicorn."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Guard(app, POLICY), log_level="critical", lifespan="off", proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def wsgiref_port() -> Iterator[int]:
    """Serve the guarded WSGI application with the standard library's server."""

    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    guarded = WsgiGuard(raw_wsgi(Act(chunks=[b"one", b"two"])), POLICY)
    with wsgiref.simple_server.make_server("127.0.0.1", 0, guarded, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(params=["uvicorn_port", "wsgiref_port"])
def port(request: pytest.FixtureRequest) -> int:
    """Return the port of one server after the other."""
    found: int = request.getfixturevalue(request.param)
    return found


def say(port: int, *lines: str, body: bytes = b"") -> bytes:
    """Return what a server answers to these lines, until it closes or has been silent for long."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    return answer


def test_an_answer_has_its_headers(port: int) -> None:
    answer = say(port, "GET / HTTP/1.1", "Host: localhost")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in head
    assert head.lower().count(b"x-content-type-options: nosniff") == 1
    assert b"one" in body
    assert b"two" in body


def test_two_hosts_are_refused(port: int) -> None:
    assert b" 400 " in say(port, "GET / HTTP/1.1", "Host: localhost", "Host: evil.example")


def test_a_large_body_is_refused_before_it_comes(port: int) -> None:
    assert b" 413 " in say(port, "POST / HTTP/1.1", "Host: localhost", "Content-Length: 200")


def test_a_foreign_page_is_refused(port: int) -> None:
    lines = ("POST / HTTP/1.1", "Host: localhost", "Origin: https://evil.example", "Content-Length: 1")
    assert b" 403 " in say(port, *lines, body=b"x")


CHUNKED = ("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")


def test_a_chunked_body_is_counted_as_it_comes(uvicorn_port: int) -> None:
    answer = say(uvicorn_port, *CHUNKED, body=b"40\r\n" + b"x" * 64 + b"\r\n40\r\n" + b"x" * 64 + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_that_stalls_is_answered(uvicorn_port: int) -> None:
    assert say(uvicorn_port, *CHUNKED, body=b"1\r\nx\r\n").startswith(b"HTTP/1.1 408")


def test_websockets_of_foreign_pages_are_refused_and_others_work(uvicorn_port: int) -> None:
    address = f"ws://127.0.0.1:{uvicorn_port}/live"
    with websockets.sync.client.connect(address, origin=f"http://127.0.0.1:{uvicorn_port}") as connection:  # type: ignore[arg-type]
        assert connection.recv() == "hello"
    with pytest.raises(InvalidStatus) as caught:
        websockets.sync.client.connect(address, origin="https://evil.example")  # type: ignore[arg-type]
    assert caught.value.response.status_code == 403
    assert caught.value.response.headers["x-content-type-options"] == "nosniff"
