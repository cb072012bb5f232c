"""How long until the server's API shows that a file, a value of the kernel or a rule is not as hardening set it. Target: 5 seconds.

A real server, a real link, and what an agent watches with; values and rules are those of a network namespace. As root alone.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import netns
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.report import Figure, finish
from vedette.agent.config import Config
from vedette.agent.infra.hardening import EVERY, Hardening
from vedette.agent.link.service import Link, Settings
from vedette.agent.rounds import Voices
from vedette.core.clock import SystemClock
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.harden.areas.firewall import ruleset
from vedette.instruments.hardened.looking import Looking
from vedette.instruments.hardened.types import (
    FileStandard,
    HardeningManifest,
    KernelStandard,
    Standard,
    TableStandard,
    packed,
)
from vedette.instruments.hardened.watching import Watch
from vedette.instruments.hardened.who import Who
from vedette.wire.infra import Rule

BENCH = "host_drift"
TARGET = "<= 5"
TIMES = int(os.environ.get("BENCH_TIMES", "6"))  # of each kind of change
LOOKS = 200  # that are measured for what they cost
VALUE = Path("/proc/sys/net/ipv4/ip_forward")
EVERYBODY = Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0"))
MANY = 150  # files, and as many values as there are of networks


def hardened(folder: Path, pair: netns.Pair) -> Path:
    """Set a file, a value and rules as hardening does, and return the manifest that says so."""
    (folder / "set").write_text("PermitRootLogin no\n")
    (folder / "set").chmod(0o600)
    with netns.inside(pair.server):
        pair.nft("-f", "-", text=ruleset((EVERYBODY,), (22,), routed=False))
        VALUE.write_text("0")
        rules = Looking().table(time.time()) or ""
    standards: tuple[Standard, ...] = (
        FileStandard(measure="ssh-server", path=str(folder / "set"), text="PermitRootLogin no\n", mode=0o600, uid=0, gid=0),
        KernelStandard(measure="kernel-values", name="net.ipv4.ip_forward", value="0"), TableStandard(measure="firewall", text=rules),
    )  # fmt: skip
    return written(folder / "manifest.json", standards)


def written(path: Path, standards: tuple[Standard, ...]) -> Path:
    """Write a manifest."""
    made = HardeningManifest(at=time.time(), profile="cis-l1", before=61, after=93, standards=standards)
    path.write_bytes(packed(made))
    return path


@contextmanager
def watched(server: Vedette, folder: Path, manifest: Path, pair: netns.Pair) -> Iterator[None]:
    """Have a host in the namespace watch that, and tell the server."""
    status, made = server.api("POST", "/host-tokens")
    assert status == 201, made
    words = ("--name", "web1", "--state", str(folder / "state"), "--config", str(folder / "agent.toml"))
    done = server.cli("agent", "enroll", server.url, made["token"], *words)
    assert done.returncode == 0, done.stderr
    clock, witnesses = SystemClock(), Witnesses()
    link = Link(Settings(state=folder / "state", version="1.0"), clock, on_orders=lambda _: None, say=print)
    agent = Hardening(
        Config(state=folder / "state"), Voices(link, clock, print), witnesses,
        make=lambda: Watch(folder / "kept.json", Who(witnesses), manifest=str(manifest)),
    )  # fmt: skip
    link.on_orders = lambda orders: agent.order(orders.infra)

    def run() -> None:
        with netns.inside(pair.server):
            agent.run()

    thread = threading.Thread(target=run)
    thread.start()
    link.start()
    try:
        server.wait(lambda: server.api("GET", "/infrastructure/hosts/web1")[1]["hardened_at"], 30)
        yield
    finally:
        agent.stop()
        link.stop()
        thread.join(10)


def seconds(server: Vedette, kind: str, change: Callable[[], object], undo: Callable[[], object]) -> float:
    """Return how long after a change the API shows it; then undo it and wait until that is shown, too."""

    def shown() -> bool:
        drift = server.api("GET", "/infrastructure/hosts/web1")[1]["drift"]
        return any(one["what"] == kind for one in drift)

    began = time.monotonic()
    change()
    server.wait(shown, 60)
    took = time.monotonic() - began
    undo()
    server.wait(lambda: not shown(), 60)
    return took


def cost(folder: Path) -> float:
    """Return what watching a whole hardened host takes, in percent of a core: 150 files and every value of networks."""
    (folder / "many").mkdir()
    files = [folder / f"many/{number}" for number in range(MANY)]
    for path in files:
        path.write_text("x" * 2_000)
    values = sorted(Path("/proc/sys/net/ipv4/conf/all").iterdir())
    standards = (
        *(FileStandard(measure="m", path=str(path), text="x" * 2_000, mode=path.stat().st_mode & 0o7777, uid=0, gid=0) for path in files),
        *(KernelStandard(measure="k", name=f"net.ipv4.conf.all.{path.name}", value=path.read_text().strip()) for path in values),
    )  # fmt: skip
    watch = Watch(folder / "many.json", lambda *_: "", manifest=str(written(folder / "all.json", standards)))
    now = time.time() + 60
    watch.look(now)
    began = time.thread_time()
    for number in range(LOOKS):
        watch.look(now + number)
    took = time.thread_time() - began
    watch.close()
    return took / LOOKS / EVERY * 100


def main() -> None:
    """Change each kind of thing, measure, print."""
    with tempfile.TemporaryDirectory() as name, netns.pair() as pair:
        folder = Path(name)
        manifest = hardened(folder, pair)
        server = Vedette(folder / "data", free_port()).start()

        def nft(*words: str) -> Callable[[], object]:
            return lambda: pair.nft(*words)

        def value(said: str) -> Callable[[], object]:
            def put() -> None:
                with netns.inside(pair.server):
                    VALUE.write_text(said)

            return put

        kinds: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "file": (lambda: (folder / "set").write_text("PermitRootLogin yes\n"), lambda: (folder / "set").write_text("PermitRootLogin no\n")),
            "sysctl": (value("1"), value("0")),
            "ruleset": (nft("insert", "rule", "inet", "vedette_host", "allowed", "tcp", "dport", "6379", "accept"), lambda: _first_rule_away(pair)),
        }  # fmt: skip
        try:
            with watched(server, folder, manifest, pair):
                found = {
                    kind: [seconds(server, kind, *acts) for _ in range(TIMES)] for kind, acts in kinds.items()
                }
        finally:
            server.stop()
        figures = [
            Figure(BENCH, f"{kind} changed until the API shows it, worst of {TIMES}", max(took), "s", TARGET)
            for kind, took in found.items()
        ]
        figures.append(
            Figure(
                BENCH, "watching 150 files and all values of networks", cost(folder), "% of a core", "<= 1"
            )
        )
    finish(figures)


def _first_rule_away(pair: netns.Pair) -> None:
    """Delete the rule that was put in first."""
    listed = json.loads(pair.nft("-j", "-a", "list", "chain", "inet", "vedette_host", "allowed"))
    rules = [one["rule"]["handle"] for one in listed["nftables"] if "rule" in one]
    pair.nft("delete", "rule", "inet", "vedette_host", "allowed", "handle", str(rules[0]))


if __name__ == "__main__":
    main()
