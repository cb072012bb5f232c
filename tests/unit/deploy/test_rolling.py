"""Rolls against the fake of Hetzner's API, with real commands and real HTTP servers as targets."""

import contextlib
import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.deploying import WRITES, Place, place

from vedette.cli.deploying import APP
from vedette.core.errors import Conflict, Invalid, Unavailable
from vedette.deploy.hands import Local
from vedette.deploy.rolling import acting, keeping, telling
from vedette.deploy.rolling.serving import Served
from vedette.deploy.types import Event, Happened, Roll, Rolled, RollError, Target, Verb
from vedette.instruments.hetzner.cloud import Cloud
from vedette.plumbing.net.client import NetClient
from vedette.wire import jsons

Targets = Callable[[int], list[dict[str, object]]] | list[dict[str, object]]
NAMES = ("web-1", "web-2", "web-3")
DO, UNDO = 'printf new > "$FOLDER/$VEDETTE_TARGET"', 'printf old > "$FOLDER/$VEDETTE_TARGET"'


class Shop:
    """Three servers behind a load balancer: each serves the version in its file, and is healthy unless that says broken."""

    def __init__(self, cloud: Place, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.served: dict[str, str] = {}
        for name in NAMES:
            (folder / name).write_text("old")

    def versions(self) -> list[str]:
        return [(self.folder / name).read_text() for name in NAMES]

    def behind(self) -> list[str]:
        raw = self.cloud.cloud().pages("/load_balancers", "load_balancers")[0]
        return sorted(name for each in jsons.records(raw, "targets") for name in self.names(each))

    def names(self, target: jsons.Record) -> list[str]:
        rows = jsons.records(target, "targets") or (target,)
        return [self.cloud.fake.state.servers[jsons.number(row, "server", "id")].name for row in rows]

    def roll(
        self, wanted: Roll, tell: Callable[[Event], None] = lambda _: None, *, back: bool = False
    ) -> Rolled:
        cloud, clock = self.cloud.cloud(), self.cloud.clock
        fleet = Served(wanted, Local(), NetClient(allow_private=True), cloud=cloud, pause=clock.forward)
        done = acting.roll(
            wanted, self.folder, lambda: self.found(cloud), fleet, clock.now,
            name="front", agree=lambda _: True, tell=tell, back=back,
        )  # fmt: skip
        assert done is not None
        return done

    def found(self, cloud: Cloud) -> tuple[Target, ...]:
        return acting.targets(cloud, "front", self.served)


def handler(file: Path) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if "broken" in file.read_text() else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextlib.contextmanager
def serving(file: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(file)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def made(cloud: Place, target: Targets) -> None:
    """Make three servers, and a load balancer before them."""
    asks, numbers = cloud.cloud(), []
    for name in NAMES:
        body: dict[str, object] = {
            "name": name,
            "server_type": "cx23",
            "image": "debian-12",
            "location": "fsn1",
            "labels": {"role": "web"},
        }
        numbers.append(jsons.number(asks.did("POST", "/servers", body), "server", "id"))
    targets = [each for number in numbers for each in target(number)] if callable(target) else target
    services = [{"protocol": "http", "listen_port": 80, "destination_port": 8000}]
    balancer: dict[str, object] = {
        "name": "front",
        "load_balancer_type": "lb11",
        "location": "fsn1",
        "services": services,
        "targets": targets,
    }
    asks.did("POST", "/load_balancers", balancer)
    cloud.clock.forward(60)


@contextlib.contextmanager
def shop_of(tmp_path: Path, targets: Targets) -> Iterator[Shop]:
    with place(tmp_path, step=5) as cloud, contextlib.ExitStack() as stack:
        cloud.fake.pace = 0
        made(cloud, targets)
        shop = Shop(cloud, tmp_path)
        for name in NAMES:
            shop.served[name] = stack.enter_context(serving(tmp_path / name))
        yield shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("FOLDER", str(tmp_path))
    with shop_of(tmp_path, lambda number: [{"type": "server", "server": {"id": number}}]) as shop:
        yield shop


def wanted(**more: Any) -> Roll:
    return Roll(
        **{"do": DO, "undo": UNDO, "health": "http://{address}/health", "settle": 0, "patience": 5, **more}
    )


def test_each_is_taken_out_changed_and_put_back_one_at_a_time(shop: Shop) -> None:
    seen: list[tuple[str, list[str]]] = []

    def tell(event: Event) -> None:
        if event.what is Happened.DONE and event.verb is Verb.CHANGE:
            seen.append((event.target, shop.behind()))

    done = shop.roll(wanted(), tell)
    assert done.whole
    assert telling.ended(done) == "Done: 3 targets have the new version, each seen healthy."
    assert shop.versions() == ["new", "new", "new"]
    assert shop.behind() == list(NAMES)
    assert seen == [(name, [other for other in NAMES if other != name]) for name in NAMES]


def test_the_first_that_is_not_healthy_takes_all_back(shop: Shop) -> None:
    broken = 'test $VEDETTE_TARGET = web-2 && set -- broken; printf "${1:-new}" > "$FOLDER/$VEDETTE_TARGET"'
    done = shop.roll(wanted(do=broken))
    assert done.whole
    assert done.back.startswith("web-2: Not healthy within 5 seconds: http://127.0.0.1:")
    assert shop.versions() == ["old", "old", "old"]
    assert shop.behind() == list(NAMES)
    assert "Rolled back: every target is as it was" in telling.ended(done)


def test_who_can_not_be_undone_stays_out_and_is_named(shop: Shop) -> None:
    done = shop.roll(wanted(do="false", undo="echo no disk >&2; false"))
    assert not done.whole
    assert shop.behind() == ["web-2", "web-3"]
    text = telling.ended(done)
    assert "1 of 3 need you" in text
    assert "web-1: taken out, mixed version: The command on this machine ended with 1: no disk." in text


def test_a_sick_one_behind_the_load_balancer_is_no_success(shop: Shop) -> None:
    number = next(each.id for each in shop.cloud.fake.state.servers.values() if each.name == "web-2")

    def tell(event: Event) -> None:
        if event.target == "web-2" and event.verb in {Verb.CHANGE, Verb.UNDO}:
            shop.cloud.fake.state.sick[:] = [number] if event.verb is Verb.CHANGE else []

    done = shop.roll(wanted(), tell)
    assert "front finds it unhealthy" in done.back
    assert done.whole
    assert shop.versions() == ["old", "old", "old"]


class Killed(Exception):
    """Stands for a kill: nothing after it is written."""


@pytest.mark.parametrize("verb", [Verb.OUT, Verb.CHANGE, Verb.JOIN])
def test_a_roll_that_was_killed_goes_on_or_back(shop: Shop, verb: Verb) -> None:
    def kill(event: Event) -> None:
        if (event.what, event.verb, event.target) == (Happened.BEGUN, verb, "web-2"):
            raise Killed

    with pytest.raises(Killed):
        shop.roll(wanted(), kill)
    with pytest.raises(Conflict, match="stopped half-way"):
        shop.roll(wanted(batch=2))
    done = shop.roll(wanted(), back=verb is Verb.CHANGE)
    assert done.whole
    assert shop.versions() == (["old"] * 3 if verb is Verb.CHANGE else ["new"] * 3)
    assert shop.behind() == list(NAMES)
    with pytest.raises(Invalid, match="nothing to take back"):
        shop.roll(wanted(), back=True)


def test_by_label_a_server_is_taken_out_by_a_label_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLDER", str(tmp_path))
    by_label: Targets = [{"type": "label_selector", "label_selector": {"selector": "role=web,!vedette-out"}}]
    with shop_of(tmp_path, by_label) as shop:
        assert shop.roll(wanted()).whole
        assert shop.behind() == list(NAMES)
        assert all("vedette-out" not in each.labels for each in shop.cloud.fake.state.servers.values())


def test_by_labels_that_firewalls_may_hold_by_it_is_refused(tmp_path: Path) -> None:
    by_role: Targets = [{"type": "label_selector", "label_selector": {"selector": "role=web"}}]
    with shop_of(tmp_path, by_role) as shop:
        with pytest.raises(Invalid, match="role=web,!vedette-out"):
            shop.found(shop.cloud.cloud())
        with pytest.raises(Invalid, match="there are: front"):
            acting.targets(shop.cloud.cloud(), "frnt", {})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"undo": ""}, "--undo"), ({"do": ""}, "--unit"), ({"health": ""}, "--health"), ({"keep": 2}, "--keep 1"),
        ({"batch": 0}, "one target or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_what_to_do(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    roll = wanted(**more)
    fleet = Served(roll, Local(), NetClient(), cloud=None, pause=lambda _: None)
    hosts = (Target(name="a", address="127.0.0.1"), Target(name="b", address="127.0.0.1"))
    with pytest.raises(Invalid, match=said):
        acting.roll(roll, tmp_path, lambda: hosts, fleet, lambda: 0.0, name="x", agree=lambda _: True, tell=lambda _: None)  # fmt: skip


def test_one_roll_at_a_time_and_only_its_owner_reads_the_journal(tmp_path: Path) -> None:
    with keeping.opened(tmp_path / "x.journal") as kept:
        kept.begin(wanted(do="secret"), [Target(name="a", address="1")])
        assert "secret" not in (tmp_path / "x.journal").read_text()
        assert (tmp_path / "x.journal").stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict, match="Another roll"), keeping.opened(tmp_path / "x.journal"):
            pass


