"""Live streams on the real servers: told at once, and forgotten when the client goes away without a word."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
APP = "tests.support.live_app:application"
SERVERS = {
    "uvicorn": ["-m", "uvicorn", APP, "--log-level", "warning", "--timeout-graceful-shutdown", "2", "--port"],
    "granian": [
        "-m",
        "granian",
        APP,
        "--interface",
        "asgi",
        "--workers",
        "1",
        "--no-log",
        "--host",
        "127.0.0.1",
        "--port",
    ],
}


def ask(port: int, path: str, method: str = "GET") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def until(what, seconds: float = 20.0) -> None:
    """Poll a real process: there is no other way to know when it has noticed."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        return ask(port, "/streams") == "0"
    except OSError:
        return False


@pytest.fixture(params=sorted(SERVERS))
def port(request) -> Iterator[int]:
    found = free_port()
    server = subprocess.Popen([sys.executable, *SERVERS[request.param], str(found)], cwd=ROOT)
    try:
        until(lambda: answers(found))
        yield found
    finally:
        server.terminate()
        began = time.monotonic()
        server.wait(10)
        assert time.monotonic() - began < 5, "open streams must not hold the server back"


def listen(port: int) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", port), timeout=5)
    stream.sendall(
        b"GET /live?topics=issues HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
    )
    return stream


def read_until(stream: socket.socket, part: bytes) -> bytes:
    got = b""
    while part not in got:
        got += stream.recv(4096)
    return got


def test_told_at_once_and_forgotten_when_gone(port: int) -> None:
    streams = [listen(port) for _ in range(5)]
    for stream in streams:
        assert b"text/event-stream" in read_until(stream, b"event: beat")
    until(lambda: ask(port, "/streams") == "5")
    began = time.monotonic()
    ask(port, "/wake?issues", "POST")
    for stream in streams:
        read_until(stream, b"event: changed\ndata: issues\n\n")
    assert time.monotonic() - began < 1
    for stream in streams[:4]:
        stream.close()
    until(lambda: ask(port, "/streams") == "1")
