"""`vedette up --domain`: a certificate obtained, renewed and swapped by ACME, from a real authority on loopback."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.support import acme
from tests.support.daemons import program, running
from tests.support.ports import free_port
from tests.support.server import Vedette

OTHER = "status.vedette.test"


class Secure(Vedette):
    """A Vedette that is asked over TLS; what its certificate says is another test's."""

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        timeout: float = 15.0,
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=anybody())
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def server_of(ca: acme.Authority, folder: Path, migrated: Path, *names: str, **env: str) -> Secure:
    data = folder / "data"
    data.mkdir(mode=0o700)
    shutil.copy2(migrated, data)
    port = free_port()
    return Secure(data, port, env={**ca.env(port, *names), **env})


@contextmanager
def running_server(server: Secure) -> Iterator[Secure]:
    try:
        yield server.start()
    finally:
        server.kill()


def by_http(port: int, method: str, path: str, host: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, b"x=1" if method == "POST" else None, {"Host": host})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.deep
def test_a_domain_gets_a_certificate_that_browsers_trust(tmp_path: Path, migrated: Path) -> None:
    http_port = free_port()
    with (
        acme.pebble(http_port) as ca,
        running_server(server_of(ca, tmp_path, migrated, acme.NAME, OTHER)) as server,
    ):
        for name in (acme.NAME, OTHER):
            with (
                socket.create_connection(("127.0.0.1", server.port), 10) as plain,
                ca.trusting().wrap_socket(plain, server_hostname=name) as tls,
            ):
                assert tls.version() == "TLSv1.3"
        assert f"Vedette is ready at https://{acme.NAME}:{server.port}" in server.output
        assert "is valid until" in server.output
        assert server.request("GET", "/sign-in/")[0] == 200
        sent = server.cli("projects", "add", "shop", "--platform", "python")
        assert sent.returncode == 0, sent.stderr
        assert json.loads(server.cli("test-error", "--json").stdout)["sent"] == "http"
        found = {
            f["check"]: f["state"] for f in json.loads(server.cli("doctor", "--json").stdout)["findings"]
        }
        assert found["server"] == "ok"

        moved = by_http(http_port, "GET", "/issues/?q=a", "evil.example")
        assert (moved.status, moved.headers["Location"]) == (
            301,
            f"https://{acme.NAME}:{server.port}/issues/?q=a",
        )
        moved = by_http(http_port, "POST", "/api/1/store/", OTHER)
        assert (moved.status, moved.headers["Location"]) == (
            308,
            f"https://{OTHER}:{server.port}/api/1/store/",
        )

        before = acme.shown(server.port).serial_number
        server.stop()
        server.start()
        assert acme.shown(server.port).serial_number == before, (
            "a restart asks for no certificate while there is one"
        )


CLOSED = (ConnectionError, http.client.RemoteDisconnected, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Callers:
    """Clients that ask without pause over TLS, on kept and on fresh connections; what is not an answer is noted."""

    def __init__(self, server: Secure) -> None:
        self._port, self._stop = server.port, threading.Event()
        self.answers = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(keeps,)) for keeps in (True, False, False)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, keeps: bool) -> None:
        connection: http.client.HTTPSConnection | None = None
        while not self._stop.is_set():
            fresh = connection is None
            connection = connection or http.client.HTTPSConnection(
                "127.0.0.1", self._port, timeout=30, context=anybody()
            )
            try:
                connection.request("GET", "/-/health")
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                # One that was kept and closed meanwhile is asked again on a fresh one (RFC 9112, section 9.3).
                if fresh or not isinstance(error, CLOSED):
                    self.failures.append(f"{'fresh' if fresh else 'kept'}: {error!r}")
                connection = None
                continue
            if answer.status != 200:
                self.failures.append(f"HTTP {answer.status}")
            self.answers += 1
            if not keeps or answer.getheader("Connection") == "close":
                connection.close()
                connection = None


@pytest.mark.deep
@pytest.mark.timeout(300)
def test_a_renewal_swaps_the_certificate_and_drops_no_request(tmp_path: Path, migrated: Path) -> None:
    with (
        acme.pebble(free_port(), seconds=50) as ca,
        running_server(server_of(ca, tmp_path, migrated)) as server,
    ):
        first = acme.shown(server.port).serial_number
        with Callers(server) as callers:
            server.wait(lambda: acme.shown(server.port).serial_number != first, 100)
            for _ in range(3):
                worker = worker_of(server)
                os.kill(server.pids()[0], signal.SIGHUP)
                server.wait(lambda worker=worker: worker not in server.pids(), 30)
                count = callers.answers
                server.wait(lambda count=count: callers.answers > count + 50, 30)
        assert callers.failures == []
        assert callers.answers > 200


def worker_of(server: Vedette) -> int:
    """Return the process that has answered last: the newest with children of its own (digestion)."""
    supervisor = psutil.Process(server.pids()[0])
    return next(child.pid for child in reversed(supervisor.children()) if child.children())


