"""A site over HTTPS whose pages break its own policies and whose requests fail, and which passes on what browsers report.

It is told apart from the tests' other sites by TLS: network errors are reported of secure origins alone.
"""

import base64
import hashlib
import http.client
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from tests.support import pki

HOST = "shop.test"
_PAGE = b'<!doctype html><title>Shop</title><h1>Shop</h1><script src="/app.js"></script>'
_SCRIPT = b"""
const image = new Image(); image.src = "https://evil.test/pixel.png"; document.body.append(image);
try { document.body.innerHTML = "<b>no policy made this</b>"; } catch {}
try { new Function("1")(); } catch {}
navigator.geolocation.getCurrentPosition(() => {}, () => {});
fetch("/broken").catch(() => {});
fetch("/cut").catch(() => {});
"""
_POLICY = "default-src 'self'; require-trusted-types-for 'script'; report-to vedette"


@dataclass
class Site:
    """The site: its address, the arguments by which a browser finds and trusts it, and what it passed on."""

    address: str
    arguments: list[str]
    passed: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def reports(self) -> list[dict[str, object]]:
        """Return every report that came, in order."""
        return [one for _, body in self.passed for one in json.loads(body)]


@contextmanager
def served(folder: Path, key: str, project: int, vedette_port: int) -> Iterator[Site]:
    """Serve the site; what is reported goes to the Vedette at a port, with a key, for a project."""
    issued = pki.make(HOST, names=(HOST,))
    file = folder / "site.pem"
    file.write_text(issued.pem + issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        site = Site(f"https://{HOST}:{server.server_port}", _arguments(issued))
        server.site, server.vedette_port = site, vedette_port  # type: ignore[attr-defined]
        server.door = f"{site.address}/api/{project}/security/?sentry_key={key}"  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield site
        server.shutdown()


def _arguments(issued: pki.Issued) -> list[str]:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = issued.certificate.public_key().public_bytes(serialization.Encoding.DER, form)
    pin = base64.b64encode(hashlib.sha256(public).digest()).decode()
    return [
        f"--ignore-certificate-errors-spki-list={pin}", "--short-reporting-delay",
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--enable-features=Reporting,NetworkErrorLogging",
    ]  # fmt: skip


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves the pages, fails where it should, and passes reports on."""

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.close_connection = True
            self.connection.close()
        elif self.path == "/broken":
            self._answer(502, "text/plain", b"no answer from behind")
        elif self.path == "/app.js":
            self._answer(200, "text/javascript", _SCRIPT)
        else:
            self._answer(200, "text/html", _PAGE)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.site.passed.append((self.path, body))  # type: ignore[attr-defined]
        port = self.server.vedette_port  # type: ignore[attr-defined]
        status = 200
        if port:
            to = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            to.request(
                "POST",
                self.path,
                body,
                {"content-type": self.headers["content-type"], "user-agent": self.headers["user-agent"]},
            )
            status = to.getresponse().status
        self._answer(status, "application/json", b"{}")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        door = self.server.door  # type: ignore[attr-defined]
        told = {"group": "network", "max_age": 3600, "endpoints": [{"url": door}]}
        headers = {
            "content-type": kind, "content-length": str(len(body)), "content-security-policy": _POLICY,
            "reporting-endpoints": f'vedette="{door}"', "permissions-policy": "geolocation=();report-to=vedette",
            "report-to": json.dumps(told), "nel": json.dumps({"report_to": "network", "max_age": 3600, "failure_fraction": 1.0}),
            "cross-origin-embedder-policy-report-only": 'require-corp; report-to="vedette"',
        }  # fmt: skip
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
