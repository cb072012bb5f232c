"""An agent's link and the real server: enrolled by the command line, heard, ordered, its key replaced, revoked."""

import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.support.server import Vedette

from vedette.agent.link.service import Link, Settings
from vedette.core.clock import SystemClock
from vedette.wire.agent.types import Happening, Orders, Sample

pytestmark = pytest.mark.deep


def enroll(server: Vedette, folder: Path, token: str, name: str = "web1") -> tuple[int, str]:
    words = ("--name", name, "--state", str(folder / name), "--config", str(folder / name / "agent.toml"))
    done = server.cli("agent", "enroll", server.url, token, *words)
    return done.returncode, done.stdout + done.stderr


def token_of(server: Vedette) -> str:
    status, made = server.api("POST", "/host-tokens")
    assert status == 201, made
    return str(made["token"])


def test_a_host_is_let_in_heard_ordered_and_revoked(vedette_server: Vedette, tmp_path: Path) -> None:
    server, token, clock = vedette_server, token_of(vedette_server), SystemClock()
    assert enroll(server, tmp_path, token)[0] == 0
    status, said = enroll(server, tmp_path, token, "web2")
    assert (status, "used already" in said) == (1, True), said
    assert f'server = "{server.url}"' in (tmp_path / "web1" / "agent.toml").read_text()
    heard: list[Orders] = []
    told: list[str] = []
    came = threading.Event()

    def hear(orders: Orders) -> None:
        heard.append(orders)
        came.set()

    settings = Settings(state=tmp_path / "web1", spool=tmp_path / "spool", version="1.0")
    link = Link(settings, clock, on_orders=hear, say=told.append)
    link.report([Sample(at=clock.now(), values={"cpu.used.percent": 12.0})])
    link.report([Happening(at=clock.now(), kind="oom", text="postgres was killed.", severity="high")])
    link.start()
    assert came.wait(10), told
    server.wait(lambda: server.api("GET", "/hosts/web1")[1]["values"] == {"cpu.used.percent": 12.0})
    assert server.api("GET", "/hosts/web1/events")[1]["items"][0]["text"] == "postgres was killed."
    before = server.api("GET", "/hosts/web1")[1]["key"]
    came.clear()
    assert server.api("PUT", "/hosts/web1/modes", {"modes": {"ssh": "enforce"}})[0] == 200
    assert came.wait(10), told
    assert heard[-1].sets["ssh"].mode == "enforce"
    assert server.cli("hosts", "rotate", "web1").returncode == 0
    server.wait(lambda: server.api("GET", "/hosts/web1")[1]["key"] != before)
    link.report([Happening(at=clock.now(), kind="note", text="After the new key.")])
    server.wait(
        lambda: server.api("GET", "/hosts/web1/events")[1]["items"][0]["text"] == "After the new key."
    )
    assert server.cli("hosts", "revoke", "web1").returncode == 0
    link.report([Happening(at=clock.now(), kind="note", text="Too late.")])
    server.wait(lambda: link.refused)
    assert "revoked" in link.refused
    assert len(server.api("GET", "/hosts/web1/events")[1]["items"]) == 2
    link.stop()
    assert server.api("DELETE", "/hosts/web1")[0] == 204


def test_nothing_is_lost_or_doubled_while_the_server_is_away(start_vedette, tmp_path: Path) -> None:
    server, clock = start_vedette(), SystemClock()
    assert enroll(server, tmp_path, token_of(server))[0] == 0
    settings = Settings(state=tmp_path / "web1", spool=tmp_path / "spool", version="1.0")
    link = Link(settings, clock, on_orders=lambda _: None, say=lambda _: None)
    link.start()
    for n in range(300):
        link.report([Happening(at=clock.now(), kind="note", text=str(n))])
        if n == 100:
            server.stop()
        if n == 200:
            server.start()
    server.wait(lambda: not link.waiting()["facts"], 40)
    link.stop()
    found: list[str] = []
    cursor = ""
    while True:
        page = server.api("GET", f"/hosts/web1/events?n=200&cursor={cursor}")[1]
        found += [one["text"] for one in page["items"]]
        cursor = quote(page["cursor"] or "")
        if not cursor:
            break
    assert sorted(map(int, found)) == list(range(300))