@pytest.mark.deep
@pytest.mark.timeout(400)
def test_a_failed_renewal_keeps_the_old_one_and_is_an_alert_until_it_works_again(
    tmp_path: Path, migrated: Path
) -> None:
    http_port = free_port()
    with acme.pebble(http_port, seconds=60) as ca:
        server = server_of(ca, tmp_path, migrated)
        bundle = tmp_path / "bundle.pem"
        shutil.copy2(ca.bundle, bundle)
        server.env["VEDETTE_ACME_CA_BUNDLE"] = str(bundle)
        with running_server(server):
            first = acme.shown(server.port).serial_number
            token = server.token  # the authority ends with this block
    assert token
    # Begun again while its authority is away: it serves, and tells after the renewal has failed twice.
    with running_server(server):
        assert acme.shown(server.port).serial_number == first
        told = server.wait(lambda: firing(server), 140)
        assert told[0]["title"].startswith(f"The certificate for {acme.NAME}")
        assert "localhost cannot be reached" in told[0]["title"]
        assert acme.shown(server.port).serial_number == first
    port = int(re.search(r":(\d+)/dir", ca.directory)[1])  # type: ignore[index]
    with acme.pebble(http_port, port=port), running_server(server):
        server.wait(lambda: acme.shown(server.port).serial_number != first, 100)
        server.wait(lambda: not firing(server), 60)


def firing(server: Vedette) -> list[dict[str, object]]:
    found = server.api("GET", "/alerts?firing=true")[1]["items"]
    return [each for each in found if each["labels"]["alertname"] == "certificate.failing"]


@pytest.mark.deep
def test_without_an_authority_it_serves_with_one_signed_by_itself_and_says_so(
    tmp_path: Path, migrated: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(acme.pki.root().pem)
    away = acme.Authority(f"https://localhost:{free_port()}/dir", bundle, "", free_port())
    with running_server(server_of(away, tmp_path, migrated)) as server:
        shown = acme.shown(server.port)
        assert shown.issuer == shown.subject
        assert "HTTPS shows one signed by itself" in server.output
        assert "The authority does not answer as it should: localhost cannot be reached" in server.output
        os.kill(server.pids()[1], 9)  # what looks after it is started again
        server.wait(lambda: "it starts again" in server.output, 20)
        server.wait(lambda: answers(away.http_port), 20)


def answers(port: int) -> bool:
    try:
        return by_http(port, "GET", "/", acme.NAME).status == 301
    except OSError:
        return False


@pytest.mark.deep
def test_a_name_that_leads_elsewhere_is_told_with_what_to_do(tmp_path: Path, migrated: Path) -> None:
    nobody = free_port()
    with acme.pebble(nobody) as ca:
        elsewhere = acme.Authority(ca.directory, ca.bundle, ca.root, free_port())
        with running_server(server_of(elsewhere, tmp_path, migrated)) as server:
            assert f"It cannot connect to {acme.NAME} at port 80" in server.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--domain", "203.0.113.9"], "domains: 203.0.113.9: this is an address"),
        (["--domain", "*.example.com"], "domains: *.example.com: wildcards need a proof in DNS"),
        (["--domain", "watch.local"], "domains: watch.local: no public authority"),
    ],
)
def test_a_domain_that_is_none_is_one_clear_line(tmp_path: Path, given: list[str], said: str) -> None:
    done = Vedette(tmp_path / "data", free_port()).cli("up", *given)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr


@pytest.mark.deep
def test_the_caddyfile_is_valid_and_leads_to_vedette(tmp_path: Path, migrated: Path) -> None:
    caddy = program("caddy")
    server = Vedette(tmp_path / "data", free_port())
    server.data.mkdir(mode=0o700)
    shutil.copy2(migrated, server.data)
    port, admin = free_port(), free_port()
    server.env |= {"VEDETTE_BASE_URL": f"https://localhost:{port}", "VEDETTE_TRUSTED_PROXIES": "1"}
    done = server.cli(
        "certificates", "caddyfile", "--domain", "watch.example.com", "--upstream", f"127.0.0.1:{server.port}"
    )
    assert done.returncode == 0, done.stderr
    file = tmp_path / "Caddyfile"
    file.write_text(done.stdout)
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    checked = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(file)],
        env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    # The same, but with a certificate of Caddy's own and on free ports.
    options = f"{{\n\tadmin localhost:{admin}\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\n"
    site = done.stdout.replace("watch.example.com {", f"https://localhost:{port} {{\n\ttls internal")
    file.write_text(options + site)
    run = [caddy, "run", "--adapter", "caddyfile", "--config", str(file)]
    with running_plain(server), running(run, tmp_path, [port], environment=environ):
        end = time.monotonic() + 20
        while True:
            try:
                answer = through(port)
                break
            except OSError:  # Caddy makes its certificate
                assert time.monotonic() < end
                time.sleep(0.1)
        assert answer.status == 200
        assert "__Host-vedette-csrf=" in str(answer.headers["Set-Cookie"]), (
            "it knows that it is asked by HTTPS"
        )


@contextmanager
def running_plain(server: Vedette) -> Iterator[Vedette]:
    try:
        yield server.start()
    finally:
        server.kill()


def through(port: int) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=anybody())
    connection.request("GET", "/sign-in/", headers={"X-Forwarded-For": "203.0.113.9"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer
