"""The whole way on one host: a real server, an agent that was enrolled by the command line, Debian's sshd, nginx and Caddy."""

import contextlib
import datetime
import http.client
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import Start
from tests.e2e.test_agents import enroll, token_of
from tests.support import netns
from tests.support.netns import Echo, Pair, inside, until
from tests.support.ports import free_port
from tests.support.server import VEDETTE, Vedette
from tests.support.sshd import Sshd

pytestmark = [
    pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces"),
    pytest.mark.xdist_group("packets"),
    pytest.mark.deep,
]
SCANNERS = {
    "nginx": "127.0.0.65",
    "caddy": "127.0.0.66",
}  # one each: who was just detected is quiet for minutes
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PATHS = (
    "/.env", "/.git/config", "/.git/HEAD", "/.aws/credentials", "/wp-login.php", "/wp-admin/setup-config.php", "/xmlrpc.php",
    "/phpmyadmin/index.php", "/pma/index.php", "/phpinfo.php", "/info.php", "/server-status", "/actuator/env", "/actuator/health",
    "/solr/admin/info/system", "/manager/html", "/cgi-bin/luci", "/boaform/admin/formLogin", "/HNAP1/", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/config.json", "/.svn/entries", "/.DS_Store", "/backup.sql", "/dump.sql", "/db.sql.gz", "/web.config", "/.htpasswd", "/id_rsa", "/.ssh/id_rsa",
)  # fmt: skip
NGINX = """\
user root; daemon off; worker_processes 1; pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/nginx-access.log combined;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; location = / {{ return 200 "ready"; }} location /shop {{ return 200 "shop"; }} location / {{ return 404; }} }}
}}
"""
CADDY = """\
{{
    admin off
    auto_https off
    storage file_system {folder}/caddy
}}
http://127.0.0.1:{port} {{
    log {{
        output file {folder}/caddy-access.log
    }}
    respond / "ready" 200
    respond /shop "shop" 200
    respond 404
}}
"""


class Host:
    """A host in a namespace of its own: its server, its agent, and the log that syslog would write of sshd."""

    def __init__(self, folder: Path, server: Vedette, pair: Pair, sshd: Sshd) -> None:
        self.folder, self.server, self.pair, self.sshd = folder, server, pair, sshd
        self.auth, self.said = folder / "auth.log", folder / "said"
        self.auth.touch()
        state = folder / "web1"
        config = state / "agent.toml"
        status, told = enroll(server, folder, token_of(server))
        assert status == 0, told
        config.write_text(
            f'server = "{server.url}"\nstate = "{state}"\nmetrics = false\nsets = {{ ssh = "enforce" }}\n[files]\nusual = false\n'
            f'[[sources]]\npath = "{self.auth}"\n[[sources]]\npath = "{folder}/*-access.log"\n'
        )
        self._ending = threading.Event()
        self._syslog = threading.Thread(target=self._write, daemon=True)
        self._syslog.start()
        with self.said.open("ab") as said:
            command = [str(VEDETTE), "agent", "run", "--config", str(config)]
            self._agent = subprocess.Popen(command, env=server.environ, stderr=said)
        assert until((state / "status.json").exists, 30), self.said.read_text()

    def _write(self) -> None:
        """Put before each line of sshd's what syslog does."""
        with self.sshd.log.open() as lines, self.auth.open("a") as log:
            while not self._ending.is_set():
                line = lines.readline()
                if line.endswith("\n"):
                    now = datetime.datetime.now().astimezone().isoformat(timespec="microseconds")
                    log.write(f"{now} web1 sshd[812]: {line}")
                    log.flush()
                else:
                    time.sleep(0.02)

    def detections(self) -> list[dict[str, object]]:
        return list(self.server.api("GET", "/detections")[1]["items"])

    def bans(self) -> list[dict[str, object]]:
        return list(self.server.api("GET", "/bans")[1]["items"])

    def close(self) -> None:
        self._ending.set()
        self._syslog.join(5)
        self._agent.send_signal(signal.SIGTERM)
        self._agent.wait(10)