def test_a_command_of_this_machine_has_no_token_and_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLOUD_TOKEN", "secret")
    assert Local().run("x", "echo ${HCLOUD_TOKEN:-none}", {}, 10) == "none\n"
    with pytest.raises(Unavailable, match="did not end within 0 seconds"):
        Local().run("x", "sleep 30", {}, 0.2)


def test_the_command_line_tells_then_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HCLOUD_ENDPOINT", shop.cloud.endpoint)
    monkeypatch.setenv("HCLOUD_TOKEN", WRITES)
    hosts = [word for name, address in shop.served.items() for word in ("--host", f"{name}={address}")]
    words = [
        "roll", "--balancer", "front", *hosts, "--do", DO, "--undo", UNDO, "--health", "http://{address}/health", "--local",
        "--poll", "0.001", "--drain", "0", "--settle", "0", "--interval", "0.01", "--state", str(shop.folder / "state"),
    ]  # fmt: skip
    assert _code(*words, "--plan") == 2
    assert capsys.readouterr().out.startswith("3 targets, 1 at a time; at least 2 stay healthy.")
    assert shop.versions() == ["old", "old", "old"]
    assert _code(*words, "--yes") == 0
    out = capsys.readouterr().out
    assert "✓ web-1: taken out" in out
    assert "Done: 3 targets" in out
    assert shop.versions() == ["new", "new", "new"]
    assert _code(*(word if word != DO else "false" for word in words), "--yes") == 1
    assert "↩ Going back: web-1: The command on this machine ended with 1" in capsys.readouterr().out


