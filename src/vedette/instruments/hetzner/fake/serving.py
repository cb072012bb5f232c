"""The fake over HTTP, on loopback."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from vedette.core.ids import new_key
from vedette.instruments.hetzner.fake.calls import Call, Refused, Reply
from vedette.instruments.hetzner.fake.fake import Fake

HOST, BASE = "127.0.0.1", "/v1"
MOST_BODY = 1 << 20
_IDLE = 30.0  # seconds until a connection that says nothing is closed


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: Fake, port: int) -> None:
        self.fake, self.ended = fake, threading.Event()
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: _Server

    def version_string(self) -> str:
        return "vedette-hetzner-fake"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
        """Say nothing: whoever asks looks at `Fake.asked`."""

    def _serve(self) -> None:
        reply = self._answered()
        if reply.delay:
            self.server.ended.wait(reply.delay)
        if reply.status == 0 or (reply.delay and self.server.ended.is_set()):
            self.close_connection = True
            return
        with contextlib.suppress(ConnectionError):  # who asked has left
            self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - the library's words

    def _answered(self) -> Reply:
        split = urlsplit(self.path)
        if not split.path.startswith(f"{BASE}/"):
            return Refused(404, "not_found", f"paths begin with {BASE}/").reply()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MOST_BODY:
            self.close_connection = True
            return Refused(413, "invalid_input", f"a body has at most {MOST_BODY} bytes").reply()
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        call = Call(
            method=self.command,
            path=split.path.removeprefix(BASE),
            query=parse_qs(split.query, keep_blank_values=True),
            body=self.rfile.read(int(length)),
            token=token if kind == "Bearer" else "",
        )
        return self.server.fake.answer(call)

    def _send(self, reply: Reply) -> None:
        body = reply.text.encode() if reply.text is not None else msgspec.json.encode(reply.body)
        body = b"" if reply.body is None and reply.text is None else body
        self.send_response_only(reply.status)
        for name, value in self._headers(reply, len(body)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def _headers(reply: Reply, length: int) -> Mapping[str, str]:
        kind = "application/json" if reply.text is None else "text/html; charset=utf-8"
        headers = {"Content-Length": str(length), "X-Correlation-Id": new_key()[:16], **reply.headers}
        return headers if reply.status == 204 else {"Content-Type": kind, **headers}


@contextlib.contextmanager
def serving(fake: Fake, port: int = 0) -> Iterator[str]:
    """Serve a fake on loopback until the context ends; yields the endpoint (`http://127.0.0.1:PORT/v1`).

    `port` 0 takes a free one. Raises `OSError` where the port is taken.
    """
    server = _Server(fake, port)
    thread = threading.Thread(target=_run(server), name="hetzner-fake", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}{BASE}"
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _run(server: _Server) -> Callable[[], None]:
    return lambda: server.serve_forever(poll_interval=0.02)