@pytest.fixture(scope="module")
def host(start_vedette: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("guarded")
    with netns.pair() as pair, inside(pair.server):
        sshd = Sshd(folder, pair)
        made = Host(folder, start_vedette(), pair, sshd)
        yield made
        made.close()
        sshd.close()
        made.server.stop()


def test_ten_wrong_passwords_are_a_ban_on_the_host_and_on_the_server_which_lifts_it(host: Host) -> None:
    attacker, other = "198.51.100.7", "198.51.100.8"
    with contextlib.closing(Echo(host.pair)) as echo:
        host.sshd.guess(attacker, 4)
        assert until(lambda: not echo.passes(attacker), 10), (host.said.read_text(), host.auth.read_text())
        assert host.sshd.guess(attacker, 1) == [False], "sshd is not reached"
        assert echo.passes(other)
        (found,) = host.server.wait(host.bans)
        assert attacker in str(found)
        detected = host.server.wait(lambda: [one for one in host.detections() if one["address"] == attacker])
        assert {one["simulated"] for one in detected} == {False}
        assert all(one["lines"] for one in detected)
        _, known = host.server.api("GET", "/hosts/web1")
        assert (known["tone"] != "off", bool(known["heard_at"])) == (True, True)

        status, lifted = host.server.api("DELETE", f"/bans?value={attacker}&reason=mine")
        assert (status, lifted["lifted"]) == (200, [attacker])
        assert until(lambda: echo.passes(attacker), 10), "the server's word reaches the kernel"
        assert host.sshd.guess(attacker, 1) == [True]
        assert host.bans() == []


@contextlib.contextmanager
def web(name: str, folder: Path) -> Iterator[int]:
    """Run nginx or Caddy with a log, and return its port."""
    port = free_port()
    conf = folder / f"{name}.conf"
    conf.write_text({"nginx": NGINX, "caddy": CADDY}[name].format(folder=folder, port=port))
    words = {
        "nginx": ["nginx", "-p", str(folder), "-c", str(conf), "-e", str(folder / "nginx-error")],
        "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", str(conf)],
    }[name]
    program = shutil.which(words[0], path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program is not None, f"{name} is not installed"
    with (folder / f"{name}.out").open("ab") as out:
        process = subprocess.Popen([program, *words[1:]], stdout=out, stderr=out)
    try:
        assert until(lambda: asked(port, "/", "127.0.0.9", BROWSER) == 200, 20), (
            folder / f"{name}.out"
        ).read_text()
        yield port
    finally:
        process.terminate()
        process.wait(15)


def asked(port: int, path: str, client: str, agent: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5, source_address=(client, 0))
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", path, headers={"User-Agent": agent})
        return connection.getresponse().status
    return 0


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_among_ordinary_load_exactly_the_scanner_is_detected(host: Host, name: str) -> None:
    before = {one["id"] for one in host.detections()}
    scanner = SCANNERS[name]
    with web(name, host.folder) as port:
        for n in range(300):
            assert asked(port, "/shop" if n % 3 else "/", f"127.0.0.{10 + n % 20}", BROWSER) == 200
        for n in range(20):
            asked(port, f"/favicon-{n % 2}.ico", f"127.0.0.{10 + n}", BROWSER)
        for n, path in enumerate((*PATHS, *PATHS)):
            agent = "sqlmap/1.8.2#stable (https://sqlmap.org)" if n % 2 else BROWSER
            asked(port, path, scanner, agent)

        def found() -> list[dict[str, object]]:
            return [one for one in host.detections() if one["id"] not in before]

        seen = host.server.wait(found, 15)
        time.sleep(1.0)  # what comes after it
        # The web server of this test opens a port of the host, which is told, too.
        assert {one["address"] for one in found() if one["rule"] != "port-opened"} == {scanner}, found()
        assert all(one["simulated"] for one in seen), "a set that is not switched on"
