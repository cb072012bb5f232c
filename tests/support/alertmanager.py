"""The real Alertmanager, `amtool` and Prometheus of Debian: on loopback, ended by their process ids, never as services."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from tests.support.ports import free_port
from tests.support.server import ROOT, Vedette

from vedette.alerts.types import Routing

START_SECONDS = 30.0


class Amtool:
    """`amtool` with the address of a server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *args: str, fails: bool = False) -> str:
        """Return what it prints; it must fail where `fails` says so."""
        command = ["amtool", f"--alertmanager.url={self.url}", *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def json(self, *args: str) -> Any:
        """Return what it prints, as JSON."""
        return json.loads(self(*args, "--output=json"))


def amtool_of(server: Vedette, secret: str = "") -> Amtool:
    """Return `amtool` for a Vedette: the token is the password."""
    return Amtool(f"http://anybody:{secret or server.token}@127.0.0.1:{server.port}")


def install_routing(server: Vedette, table: Routing, hooks: dict[str, str] | None = None) -> None:
    """Put a routing in force on a server's data, after webhooks by name and URL."""
    program = [sys.executable, str(ROOT / "tests/support/routing_program.py")]
    done = subprocess.run(
        program,
        input=msgspec.json.encode((table, hooks or {})),
        env=server.environ,
        cwd=server.data.parent,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def post(url: str, alerts: list[dict[str, Any]], secret: str = "") -> None:
    """Post alerts as every client does; what is not taken fails."""
    headers = {"Content-Type": "application/json"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    status, answer = ask(url, "POST", "/api/v2/alerts", json.dumps(alerts).encode(), headers)
    assert status == 200, answer


def ask(
    url: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Ask a server once; returns status and body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=15)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def alertmanager(folder: Path, config: str) -> Iterator[str]:
    """Run Alertmanager with a configuration; yields its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    file, port = folder / "alertmanager.yml", free_port()
    file.write_text(config)
    command = ["prometheus-alertmanager", f"--config.file={file}", f"--storage.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with _running(command, folder / "alertmanager.log", f"http://127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def prometheus(folder: Path, config: str, rules: str) -> Iterator[str]:
    """Run Prometheus with a configuration and rules (`rules.yml` beside it); yields its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "prometheus.yml").write_text(config)
    (folder / "rules.yml").write_text(rules)
    command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}", "--web.enable-lifecycle"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    command += ["--rules.alert.resend-delay=1s"]
    with _running(command, folder / "prometheus.log", f"http://127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], log: Path, url: str) -> Iterator[None]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=log.parent)
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(url):
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _answers(url: str) -> bool:
    try:
        return ask(url, "GET", "/-/ready")[0] == 200
    except OSError:
        return False
