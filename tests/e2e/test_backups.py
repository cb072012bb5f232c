"""The whole way of a backup: planned over REST, made by an enrolled agent with Debian's restic and our borg, proven, and brought back."""

import contextlib
import filecmp
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.e2e.conftest import Start
from tests.e2e.test_agents import enroll, token_of
from tests.support.server import VEDETTE, Vedette

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]
SECONDS = 120  # within which an act of some seconds is over, on a machine that others use
Told = dict[str, Any]
CONFIG = """\
server = "{server}"
state = "{state}"
metrics = false
[files]
usual = false
[backup]
plans = true
programs = ["{gate}"]
repositories = ["{folder}/kept"]
restore_to = ["{folder}/back"]
"""
GATE = '#!/bin/sh\nwhile [ ! -e "{folder}/open" ]; do sleep 0.05; done\n'


class Host:
    """A host with an agent, a shop to save, and a gate before its backups that holds them while it is shut."""

    def __init__(self, server: Vedette, folder: Path) -> None:
        self.server, self.folder, self.shop = server, folder, folder / "shop"
        (self.shop / "media").mkdir(parents=True)
        (folder / "kept").mkdir()
        for number in range(200):
            (self.shop / "media" / f"{number}.bin").write_bytes(os.urandom(2_000))
        self._gate = folder / "gate"
        self._gate.write_text(GATE.format(folder=folder))
        self._gate.chmod(0o755)
        self.open()
        status, said = enroll(server, folder, token_of(server))
        assert status == 0, said
        self._config = folder / "web1" / "agent.toml"
        self._config.write_text(
            CONFIG.format(server=server.url, state=folder / "web1", gate=self._gate, folder=folder)
        )
        self.start()

    def start(self) -> None:
        with (self.folder / "said").open("ab") as said:
            command = [str(VEDETTE), "agent", "run", "--config", str(self._config)]
            self._agent = subprocess.Popen(command, env=self.server.environ, stderr=said)

    def plan(self) -> int:
        """Plan two copies of the shop, by REST."""
        copies = [
            {"name": engine, "engine": engine, "at": f"{self.folder}/kept/{engine}"} for engine in ("borg", "restic")
        ]  # fmt: skip
        plan = {
            "name": "shop", "what": [{"kind": "paths", "settings": {"paths": [str(self.shop)]}}], "copies": copies,
            "schedule": {"cron": "0 0 1 1 *"}, "before": [{"run": [str(self._gate)]}], "goals": {"rto": 600.0},
            "limits": {"nice": 0, "idle_io": False},
        }  # fmt: skip
        made = self.ask("POST", "/backups/plans", {"host": "web1", "plan": plan}, 201)
        return int(made["id"])

    def open(self) -> None:
        (self.folder / "open").touch()

    def shut(self) -> None:
        (self.folder / "open").unlink()

    def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Told:
        found, told = self.server.api(method, path, body)
        assert found == status, told
        return dict(told)

    def order(self, plan: int, act: str, **how: object) -> str:
        return str(self.ask("POST", f"/backups/plans/{plan}/{act}", how, 202)["id"])

    def ended(self, number: str) -> Told:
        """Wait for the end of what was ordered, and return it."""

        def found() -> Told | None:
            status, told = self.server.api("GET", f"/backups/runs/{number}")
            return told if status == 200 and told["stage"] != "running" else None

        return dict(self.server.wait(found, SECONDS))

    def running(self, number: str) -> Told:
        """Wait until something that was ordered tells how far it is."""

        def found() -> Told | None:
            status, told = self.server.api("GET", f"/backups/runs/{number}")
            return told if status == 200 and told["progress"] else None

        return dict(self.server.wait(found, SECONDS))

    def alerts(self) -> list[Told]:
        found = self.ask("GET", "/alerts?firing=true")["items"]
        return [one for one in found if one["link"].startswith("/backups/")]

    def kill_child(self) -> None:
        """Kill the process of the act that goes on, as the kernel does where memory ends."""
        for one in psutil.Process(self._agent.pid).children():
            if "vedette.agent.backing.child" in one.cmdline():
                one.kill()

    def kill(self) -> None:
        self._agent.send_signal(signal.SIGKILL)
        self._agent.wait(10)

    def close(self) -> None:
        self.open()
        self._agent.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._agent.wait(15)
        self._agent.kill()


