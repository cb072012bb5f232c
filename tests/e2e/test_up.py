"""`vedette up`: ready soon, stops soon, reloads without losing a request, and says plainly what is wrong."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
from collections import Counter
from pathlib import Path

import psutil
import pytest
from tests.e2e.conftest import Start
from tests.support.ports import free_port
from tests.support.server import ROOT, Vedette


def test_a_fresh_folder_prints_the_way_in_and_where_it_listens(start_vedette: Start) -> None:
    server = start_vedette(fresh=True)
    link = re.search(rf"http://localhost:{server.port}(/setup/\S+/)", server.output)
    assert link
    assert server.request("GET", link[1])[0] == 200
    assert server.request("GET", "/setup/not-the-token/")[0] != 200
    server.wait(lambda: f"Vedette is ready at http://localhost:{server.port}" in server.output, 2)
    assert link[1] not in "".join(p.read_text(errors="replace") for p in server.data.rglob("*.db"))
    server.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.deep)])
def test_it_stops_within_five_seconds_and_keeps_what_it_took(start_vedette: Start, how: int) -> None:
    server = start_vedette()
    ids = [server.send({"message": f"before the end {n}"}) for n in range(50)]
    watching = socket.create_connection(("127.0.0.1", server.port))
    watching.sendall(
        f"GET /live?topics=issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
    )
    assert b"200" in watching.recv(4096)
    assert server.stop(how) < 5
    assert server.process is not None
    assert server.process.returncode == 0
    watching.close()
    server.start()
    for event_id in (ids[0], ids[-1]):
        server.wait(lambda event_id=event_id: server.api("GET", f"/events/{event_id}")[0] == 200)
    server.stop()


# What a kept connection that was closed meanwhile answers with; every client then asks again on a fresh one (RFC 9112, 9.3).
_CLOSED = (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected)


class Callers:
    """Clients that ask without pause, on kept and on fresh connections, and note everything that is not an answer."""

    def __init__(self, server: Vedette) -> None:
        self._server, self._stop = server, threading.Event()
        self._headers = {"X-Sentry-Auth": f"Sentry sentry_key={server.project.key}, sentry_version=7"}
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.failures: list[str] = []
        self.ids: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(n % 2 == 0, n >= 2)) for n in range(4)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, sends: bool, keeps: bool) -> None:
        connection = None
        while not self._stop.is_set():
            fresh = None
            if connection is None:
                connection = fresh = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
            try:
                answer = self._ask(connection, sends)
            except (OSError, http.client.HTTPException) as error:
                if keeps and isinstance(error, _CLOSED) and connection is not fresh:
                    connection = None
                    continue
                self.failures.append(f"{'send' if sends else 'page'}: {error!r}")
                connection = None
                continue
            if not keeps or answer.getheader("Connection") == "close":
                connection.close()
                connection = None

    def _ask(self, connection: http.client.HTTPConnection, sends: bool) -> http.client.HTTPResponse:
        if sends:
            body = json.dumps({"message": "reload"}).encode()
            connection.request("POST", f"/api/{self._server.project.id}/store/", body, self._headers)
        else:
            connection.request("GET", "/sign-in/")
        answer = connection.getresponse()
        text = answer.read()
        self.statuses["send" if sends else "page", answer.status] += 1
        if sends and answer.status == 200:
            self.ids.append(json.loads(text)["id"])
        return answer


def worker_of(server: Vedette) -> int:
    return psutil.Process(server.pids()[0]).children()[0].pid


@pytest.mark.deep
def test_a_reload_loses_no_request_and_no_event(start_vedette: Start) -> None:
    server = start_vedette()
    with Callers(server) as callers:
        for _ in range(2):
            before = worker_of(server)
            os.kill(server.pids()[0], signal.SIGHUP)
            server.wait(lambda before=before: before not in server.pids(), 30)
            count = len(callers.ids)
            server.wait(lambda count=count: len(callers.ids) > count + 20, 20)
    assert callers.failures == []
    assert set(callers.statuses) == {("send", 200), ("page", 200)}
    server.wait(lambda: server.issues()[0]["events"] == len(set(callers.ids)), 30)
    server.stop()


@pytest.mark.deep
def test_a_worker_that_dies_is_replaced_and_none_outlives_its_supervisor(start_vedette: Start) -> None:
    server = start_vedette()
    worker = worker_of(server)
    os.kill(worker, signal.SIGKILL)
    server.wait(lambda: server.pids()[1:] and worker not in server.pids(), 20)
    server.wait(lambda: ready(server), 20)
    left = server.pids()[1:]
    os.kill(server.pids()[0], signal.SIGKILL)
    server.wait(lambda: not any(alive(pid) for pid in left), 10)


def ready(server: Vedette) -> bool:
    try:
        return server.request("GET", "/-/ready")[0] == 200
    except OSError:
        return False


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_port_in_use_is_one_clear_line(vedette_server: Vedette, tmp_path: Path) -> None:
    done = Vedette(tmp_path / "data", vedette_server.port).cli("up")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"Port {vedette_server.port} is in use" in done.stderr
    assert f"VEDETTE_PORT={vedette_server.port + 1}" in done.stderr


def test_a_data_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "secret.key").write_bytes(b"x" * 32)
    (data / "secret.key").chmod(0o644)
    done = Vedette(data, free_port()).cli("up")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "chmod 600" in done.stderr


@pytest.mark.deep
def test_a_database_that_cannot_be_migrated_is_one_clear_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with sqlite3.connect(data / "core.db") as connection:
        connection.execute("CREATE TABLE plumbing_kv (other TEXT)")
    done = Vedette(data, free_port()).cli("up")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "core.db" in done.stderr


def test_health_ready_and_metrics(vedette_server: Vedette) -> None:
    assert vedette_server.request("GET", "/-/health")[::2] == (200, b"ok\n")
    status, _, body = vedette_server.request("GET", "/-/ready")
    assert status == 200
    assert set(json.loads(body)["checks"]) == {"database", "writer", "lag", "disk", "roles", "checks"}
    vedette_server.send({"message": "counted"})
    status, headers, text = vedette_server.request("GET", "/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(rb'vedette_items_total\{type="event",outcome="accepted"\} [1-9]', text)
    assert b'vedette_role_up{role="digester"} 1' in text
    for line in text.decode().splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?[0-9.e+-]+", line), line


@pytest.mark.deep
def test_a_full_disk_is_told_and_refuses_events_but_serves_pages(start_vedette: Start) -> None:
    server = start_vedette(env={"VEDETTE_MIN_FREE_DISK_BYTES": str(2**60)}, until=503)
    checks = json.loads(server.request("GET", "/-/ready")[2])["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["disk"]
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={server.project.key}"}
    status, answer, _ = server.request(
        "POST", f"/api/{server.project.id}/store/", b'{"message":"x"}', headers
    )
    assert status == 503
    assert int(answer["retry-after"]) > 0
    assert server.request("GET", "/sign-in/")[0] == 200
    server.stop()


def test_metrics_through_a_proxy_need_a_token(vedette_server: Vedette) -> None:
    through = {"X-Forwarded-For": "203.0.113.9"}
    assert vedette_server.request("GET", "/metrics", headers=through)[0] in {302, 401}
    token = {"Authorization": f"Bearer {vedette_server.token}"}
    assert vedette_server.request("GET", "/metrics", headers={**through, **token})[0] == 200


def test_bodies_of_pages_are_bounded(vedette_server: Vedette) -> None:
    """The length alone is refused, before a byte of the body was sent."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", vedette_server.port, timeout=15)) as ours:
        ours.putrequest("POST", "/sign-in/")
        ours.putheader("Content-Length", str(3 * 1024 * 1024 + 1))
        ours.endheaders()
        answer = ours.getresponse()
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")


