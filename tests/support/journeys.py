"""A shop for browsers, with doors that lead inside; journeys through it; and who is left of a journey's processes."""

import asyncio
import os
import pwd
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import JourneyRules, Request, Result, Standpoint

PASSWORD = "planted-pass word"
INSIDE = "127.0.0.2"
USER = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
_PAGES = {
    "/favicon.ico": " ",
    "/": """<title>Shop</title><form action=/in method=post><input name=user><input name=password type=password>
        <button>Sign in</button></form><a href=/terms target=_blank>Terms</a>""",
    "/big": "x" * 60_000,
    "/terms": "<title>Terms</title><h1>Terms of the shop</h1>",
    "/cart": "<title>Cart</title><h1>Cart</h1><button name=pay disabled>Pay</button><script>console.error('no till today')</script>",
    "/fetching": "<title>Fetching</title><p id=said></p><script>fetch('http://%s:%d/').then(() => said.textContent = 'in', () => said.textContent = 'out')</script>",
}


class OneAddress(AddressPolicy):
    """A policy by which 127.0.0.1 is the Internet, and all else is inside."""

    def why_not(self, text: str) -> str | None:
        return None if text == "127.0.0.1" else "private"


class Shop:
    """Runs until closed. `asked` is what was asked of the shop, `inside` what came to the address that nobody may reach."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.inside: list[str] = []
        self._servers = [ThreadingHTTPServer((INSIDE, 0), _handler(self.inside, 0))]
        port = self._servers[0].server_port
        self._servers.append(ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.asked, port)))
        self.url, self.secret_url = (
            f"http://127.0.0.1:{self._servers[1].server_port}",
            f"http://{INSIDE}:{port}",
        )
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


def _handler(asked: list[str], port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path == "/redirect":
                self._send(302, "", {"Location": f"http://{INSIDE}:{port}/"})
            else:
                page = _PAGES.get(self.path)
                text = page % (INSIDE, port) if page and self.path == "/fetching" else page
                self._send(200 if text else 404, text or "<title>Nothing</title>")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(f"POST {self.path}")
            right = body == "user=anna&password=planted-pass+word"
            self._send(303, "", {"Location": f"/cart?{body}" if not right else "/cart"})

        def _send(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
            body = text.encode()
            self.send_response(status)
            fields = {"Content-Type": "text/html", "Content-Length": str(len(body)), **(headers or {})}
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def request_of(script: str, url: str = "", deadline: float = 20.0) -> Request:
    """Return the request of a journey through the shop at `url`."""
    known = {"variables": {"url": url, "user": "anna"}, "secrets": {"password": PASSWORD}}
    return Request(url="journey://buy", deadline=deadline, options={"script": script, **known})


def standpoint(**rules: object) -> Standpoint:
    """Return where journeys of the tests look from."""
    made = JourneyRules(**{"user": USER, **rules})  # type: ignore[arg-type]
    return Standpoint(policy=OneAddress(), hosts="", journeys=made)


def go(script: str, url: str = "", deadline: float = 20.0, **rules: object) -> Result:
    """Go on a journey."""
    return asyncio.run(run(request_of(script, url, deadline), standpoint(**rules)))


def left() -> list[str]:
    """Return what is left of processes that only journeys start."""
    found = []
    for process in psutil.process_iter(["cmdline", "pid"]):
        line = " ".join(process.info["cmdline"] or [])
        ours = process.info["pid"] == os.getpid()
        if ours:
            continue
        if "journey/apart/" in line or "vedette-journey-" in line or "/tmp/home/" in line:
            found.append(line[:200])
    return found
