"""Debian's archive, reached from a network namespace that has no way out: a proxy for apt that keeps what it fetched once."""

import contextlib
import hashlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.netns import Pair, inside

KEPT = Path(os.environ.get("VEDETTE_TEST_ARCHIVE", "/var/tmp/vedette-test-debian-archive"))
_FETCHING = 60.0  # seconds that the archive may take for one file


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as a proxy is asked: by a whole address."""
        data = fetched(self.path) if self.path.startswith("http://deb.debian.org/") else None
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def fetched(address: str) -> bytes | None:
    """Return a file of the archive, from here where it was fetched before; None where there is none."""
    kept = KEPT / hashlib.sha256(address.encode()).hexdigest()
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        making = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            with urllib.request.urlopen(address, timeout=_FETCHING) as answer:  # noqa: S310  the archive's alone
                making.write_bytes(answer.read())
        except (urllib.error.URLError, TimeoutError):
            return None
        making.rename(kept)
    return kept.read_bytes()


@contextlib.contextmanager
def near(pair: Pair, root: Path) -> Iterator[None]:
    """Let apt of a root on the server's side reach the archive."""
    with inside(pair.server):
        serving = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    told = root / "etc/apt/apt.conf.d/00-archive"
    told.write_text(f'Acquire::http::Proxy "http://127.0.0.1:{serving.server_port}";\n')
    try:
        yield
    finally:
        serving.shutdown()
        serving.server_close()
        thread.join(5)
