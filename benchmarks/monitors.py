"""Ten thousand web addresses every ten seconds: none missed, none late, and what that takes.

All of Vedette runs on one core, nginx, which it checks, on the other. How late checks begin is told beside a control: the
same timetable on the same core at the same time, whose checks do nothing. blackbox_exporter is asked for probes of the same
address, and what a probe takes of its CPU is compared with what one takes of the process that checks. Pages are read from a
second installation with as many monitors, which are checked once a minute, as most are.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tests.support import blackbox
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.pages import Reader
from benchmarks.report import Figure, finish

BENCH = "monitors"
MONITORS, INTERVAL, WINDOW = int(os.environ.get("BENCH_MONITORS", "10000")), 10, 30.0
BLACKBOX, SETTLE = 3_000, 20.0
_NGINX = """\
user root; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 "ready"; }} }} }}
"""
_FILL = """
import sys, msgspec
from vedette.app import tools
with tools.opened() as ports:
    from vedette.accounts.permissions import SYSTEM
    from vedette.monitors import service
    from vedette.monitors.types import Config, MonitorDraft
    from vedette.plumbing.db.sql import transaction
    raw = msgspec.Raw(msgspec.json.encode(dict(url=sys.argv[1])))
    config = Config(interval=float(sys.argv[3]), request=raw)
    with transaction():
        for n in range(int(sys.argv[2])):
            draft = MonitorDraft(name=f"Site {n}", slug=f"site-{n}", kind="http", config=config)
            service.create(SYSTEM, 0, draft, ports.clock.now())
"""
_CONTROL = """
import asyncio, sys, uvloop
from vedette.core.clock import monotonic
from vedette.instruments.probe.types import Evidence, Phases, Request, Result, Standpoint
from vedette.monitors.rounds.runner import Runner
from vedette.monitors.rounds.types import Errand, Orders
async def look(standpoint):
    return Result(ok=True, at=standpoint.clock.now(), sentence="", phases=Phases(), evidence=Evidence())
async def main():
    runner = Runner(Standpoint(), lambda found: runner.take(Orders(taken=found.number)), prepare=lambda request: look)
    asked = Request(url="")
    runner.take(Orders(put=tuple(Errand(n, float(sys.argv[2]), asked) for n in range(int(sys.argv[1])))))
    end = monotonic() + float(sys.argv[3])
    while monotonic() < end:
        await asyncio.sleep(runner.turn())
    print(*runner.figures.late)