@pytest.fixture
def host(start_vedette: Start, tmp_path: Path) -> Iterator[Host]:
    made = Host(start_vedette(), tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_from_the_plan_to_the_file_that_is_back(host: Host) -> None:
    plan = host.plan()
    _saved(host, plan)
    _proven(host, plan)
    _brought_back(host, plan)
    _cut_off(host, plan)
    _red_then_green(host, plan)
    _offered(host)  # last: it is looked for at the lowest priority, beside all of that


def _offered(host: Host) -> None:
    """The agent told what there is, and with which engines it can be saved."""
    offer = host.server.wait(lambda: (one := host.ask("GET", "/backups/offers/web1"))["at"] and one, SECONDS)
    assert {"borg", "restic"} <= offer["engines"].keys()
    assert offer["found"]


def _saved(host: Host, plan: int) -> None:
    """A run to every copy, seen while it goes on, is green, and signed by the key of the host."""
    host.shut()
    first = host.order(plan, "run")
    assert host.running(first)["progress"]["step"] == "Running what runs before it"
    assert host.ask("GET", f"/backups/plans/{plan}")["running"] is True
    host.open()
    run = host.ended(first)
    assert (run["stage"], run["copy_name"], run["verified"], run["signed"]) == ("done", "borg", True, True), (
        str(run)
    )
    assert (run["files"] >= 200, run["bytes"] >= 400_000, bool(run["snapshot"])) == (True, True, True), str(
        run
    )
    other = host.server.wait(lambda: _runs(host, plan, "run", "restic"), SECONDS)[0]
    assert (other["stage"], host.ended(other["id"])["signed"]) == ("done", True), str(other)


def _runs(host: Host, plan: int, kind: str, copy: str) -> list[Told]:
    found = host.ask("GET", f"/backups/runs?plan={plan}&kind={kind}")["items"]
    return [one for one in found if one["copy_name"] == copy and one["stage"] != "running"]


def _proven(host: Host, plan: int) -> None:
    """What is new is drilled without a word; then it could be restored, and is told with its times."""
    for copy in ("borg", "restic"):
        (drill, *_) = host.server.wait(lambda copy=copy: _runs(host, plan, "drill", copy), SECONDS)
        assert drill["stage"] == "done", str(drill)
        assert all(one["passed"] for one in drill["checks"])
        assert host.ended(drill["id"])["signed"] is True
    again = host.ended(host.order(plan, "drill", copy_name="restic"))
    assert (again["stage"], again["signed"], again["rto"] > 0, again["rpo"] > 0) == ("done", True, True, True)
    known = host.ask("GET", f"/backups/plans/{plan}")
    assert (known["health"], known["rto"] > 0, known["rpo"] >= 0, bool(known["proven_at"])) == (
        "green",
        True,
        True,
        True,
    ), str(known)
    assert "Could be restored now" in known["sentence"]


def _brought_back(host: Host, plan: int) -> None:
    """A snapshot is listed and looked into, and one file of it comes back as it was."""
    listed = host.order(plan, "list", copy_name="borg")
    host.server.wait(lambda: _settled(host, listed), SECONDS)
    (snapshot,) = host.ask("GET", f"/backups/plans/{plan}/snapshots?copy_name=borg")["items"]
    media = f"{host.shop}/media"
    look = host.order(plan, "list", copy_name="borg", snapshot=snapshot["name"], below=media)
    host.server.wait(lambda: _settled(host, look), SECONDS)
    entries = host.ask("GET", f"/backups/orders/{look}/entries")["items"]
    assert len(entries) == 200
    (wanted,) = [one["name"] for one in entries if one["name"].endswith("/7.bin")]
    into = host.folder / "back" / "one"
    restore = {"copy_name": "borg", "snapshot": snapshot["name"], "paths": [wanted], "into": str(into)}
    done = host.ended(host.order(plan, "restore", **restore))
    assert (done["stage"], done["kind"], done["files"]) == ("done", "restore", 1), str(done)
    (back,) = [one for one in into.rglob("*") if one.is_file()]
    assert filecmp.cmp(back, host.shop / "media" / "7.bin", shallow=False)
    refused = host.order(plan, "restore", **{**restore, "into": f"{host.folder}/elsewhere"})
    host.server.wait(lambda: _settled(host, refused), SECONDS)
    assert (
        "restore_to" in host.ask("GET", f"/backups/orders/{refused}")["why"]
        or not (host.folder / "elsewhere").exists()
    )


def _settled(host: Host, order: str) -> bool:
    return bool(host.ask("GET", f"/backups/orders/{order}")["done_at"])


def _cut_off(host: Host, plan: int) -> None:
    """A run whose process is killed, and one whose whole agent is, are told as interrupted; the next is green."""
    host.shut()
    first = host.order(plan, "run", copy_name="borg")
    host.running(first)
    host.kill_child()
    assert host.ended(first)["failure"] == "interrupted"
    second = host.order(plan, "run", copy_name="borg")
    host.running(second)
    host.kill()
    host.start()
    assert host.ended(second)["failure"] == "interrupted"
    host.open()
    third = host.ended(host.order(plan, "run", copy_name="borg"))
    assert (third["stage"], third["signed"]) == ("done", True), str(third)
    assert host.server.wait(lambda: not host.alerts(), SECONDS)


def _red_then_green(host: Host, plan: int) -> None:
    """What is not there any more is red and an alert that says so; the next green run ends that alert."""
    host.shop.rename(host.folder / "gone")
    run = host.ended(host.order(plan, "run", copy_name="restic"))
    assert (run["stage"], run["failure"], run["signed"]) == ("failed", "source-missing", True), str(run)
    (alert,) = host.server.wait(host.alerts, SECONDS)
    assert "shop of web1: backup to restic failed" in f"{alert['title']} {alert['text']}", str(alert)
    assert host.ask("GET", f"/backups/plans/{plan}")["health"] != "green"
    (host.folder / "gone").rename(host.shop)
    assert host.ended(host.order(plan, "run", copy_name="restic"))["stage"] == "done"
    assert host.server.wait(lambda: not host.alerts(), SECONDS)
    assert host.ask("GET", f"/backups/plans/{plan}")["health"] == "green"
