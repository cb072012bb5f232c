"""The thread beside the requests, with real sockets and processes: nothing waits for it, and nothing is left behind."""

import http.server
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guard.tests.vedette import DSN
from vedette_guard import Telemetry
from vedette_guard.telemetry.events import Events

PROGRAM = [sys.executable, "-m", "guard.tests.telling_program"]
ROOT = Path(__file__).parents[2]


class Envelopes(http.server.BaseHTTPRequestHandler):
    """Takes envelopes, over connections that are kept."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert self.path == "/api/7/envelope/"
        assert "sentry_key=abc" in self.headers["X-Sentry-Auth"]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(json.loads(body.split(b"\n")[2]))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    """Serve the door of envelopes; return a DSN for it and what came."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Envelopes) as serving:
        serving.daemon_threads = True
        serving.taken = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://abc@127.0.0.1:{serving.server_port}/7", serving.taken  # type: ignore[attr-defined]
        serving.shutdown()
        thread.join()


def test_a_process_that_ends_at_once_tells_what_waits_and_so_does_its_fork(
    server: tuple[str, list[Any]],
) -> None:
    dsn, taken = server
    subprocess.run([*PROGRAM, dsn], check=True, timeout=60, cwd=ROOT)
    told = {event["contexts"]["guard"]["reason"]: event["contexts"]["guard"]["pid"] for event in taken}
    assert len(taken) == 3, "each once"
    assert told["before the fork"] == told["in the parent"] != told["in the child"]


@pytest.mark.deep
def test_a_process_ends_although_the_server_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"http://abc@127.0.0.1:{silent.getsockname()[1]}/7"
        assert subprocess.run([*PROGRAM, dsn], check=True, timeout=60, cwd=ROOT).returncode == 0


def test_nobody_waits_for_a_server_that_hangs() -> None:
    """The one thread that may wait does; whoever tells does not, and what waits is bounded."""
    hanging, release = threading.Event(), threading.Event()

    class Hanging:
        def send(self, body: bytes) -> tuple[int, str | None]:
            hanging.set()
            assert release.wait(60)
            return 200, None

        def forked(self) -> None:
            pass

    events = Events(Telemetry(dsn=DSN, queue=200), transport=Hanging())
    for n in range(150):  # more than a batch, which does not linger
        events.tell("csrf", f"reason {n}")
    assert hanging.wait(60)
    for n in range(1000):
        events.tell("csrf", f"another {n}")
    assert len(events.backlog) == 200
    release.set()
    events.close(60)
    assert len(events.backlog) == 0
