"""Monitors that are checked, by the real server: its own process, what ends it, and what people hear."""

import contextlib
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from pathlib import Path

import msgspec
import psutil
import pytest
from tests.support.server import Vedette


class Site:
    """A web site on loopback that says what it is told to say."""

    def __init__(self) -> None:
        self.status, self.asked = 200, 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(site: "Site") -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's below
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def prober(server: Vedette) -> psutil.Process | None:
    """Return the process that runs the checks; None while there is none."""
    for pid in server.pids():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            one = psutil.Process(pid)
            if "vedette.app.probing" in one.cmdline():
                return one
    return None


def standing(server: Vedette, monitor: str) -> str:
    return str(server.api("GET", f"/monitors/{monitor}")[1]["state"])


def told(server: Vedette) -> list[str]:
    """Return what monitors told, as alerts take it up."""
    with contextlib.closing(sqlite3.connect(server.data / "core.db")) as core:
        rows = core.execute("SELECT body FROM signals_signal ORDER BY rowid").fetchall()
    return [str(msgspec.msgpack.decode(body)["title"]) for (body,) in rows]


@pytest.mark.deep
def test_a_site_is_watched_through_crashes_and_restarts(
    start_vedette: Callable[..., Vedette], site: Site
) -> None:
    server = start_vedette()
    assert prober(server) is None, "with nothing to check nothing runs"
    config = {"interval": 5, "tolerance": {"failures": 2, "retry": 1}, "request": {"url": site.url}}
    status, made = server.api("POST", "/monitors", {"name": "Shop", "kind": "http", "config": config})
    assert status == 201, made
    server.wait(lambda: standing(server, "shop") == "up", 20)

    first = prober(server)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    asked = site.asked
    server.wait(lambda: site.asked > asked, 20)
    assert prober(server) != first

    site.status = 503
    server.wait(lambda: standing(server, "shop") == "down", 20)
    assert told(server) == ["Shop is down"]
    server.stop()
    asked = site.asked
    server.start()
    server.wait(lambda: site.asked >= asked + 2, 30)
    _, _, metrics = server.request("GET", "/metrics")
    assert b"\nvedette_checked_monitors 1\n" in metrics
    assert b"\nvedette_checks_lost_total 0\n" in metrics
    assert told(server) == ["Shop is down"], "a restart tells nothing anew"

    site.status = 200
    server.wait(lambda: standing(server, "shop") == "up", 20)
    assert server.api("PUT", "/monitors/shop/pause")[0] == 200
    server.wait(lambda: prober(server) is None, 10)


@pytest.mark.deep
def test_files_are_looked_into_only_where_the_setting_says(
    start_vedette: Callable[..., Vedette], tmp_path: Path
) -> None:
    (tmp_path / "open").mkdir()
    for path in (tmp_path / "open" / "in.db", tmp_path / "out.db"):
        with contextlib.closing(sqlite3.connect(path)) as made, made:
            made.execute("CREATE TABLE orders (id INTEGER)")
    server = start_vedette(env={"VEDETTE_CHECK_FOLDERS": str(tmp_path / "open")})
    for name, path in (("In", "open/in.db"), ("Out", "out.db")):
        config = {"interval": 5, "request": {"url": f"sqlite://{tmp_path}/{path}"}}
        assert server.api("POST", "/monitors", {"name": name, "kind": "sqlite", "config": config})[0] == 201
    server.wait(lambda: standing(server, "in") == "up", 20)
    server.wait(lambda: "check_folders" in str(server.api("GET", "/monitors/out")[1]), 20)
    assert standing(server, "out") not in {"up", "down"}, "what Vedette may not do says nothing of the file"


def test_a_url_is_added_by_the_command_line_and_checked_at_once_when_asked(
    vedette_server: Vedette, site: Site
) -> None:
    added = vedette_server.cli(
        "monitors", "add", site.url, "Corner", "--interval", "1h", "--expect", "[STATUS] == 200",
        "--option", "token=t0p-secret", "--slow", "800ms", "--json",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    assert loads(added.stdout)["kind"] == "http"
    status, shown = vedette_server.api("GET", "/monitors/corner")
    assert (status, shown["config"]["slow"], shown["config"]["request"]["url"]) == (200, 800, site.url)
    assert "t0p-secret" not in str(shown)
    vedette_server.wait(lambda: standing(vedette_server, "corner") == "up", 10)
    status, found = vedette_server.api("POST", "/monitors/corner/check")
    assert (status, found["ok"], found["evidence"]["status"]) == (200, True, 200), found
    refused = vedette_server.cli("monitors", "add", "https://a.example", "--expect", "[STATUS")
    assert refused.returncode == 2
    assert "column" in refused.stderr
    assert vedette_server.api("DELETE", "/monitors/corner")[0] == 204
