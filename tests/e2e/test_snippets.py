"""Bans as files of nginx and Caddy: what the programs say of them, what a banned client is answered, how often they are told."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.netns import until
from tests.support.ports import free_port

from vedette.core.errors import Invalid
from vedette.instruments.packets import registry
from vedette.instruments.packets.port import EnforceError, Enforcer
from vedette.wire.agent.types import Decision, Measure, Scope

NOW = 1_764_000_000.0
MANY = [f"203.0.{n // 250}.{n % 250}" for n in range(2000)]
NGINX = """\
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
    geo $vedette_banned {{ default 0; include {folder}/geo.conf; }}
    server {{ listen 127.0.0.1:{port}; if ($vedette_banned) {{ return 403; }} location / {{ return 200 "ok"; }} }}
    server {{ listen 127.0.0.1:{other}; include {folder}/deny.conf; location / {{ try_files /none =204; }} }}
}}
"""
CADDY = """\
{{
    admin 127.0.0.1:{admin}
    auto_https off
}}
http://127.0.0.1:{port} {{
    import {folder}/caddy.conf
    respond "ok"
}}
"""


def ban(value: str, **others: Any) -> Decision:
    others = {"measure": Measure.BAN, **others}
    return Decision(id=value, scope=Scope.ADDRESS, value=value, at=NOW, until=NOW + 600, reason="r", **others)


def status(port: int, client: str = "") -> int:
    """Return what a server answers, 0 while it does not."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request("GET", "/", headers={"X-Forwarded-For": client} if client else {})
        return asking.getresponse().status
    except OSError:
        return 0
    finally:
        asking.close()


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.terminate()
        process.wait(10)


def test_nginx_refuses_whom_its_file_names(tmp_path: Path, running: list[subprocess.Popen[bytes]]) -> None:
    port, other = free_port(), free_port()
    conf = tmp_path / "nginx.conf"
    conf.write_text(NGINX.format(folder=tmp_path, port=port, other=other))
    words = ["/usr/sbin/nginx", "-p", str(tmp_path), "-c", str(conf), "-e", str(tmp_path / "error.log")]
    made = {
        style: registry.made(
            "nginx",
            {"path": str(tmp_path / f"{style}.conf"), "style": style, "check": [*words, "-t"] if started else [],
             "reload": [*words, "-s", "reload"] if started else [], "every": 0},
        )
        for style, started in (("deny", False), ("geo", True))
    }  # fmt: skip
    for style in ("deny", "geo"):
        (tmp_path / f"{style}.conf").write_text("")
    running.append(subprocess.Popen(words))
    assert until(lambda: status(port) == 200)
    made["deny"].put([ban(value) for value in [*MANY, "127.0.0.1"]], NOW)
    made["deny"].tick(NOW)
    made["geo"].put([ban(value) for value in [*MANY, "198.51.100.7", "2001:db8:7::/64"]], NOW)
    made["geo"].tick(NOW)
    assert until(lambda: status(port, "198.51.100.7") == 403)
    assert until(lambda: status(port, "2001:db8:7::9") == 403), (
        "a worker from before the reload may answer, too"
    )
    assert status(port, "198.51.100.8") == 200
    assert until(lambda: status(other) == 403)
    made["geo"].drop([ban("198.51.100.7")], NOW)
    made["geo"].tick(NOW)
    assert until(lambda: status(port, "198.51.100.7") == 200)


def test_a_file_that_nginx_refuses_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "geo.conf").write_text("# before\n")
    conf = tmp_path / "nginx.conf"
    conf.write_text("nonsense;")
    words = ["/usr/sbin/nginx", "-p", str(tmp_path), "-c", str(conf), "-e", str(tmp_path / "error.log"), "-t"]
    made = registry.made("nginx", {"path": str(tmp_path / "geo.conf"), "check": words})
    made.put([ban("198.51.100.7")], NOW)
    with pytest.raises(EnforceError, match="the one from before is back: "):
        made.tick(NOW)
    assert (tmp_path / "geo.conf").read_text() == "# before\n"
    with pytest.raises(EnforceError, match="the one from before is back: "):
        made.sync(lambda: [ban("198.51.100.7")], NOW + 1)
    conf.write_text(f"error_log {tmp_path}/error.log; pid {tmp_path}/pid; events {{}}")
    made.tick(NOW + 60)
    assert "198.51.100.7/32 1;" in (tmp_path / "geo.conf").read_text(), "it is tried again"
    assert not made.sync(lambda: [ban("198.51.100.7")], NOW + 61).anything


