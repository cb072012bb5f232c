"""A small shop with an API, to be walked through by a suite: sign in, fill a cart, look at it, throw it away."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "planted-session-token"
PASSWORD = "planted-password"


class ShopApi:
    """Runs until closed; `asked` is what was asked, `carts` those that nobody threw away; with `broken` carts cannot be read."""

    def __init__(self, *, broken: bool = False, slow: bool = False) -> None:
        self.asked: list[str] = []
        self.carts: set[str] = set()
        self.broken, self.slow, self.done = broken, slow, threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.done.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(shop: ShopApi) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - five pages of a shop
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            shop.asked.append(f"POST {self.path}")
            if self.path == "/session":
                right = json.loads(body) == {"user": "anna", "password": PASSWORD}
                self._say(200 if right else 401, {"session": TOKEN, "echo": body.decode()})
            elif self._signed_in():
                cart = f"c{len(shop.asked)}"
                shop.carts.add(cart)
                self._say(201, {"id": cart}, {"Location": f"/carts/{cart}"})

        def do_GET(self) -> None:
            shop.asked.append(f"GET {self.path}")
            if self.path == "/":
                self._send(200, b'<form><input name="csrf" value="f00-ba4"></form>', {})
            elif self._signed_in():
                if shop.slow:
                    shop.done.wait(20)
                self._say(500 if shop.broken else 200, {"items": ['a "quoted" pear'], "token": TOKEN})

        def do_DELETE(self) -> None:
            shop.asked.append(f"DELETE {self.path}")
            shop.carts.discard(self.path.rpartition("/")[2])
            self._send(204, b"", {})

        def _signed_in(self) -> bool:
            right = self.headers["Authorization"] == f"Bearer {TOKEN}"
            if not right:
                self._say(401, {})
            return right

        def _say(self, status: int, value: object, headers: Any = None) -> None:
            self._send(
                status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})}
            )

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
