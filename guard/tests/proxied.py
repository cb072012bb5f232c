"""Real proxies on loopback, configured from a policy, with an application behind them that answers as it is asked to."""

import datetime
import functools
import http.client
import http.server
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import pki
from vedette_guard import Policy
from vedette_guard.proxies.rendering import render
from vedette_guard.proxies.site import Rendering, Site

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CADDY = shutil.which("caddy") or "/usr/bin/caddy"
TODAY = datetime.date(2026, 11, 26)
HOST = "shop.example"
NGINX_CONF = """\
user root; daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    include {folder}/guard.conf;
}}
"""


class _App(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that `X-Answer` lists, and with what it was asked."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"path": self.path, "headers": self.headers.items()}).encode()
        self.send_response(200)
        for name, value in json.loads(self.headers.get("X-Answer") or "[]"):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_OPTIONS = _answer  # noqa: N815 - names of the standard library

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Application:
    """The application behind the proxies."""

    def __init__(self) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _App)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Reply:
    """What a proxy answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def seen(self) -> dict[str, str]:
        """Return the headers that the application was asked with, by lower-case names."""
        return {name.lower(): value for name, value in json.loads(self.body)["headers"]}


def ports(count: int) -> list[int]:
    """Return ports nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return found


class Proxy:
    """A proxy configured from a policy; `port` is that of HTTPS, as `policy.https.port` must say."""

    def __init__(self, kind: str, folder: Path, policy: Policy, upstream: str, plain: int) -> None:
        self.kind, self.folder, self.port, self.plain = kind, folder, policy.https.port, plain
        self.rendering = rendered(kind, folder, policy, upstream, plain)
        command = write(kind, folder, self.rendering)
        with (folder / "output").open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, env=_environ(folder))
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            assert self._process.poll() is None, (self.folder / "output").read_text()
            assert time.monotonic() < end, f"{self.kind} did not start"
            time.sleep(0.01)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def ask(
        self, path: str = "/", method: str = "GET", *, plain: bool = False, host: str = HOST,
        headers: dict[str, str] | None = None, body: bytes = b"", answer: list[tuple[str, str]] | None = None,
    ) -> Reply:  # fmt: skip
        """Ask over a socket; `answer` are the headers that the application sends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain if plain else self.port, timeout=10)
        connection.connect()
        if not plain:
            connection.sock = _context().wrap_socket(connection.sock, server_hostname=HOST)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": host, **(headers or {}), **({"X-Answer": json.dumps(answer)} if answer else {})}
        sent |= {"Content-Length": str(len(body))} if body or method == "POST" else {}
        for name, value in sent.items():
            connection.putheader(name, value.encode() if name != "X-Answer" else value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        reply = Reply(response.status, response.getheaders(), response.read())
        connection.close()
        return reply


@functools.cache
def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _environ(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "PATH": "/usr/bin:/bin",
    }


def rendered(
    kind: str, folder: Path, policy: Policy, upstream: str = "127.0.0.1:8000", plain: int = 80
) -> Rendering:
    """Return the configuration of a proxy, with a certificate of its own."""
    file = folder / "site.pem"
    if not file.exists():
        made = pki.make(HOST, names=(HOST,))
        file.write_text(made.pem + made.key_pem)
    return render(kind, policy, Site(upstream, str(file), str(file), plain), TODAY)


def write(kind: str, folder: Path, rendering: Rendering) -> list[str]:
    """Write the configuration of a proxy; return the command that runs it."""
    if kind == "nginx":
        (folder / "guard.conf").write_bytes(rendering.text.encode("utf-8", "surrogateescape"))
        (folder / "nginx.conf").write_text(NGINX_CONF.format(folder=folder))
        return [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    text = rendering.text.replace("\n{\n", "\n{\n\tadmin off\n", 1)
    (folder / "Caddyfile").write_text(text)
    return [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def why_refused(kind: str, folder: Path, rendering: Rendering) -> str:
    """Return what `nginx -t` or `caddy validate` says against a configuration; empty for nothing."""
    command = write(kind, folder, rendering)
    checking = [*command, "-t", "-q"] if kind == "nginx" else [command[0], "validate", *command[2:]]
    done = subprocess.run(checking, capture_output=True, env=_environ(folder), check=False)
    return "" if done.returncode == 0 else done.stderr.decode()[-2000:]