uvloop.run(main())
"""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Yield the address of an nginx on the second core."""
    port, conf = free_port(), folder / "nginx.conf"
    conf.write_text(_NGINX.format(folder=folder, port=port))
    words = ["nginx", "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
    process = subprocess.Popen([*on(1), *words])
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


def on(core: int) -> list[str]:
    """Return the words that keep a command on a core, where there are two."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def metrics(server: Vedette) -> dict[str, float]:
    """Return the figures of the checking."""
    _, _, body = server.request("GET", "/metrics")
    found = re.findall(r"^(vedette_check\S*) (\S+)$", body.decode(), re.MULTILINE)
    return {name: float(value) for name, value in found}


def late(seen: dict[str, float]) -> list[float]:
    """Return how many checks began how late, span by span, from a histogram's sums."""
    sums = [value for name, value in seen.items() if "lateness_seconds_bucket" in name]
    return [b - a for a, b in zip([0.0, *sums], sums, strict=False)]


def p99(spans: list[float]) -> float:
    """Return the upper end, in milliseconds, of the span that 99 % are in or below."""
    from vedette.monitors.rounds.types import LATE

    total, below = sum(spans), 0.0
    for most, n in zip((*LATE, 60.0), spans, strict=True):
        below += n
        if below >= 0.99 * total:
            return most * 1000
    return 0.0


def prober(server: Vedette) -> psutil.Process:
    """Return the process that checks."""
    found = [psutil.Process(pid) for pid in server.pids()]
    return next(one for one in found if "vedette.app.probing" in one.cmdline())


def used(process: psutil.Process) -> float:
    """Return the seconds of CPU a process has used."""
    return sum(process.cpu_times()[:2])


def until_checked(server: Vedette, seconds: float = 120.0) -> float:
    """Wait until as many checks began as there are monitors; return the seconds since the process that checks started."""
    end = time.monotonic() + seconds
    while metrics(server).get("vedette_checks_begun_total", 0) < MONITORS:
        assert time.monotonic() < end, metrics(server)
        time.sleep(0.1)
    return time.time() - prober(server).create_time()


def measured(server: Vedette, idle: int) -> list[Figure]:
    """Return what a while of checking came to."""
    words = [sys.executable, "-c", _CONTROL, str(MONITORS), str(INTERVAL), str(WINDOW)]
    control = subprocess.Popen([*on(0), *words], stdout=subprocess.PIPE, text=True)
    checks, process = metrics(server), prober(server)
    cpu, tree, begin = used(process), server.cpu_seconds(), time.perf_counter()
    time.sleep(WINDOW)
    took = time.perf_counter() - begin
    cpu, tree, after = used(process) - cpu, server.cpu_seconds() - tree, metrics(server)
    beside, _ = control.communicate()
    begun = after["vedette_checks_begun_total"] - checks["vedette_checks_begun_total"]
    spans = [b - a for a, b in zip(late(checks), late(after), strict=True)]
    missed = max(
        0.0, took / INTERVAL * MONITORS - begun - MONITORS / INTERVAL
    )  # a second's worth is still to be told
    return [
        Figure(BENCH, "checks a second", begun / took, "checks/s"),
        Figure(BENCH, "missed", missed, "checks", "<= 0"),
        Figure(BENCH, "results lost", after["vedette_checks_lost_total"], "results", "<= 0"),
        Figure(BENCH, "begun late, p99 at most", p99(spans), "ms", "<= 250"),
        Figure(BENCH, "the control, p99 at most", p99([float(n) for n in beside.split()]), "ms"),
        Figure(BENCH, "CPU of the process that checks", cpu / took * 100, "% of a core", "<= 30"),
        Figure(BENCH, "CPU of all of Vedette, results kept", tree / took * 100, "% of a core"),
        Figure(BENCH, "checks a second of its CPU", begun / cpu, "checks/s"),
        Figure(BENCH, "PSS above idle", (server.pss() - idle) / 2**20, "MiB", "<= 60"),
    ]


def filled(server: Vedette, url: str, interval: int) -> Vedette:
    """Give an installation that is stopped its monitors, and start it."""
    words = [sys.executable, "-c", _FILL, url, str(MONITORS), str(interval)]
    subprocess.run(words, env=server.environ, cwd=server.data.parent, check=True)
    server.start()
    return server


def installed(folder: Path) -> Vedette:
    """Return an installation on one core that was never started."""
    return Vedette(folder, free_port(), command=[*on(0), *Vedette(folder, 1).command])


def pages(folder: Path, url: str) -> list[Figure]:
    """Return the 95th percentiles of the pages of monitors, once all were checked."""
    server = installed(folder)
    server.start()
    server.stop()
    try:
        filled(server, url, 60)
        until_checked(server)
        time.sleep(SETTLE)  # the first pass checks all of them at once, and is still being recorded
        reader = Reader(server)
        kinds: dict[str, Callable[[int], str]] = {
            "Monitors": lambda _: "/monitors/",
            "a search in Monitors": lambda n: f"/monitors/?q=site-{n}",
            "a monitor": lambda n: f"/monitors/site-{n * 97 % MONITORS}/",
        }
        found = {name: reader.p95(path) for name, path in kinds.items()}
    finally:
        server.stop()
    return [Figure(BENCH, f"{name}, p95", ms, "ms", "<= 60") for name, ms in found.items()]


def of_blackbox(folder: Path, url: str) -> float:
    """Return how many probes blackbox_exporter makes a second of its CPU."""
    with blackbox.running(folder, {"web": {"prober": "http", "timeout": "5s"}}) as port:
        (process,) = [
            one
            for one in psutil.Process().children()
            if one.name().startswith("prometheus-blac") or "blackbox" in " ".join(one.cmdline())
        ]
        before = used(process)
        threads = [
            threading.Thread(
                target=lambda: [blackbox.success(port, url, "web") for _ in range(BLACKBOX // 4)]
            )
            for _ in range(4)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return BLACKBOX / (used(process) - before)


def main() -> None:
    with tempfile.TemporaryDirectory() as name, site(Path(name)) as url:
        folder = Path(name)
        server = installed(folder / "data")
        server.start()
        time.sleep(5)
        idle = server.pss()
        server.stop()
        try:
            filled(server, url, INTERVAL)
            first = until_checked(server)
            figures = measured(server, idle)
        finally:
            server.stop()
        theirs = of_blackbox(folder, url)
        read = pages(folder / "pages", url)
        ours = next(f.value for f in figures if f.figure == "checks a second of its CPU")
    finish([
        *figures,
        *read,
        Figure(BENCH, "first pass after a restart", first, "s", f"<= {INTERVAL + 2}"),
        Figure(BENCH, "blackbox_exporter, probes a second of its CPU", theirs, "probes/s"),
        Figure(BENCH, "times as many as blackbox_exporter", ours / theirs, "x", ">= 4"),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