def test_a_roll_goes_on_after_kill_9(shop: Shop) -> None:
    hosts = [word for name, address in shop.served.items() for word in ("--host", f"{name}={address}")]
    once = 'test -e "$FOLDER/killed" || { touch "$FOLDER/killed"; kill -9 $PPID; exit; }; ' + DO
    words = [
        "deploy", "roll", "--balancer", "front", *hosts, "--do", once, "--undo", UNDO, "--local", "--yes", "--json",
        "--health", "http://{address}/health", "--endpoint", shop.cloud.endpoint, "--poll", "0.001", "--drain", "0", "--settle", "0", "--interval", "0.01", "--state", str(shop.folder),
    ]  # fmt: skip
    command = [sys.executable, "-c", "from vedette.cli.main import main; main()", *words]
    run = functools.partial(
        subprocess.run, check=False, capture_output=True, env={**os.environ, "HCLOUD_TOKEN": WRITES}
    )
    assert run(command).returncode == -9
    assert shop.behind() == ["web-2", "web-3"]
    ended = run(command)
    assert ended.returncode == 0, ended.stderr
    assert shop.versions() == ["new", "new", "new"]
    assert shop.behind() == list(NAMES)


def _code(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        APP(words, exit_on_error=False, print_error=False)
    return int(ended.value.code or 0)


TOML = """project = "shop"
location = "fsn1"
[rolls.web]
hosts = {{ {hosts} }}
do = 'printf "%s" "$VEDETTE_VERSION" > "$FOLDER/$VEDETTE_TARGET"'
undo = 'printf old > "$FOLDER/$VEDETTE_TARGET"'
health = "http://{{address}}/health"
settle = 0
patience = 1
interval = 0.05
batch = 2
local = true
send = "{server}"
project = "shop"
environment = "production"
"""


class Server:
    """A server that takes deploys down, and answers as it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str | None, dict[str, object]]] = []
        self.status = 201

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        here = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                here.told.append((self.path, self.headers["Authorization"], body))
                self.send_response(here.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server() -> Iterator[tuple[Server, str]]:
    made = Server()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made.handler()) as serves:
        thread = threading.Thread(target=serves.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made, f"http://127.0.0.1:{serves.server_port}"
        serves.shutdown()
        thread.join()


def test_a_roll_of_the_files_is_carried_out_and_told_with_its_outcome(
    shop: Shop, server: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    vedette, address = server
    hosts = ", ".join(f'{name} = "{shop.served[name]}"' for name in NAMES)
    (tmp_path / "shop.toml").write_text(TOML.format(hosts=hosts, server=address))
    monkeypatch.setenv("VEDETTE_TOKEN", "vt_secret")
    words = ("roll", "web", "--infra", str(tmp_path / "shop.toml"), "--state", str(tmp_path), "--yes")
    assert _code(*words, "--version", "2026.11.27") == 0
    assert shop.versions() == ["2026.11.27"] * 3
    path, secret, body = vedette.told[0]
    assert (path, secret) == ("/api/v1/projects/shop/deploys", "Bearer vt_secret")
    assert (body["version"], body["environment"], body["by"]) == (
        "2026.11.27",
        "production",
        "vedette deploy roll",
    )
    assert str(body["started_at"]) <= str(body["finished_at"])
    assert _code(*words, "--version", "broken") == 1
    assert vedette.told[1][2]["version"] == "broken (rolled back)"
    vedette.status = 404
    assert _code(*words, "--version", "3") == 0
    assert "Vedette was not told of it: " in capsys.readouterr().err
    with pytest.raises(Invalid, match="did you mean `web`"):
        APP(["roll", "wbe", *words[2:]], exit_on_error=False, print_error=False)
    with pytest.raises(Invalid, match="--version"):
        APP([*words], exit_on_error=False, print_error=False)


def test_a_unit_is_restarted_and_must_stay_active(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program systemctl is one of ours that keeps a list: no systemd runs where tests do."""
    program = tmp_path / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n[ "$1" = restart ] || [ -e {tmp_path}/active ]\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    roll = Roll(unit="shop.service", keep=0, patience=2, health="")
    fleet = Served(roll, Local(), NetClient(), cloud=None, pause=lambda _: None)
    target = Target(name="web-1", address="127.0.0.1")
    fleet.change(target)
    with pytest.raises(
        RollError, match="Not healthy within 2 seconds: The command on this machine ended with 1"
    ):
        fleet.check(target)
    (tmp_path / "active").touch()
    fleet.check(target)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "restart -- shop.service",
        *["is-active -- shop.service"] * 4,
    ]