@pytest.mark.deep
def test_caddy_refuses_whom_its_file_names(tmp_path: Path, running: list[subprocess.Popen[bytes]]) -> None:
    port, admin = free_port(), free_port()
    conf, snippet = tmp_path / "Caddyfile", tmp_path / "caddy.conf"
    conf.write_text(CADDY.format(folder=tmp_path, port=port, admin=admin))
    words = [
        "/usr/bin/caddy",
        "reload",
        "--config",
        str(conf),
        "--adapter",
        "caddyfile",
        "--address",
        f"127.0.0.1:{admin}",
    ]
    check = ["/usr/bin/caddy", "validate", "--config", str(conf), "--adapter", "caddyfile"]
    made = registry.made("caddy", {"path": str(snippet), "check": check, "reload": words, "every": 0})
    snippet.write_text("# none yet\n")
    environment = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "PATH": "/usr/bin",
    }
    start = ["/usr/bin/caddy", "run", "--config", str(conf), "--adapter", "caddyfile"]
    running.append(subprocess.Popen(start, env=environment, stderr=subprocess.DEVNULL))
    assert until(lambda: status(port) == 200)
    made.put([ban(value) for value in [*MANY, "127.0.0.1", "2001:db8:7::/64"]], NOW)
    made.tick(NOW)
    assert until(lambda: status(port) == 403)
    made.sync(list, NOW)
    made.tick(NOW)
    assert until(lambda: status(port) == 200), "a file without bans is a right one, too"


def counting(folder: Path) -> list[str]:
    """Return a command that counts how often it ran."""
    return [sys.executable, "-S", "-c", f"open({str(folder / 'runs')!r}, 'a').write('x')"]


def runs(folder: Path) -> int:
    path = folder / "runs"
    return len(path.read_text()) if path.exists() else 0


def made(tmp_path: Path, **others: Any) -> Enforcer:
    return registry.made(
        "nginx", {"path": str(tmp_path / "bans.conf"), "reload": counting(tmp_path), **others}
    )


def test_reloads_are_rare_and_what_comes_sooner_goes_together(tmp_path: Path) -> None:
    enforcer = made(tmp_path)
    enforcer.put([ban("198.51.100.1")], NOW)
    enforcer.tick(NOW)
    for n in range(2, 9):
        enforcer.put([ban(f"198.51.100.{n}")], NOW + 1)
        enforcer.tick(NOW + 1)
        enforcer.tick(NOW + 9)
    assert runs(tmp_path) == 1
    enforcer.tick(NOW + 10)
    assert runs(tmp_path) == 2
    assert (tmp_path / "bans.conf").read_text().count(" 1;") == 8
    enforcer.put(
        [ban("198.51.100.1"), ban("x; }"), ban("::1%\n"), ban("203.0.113.1", simulated=True)], NOW + 60
    )
    enforcer.tick(NOW + 60)
    assert runs(tmp_path) == 2, "nothing changed"
    enforcer.tick(NOW - 9999)
    enforcer.drop([ban("198.51.100.1")], NOW - 9999)
    enforcer.tick(NOW - 9999)
    assert runs(tmp_path) == 3, "a clock that was set back stops nothing"


def test_after_a_restart_a_right_file_is_left_alone_and_a_wrong_one_written(tmp_path: Path) -> None:
    live = [ban("198.51.100.1"), ban("2001:db8::/64")]
    first = made(tmp_path)
    first.put(live, NOW)
    first.tick(NOW)
    again = made(tmp_path, every=0)
    assert not again.sync(lambda: live, NOW).anything
    assert runs(tmp_path) == 1
    (tmp_path / "bans.conf").write_text("somebody wrote this\n")
    assert again.sync(lambda: live, NOW + 1).rebuilt
    again.tick(NOW + 1)
    assert "198.51.100.1/32 1;" in (tmp_path / "bans.conf").read_text()
    assert runs(tmp_path) == 2
    assert oct((tmp_path / "bans.conf").stat().st_mode & 0o777) == "0o644"


def test_what_cannot_be_done_says_what_to_do(tmp_path: Path) -> None:
    broken = registry.made("nginx", {"path": str(tmp_path / "absent/bans.conf")})
    broken.put([ban("198.51.100.1")], NOW)
    with pytest.raises(EnforceError, match="cannot be written: No such file"):
        broken.tick(NOW)
    mute = registry.made("caddy", {"path": str(tmp_path / "b.conf"), "reload": [str(tmp_path / "absent")]})
    mute.put([ban("198.51.100.1")], NOW)
    with pytest.raises(EnforceError, match="did not read its files anew"):
        mute.tick(NOW)


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("nginxx", {}, "did you mean nginx?"),
        ("iptables", {}, "there are caddy, nft, nginx"),
        ("nft", {"path": "/x"}, "path is no option"),
        ("nginx", {"pth": "/x"}, "did you mean path?"),
        ("nginx", {}, "path is missing"),
        ("nginx", {"path": "relative"}, "path is missing or not absolute"),
        ("nginx", {"path": "/x", "style": "block"}, "style is geo or deny"),
        ("nginx", {"path": "/x", "style": []}, "style is geo or deny"),
        ("caddy", {"path": "/x", "reload": "systemctl reload caddy"}, "a list of words"),
        ("caddy", {"path": "/x", "check": ["./run"]}, "a program's name or its whole path"),
        ("caddy", {"path": "/x", "every": -1}, "every is seconds"),
        ("caddy", {"path": "/x", "every": True}, "every is seconds"),
    ],
)
def test_wrong_options_are_refused_with_what_was_meant(
    kind: str, options: dict[str, object], why: str
) -> None:
    with pytest.raises(Invalid) as caught:
        registry.made(kind, options)
    assert why in str(caught.value)
