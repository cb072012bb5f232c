"""A webhook receiver that remembers what it was told, and can act the moment it is spoken to."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Many may connect in one moment: a connection the kernel drops is tried again a second later."""

    daemon_threads = True
    request_queue_size = 1_024


class Receiver:
    """A real HTTP server on loopback. `on_accept` and `on_told`, when set, run once at the next chance.

    `on_accept` runs when a connection is accepted, before a byte is read: the sender has claimed and not yet sent.
    `on_told` runs when the whole notice was read and kept, before the answer: it was sent and not yet committed.
    """

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.on_accept: Callable[[], None] | None = None
        self.on_told: Callable[[], None] | None = None
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def subjects(self) -> dict[str, set[str]]:
        """Return, for each subject that was told, the idempotency keys of the notices that told it."""
        found: dict[str, set[str]] = {}
        for key, notice in self.told:
            for alert in notice["alerts"]:
                found.setdefault(alert["labels"]["subject"], set()).add(key)
        return found

    def count(self) -> int:
        """Return how many alerts were told; a notice that came again under its key counts once."""
        notices = dict(self.told).values()
        return sum(len(notice["alerts"]) + notice["truncatedAlerts"] for notice in notices)

    def _take(self, name: str) -> bool:
        act = getattr(self, name)
        if act is None:
            return False
        setattr(self, name, None)
        act()
        return True

    def _handler(receiver: "Receiver") -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's below
        class Handler(BaseHTTPRequestHandler):
            def handle(self) -> None:
                if not receiver._take("on_accept"):
                    super().handle()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append((self.headers["Idempotency-Key"], json.loads(body)))
                if not receiver._take("on_told"):
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