def test_a_role_alone_opens_no_port(start_vedette: Start, tmp_path: Path) -> None:
    server = Vedette(
        tmp_path / "data", free_port(), command=[*Vedette(tmp_path, 1).command, "--role", "notifier"]
    )
    with server.log_path.open("wb") as log:
        process = subprocess.Popen(server.command, env=server.environ, cwd=tmp_path, stdout=log, stderr=log)
    try:
        server.wait(lambda: "roles started" in server.output, 20)
        assert '"notifier"' in server.output
        assert '"digester"' not in server.output
        with pytest.raises(ConnectionRefusedError):
            server.request("GET", "/-/health")
    finally:
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_a_second_make_up_repairs_a_half_installed_environment(tmp_path: Path) -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(
        b"\0"
    )
    for name in (os.fsdecode(f) for f in files if f and not f.startswith(b"tests/")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    port = free_port()
    server = Vedette(tmp_path / "data", port, command=["make", "up"])
    first = subprocess.Popen(["make", "setup"], cwd=tmp_path, env=server.environ, start_new_session=True)
    site = tmp_path / ".venv"
    server.wait(
        lambda: (site / "setup.base").exists() and list(site.glob("lib/*/site-packages/django/__init__.py")),
        300,
    )
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (site / "setup.server").exists(), "it was interrupted too late to prove anything"
    broken = next(site.glob("lib/*/site-packages/django/__init__.py"))
    broken.unlink()
    process = subprocess.Popen(["make", "up"], cwd=tmp_path, env=server.environ, start_new_session=True)
    try:
        server.wait(lambda: ready(server), 300)
        assert broken.exists()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
