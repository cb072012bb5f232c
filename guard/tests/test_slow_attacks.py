"""A guarded application behind granian, started as docs/guard/asgi.md says, while thousands of clients take their time."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.slow import Visitor, attack, idlers, require_quick

pytestmark = [pytest.mark.deep, pytest.mark.xdist_group("slow")]

PAGE = Path(__file__).parents[2] / "docs" / "guard" / "asgi.md"
SITE = """
from vedette_guard import Guard
LARGE = b"x" * 262_144


async def site(scope, receive, send):
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    body = LARGE if scope["path"] == "/large" else b"hello"
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


app = Guard(site)
"""
START = 30.0
CONNECTIONS, SECONDS = 2000, 12
# Headers, bodies and answers that never end: options of slowhttptest, and the page attacked.
ATTACKS = {
    "headers": (("-H", "-i", "5"), "/"),
    "body": (("-B", "-i", "5", "-s", "100000"), "/"),
    "read": (("-X", "-w", "512", "-y", "1024", "-n", "2", "-z", "32"), "/large"),
}


def command() -> str:
    """Return how the page tells to start granian."""
    (found,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve the application, by the page's command."""
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    (folder / "shop.py").write_text(SITE)
    said = command().replace("granian ", f"exec {sys.executable} -m granian --port {port} ")
    with subprocess.Popen(["bash", "-c", said], cwd=folder, stdout=subprocess.DEVNULL) as server:
        try:
            _await(port)
            yield port
        finally:
            server.terminate()


def _await(port: int) -> None:
    end = time.monotonic() + START
    visitor = Visitor(f"http://127.0.0.1:{port}/")
    while visitor._ask() != 200:
        assert time.monotonic() < end, "granian did not start"


@pytest.mark.parametrize("name", ATTACKS)
def test_a_slow_attack_keeps_nobody_waiting(port: int, name: str) -> None:
    options, path = ATTACKS[name]
    with Visitor(f"http://127.0.0.1:{port}/") as visitor:
        ended = attack(f"http://127.0.0.1:{port}{path}", *options, connections=CONNECTIONS, seconds=SECONDS)
    assert ended["connected"] + ended["closed"] > 0.9 * CONNECTIONS, ended
    require_quick(visitor)


def test_ten_thousand_connections_that_say_nothing_keep_nobody_waiting(port: int) -> None:
    with Visitor(f"http://127.0.0.1:{port}/") as visitor, idlers(port, 10_000):
        visitor.stay(200)
    require_quick(visitor)


def test_a_connection_that_says_nothing_ends(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=START) as connection:
        assert connection.recv(1) == b""
