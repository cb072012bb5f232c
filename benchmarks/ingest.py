"""How fast the front door takes events and the rooms digest them, beside `limit.py` in the same run.

An event counts when the API shows it after the drain; so the rates are end to end. `limit.py` is the yardstick: a throw-away
server with no quotas, scrubbing, search or alerts, that stores once.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.support.ports import free_port
from tests.support.server import Project, Vedette

from benchmarks.report import Figure, finish
from benchmarks.seed import seed

BENCH = "ingest"
SECONDS = float(os.environ.get("VEDETTE_BENCH_SECONDS", "10"))
COUNTED_BY_API = {
    "VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "100000",  # the drain is watched page by page
    "VEDETTE_SPIKE_EVENTS_PER_MINUTE": "0",  # what is measured is events kept whole
}
SEEDED_ISSUES, SEEDED_EVENTS = 200_000, 2_000_000


def load(dsn: str, *args: str) -> dict[str, float]:
    """Run the load generator in a process of its own and return its figures."""
    command = [sys.executable, "-m", "benchmarks.load", "--dsn", dsn, "--seconds", str(SECONDS), *args]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def limit_rate(conns: int) -> float:
    """Return the events a second that `limit.py` takes."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "PROTO_DB": f"{folder}/limit.db", "PROTO_SYNC": "FULL", "PROTO_KEY": "abc"}
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--port",
            str(port),
            "--log-level",
            "error",
        ]
        server = subprocess.Popen([*command, "benchmarks.limit:app"], env=env)
        try:
            wait_for_port(port)
            return load(f"http://abc@127.0.0.1:{port}/1", "--conns", str(conns))["rate"]
        finally:
            server.terminate()
            server.wait()


def wait_for_port(port: int) -> None:
    import socket

    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def digested(server: Vedette, project: Project) -> int:
    """Return how many of the project's events the API shows."""
    total, cursor = 0, ""
    while True:
        path = f"/issues?project={project.slug}&n=100" + (f"&cursor={cursor}" if cursor else "")
        status, page = server.api("GET", path)
        assert status == 200, page
        total += sum(issue["events"] for issue in page["items"])
        cursor = page["cursor"] or ""
        if not cursor:
            return total


def drained(server: Vedette, project: Project, expected: int) -> float:
    """Wait until the API shows what was accepted; return the seconds that took."""
    began = time.perf_counter()
    while (seen := digested(server, project)) < expected:
        if time.perf_counter() - began > 120:
            raise SystemExit(f"LOST: {expected - seen} of {expected} acknowledged events are not there")
        time.sleep(0.05)
    assert seen == expected, f"{seen} events shown, {expected} acknowledged"
    return time.perf_counter() - began


class Watch:
    """Samples the memory of a server while a load runs."""

    def __init__(self, server: Vedette) -> None:
        self.peak = 0
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            self.peak = max(self.peak, self._server.pss())


def disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def measure(server: Vedette, project: Project, conns: int, before: int) -> dict[str, float]:
    """Run a closed loop, wait for the drain, and return the end-to-end figures."""
    cpu = server.cpu_seconds()
    with Watch(server) as watch:
        run = load(project.dsn, "--conns", str(conns))
    drain = drained(server, project, before + int(run["accepted"]))
    run["end_to_end"] = run["accepted"] / (run["elapsed"] + drain)
    run["cpu_ms"] = (server.cpu_seconds() - cpu) / run["accepted"] * 1e3
    run["pss_mib"] = watch.peak / 2**20
    return run


def visible_ms(server: Vedette, project: Project, tries: int = 30) -> float:
    """Return the 95th percentile of the time from sending an event to seeing it through the API, when idle."""
    server.send({"message": "visible"}, project)
    issue = server.wait(
        lambda: [i for i in server.issues("visible", project.slug) if i["title"] == "visible"]
    )[0]
    path, times = f"/issues/{issue['id']}", []
    for n in range(tries):
        begin = time.perf_counter()
        server.send({"message": "visible"}, project)
        while server.api("GET", path)[1]["events"] < n + 2:
            pass
        times.append(time.perf_counter() - begin)
    return statistics.quantiles(times, n=20)[-1] * 1e3


def fresh(folder: Path) -> tuple[Vedette, Project]:
    server = Vedette(folder / "data", free_port(), env=COUNTED_BY_API).start()
    return server, server.add_project("bench", "python")


def small_store() -> tuple[list[Figure], float]:
    """Measure on an empty store; return the figures and the rate at 8 connections."""
    with tempfile.TemporaryDirectory() as folder:
        server, project = fresh(Path(folder))
        try:
            visible = visible_ms(server, project)
            limits = {conns: limit_rate(conns) for conns in (8, 32)}
            size, shown = disk(server.data), digested(server, project)
            runs: dict[int, dict[str, float]] = {}
            for conns in (8, 32):
                runs[conns] = measure(server, project, conns, shown)
                shown += int(runs[conns]["accepted"])
            per_event = settled_size(server, size) / sum(run["accepted"] for run in runs.values())
            half = load(project.dsn, "--conns", "16", "--rate", str(runs[8]["end_to_end"] / 2))
            drained(server, project, shown + int(half["accepted"]))
        finally:
            server.stop()
    figures = [
        Figure(BENCH, "visible when idle, p95", visible, "ms", "<= 50"),
        Figure(BENCH, "p99 at half load", half["p99_ms"], "ms", "<= 60"),
        Figure(
            BENCH, "PSS of the tree under load", max(r["pss_mib"] for r in runs.values()), "MiB", "<= 190"
        ),
        Figure(BENCH, "disk", per_event / 1000, "KB/event", "<= 7"),
    ]
    for conns, run in runs.items():
        figures += [
            Figure(BENCH, f"limit.py, {conns} connections", limits[conns], "events/s"),
            Figure(BENCH, f"end to end, {conns} connections", run["end_to_end"], "events/s", ">= 1200"),
            Figure(
                BENCH,
                f"share of limit.py, {conns} connections",
                run["end_to_end"] / limits[conns] * 100,
                "%",
                ">= 40",
            ),
            Figure(BENCH, f"acknowledged, {conns} connections", run["rate"], "events/s"),
            Figure(BENCH, f"p50, {conns} connections", run["p50_ms"], "ms"),
            Figure(BENCH, f"p99, {conns} connections", run["p99_ms"], "ms"),
            Figure(BENCH, f"CPU, {conns} connections", run["cpu_ms"], "ms/event"),
        ]
    return figures, runs[8]["end_to_end"]


def settled_size(server: Vedette, before: int) -> int:
    """Return the bytes added once the journal's segments are gone."""
    journal = server.data / "journal"
    end = time.perf_counter() + 90
    while (
        sum(p.stat().st_size for p in journal.glob("*") if p.is_file()) > 2_000_000
        and time.perf_counter() < end
    ):
        time.sleep(0.5)
    return disk(server.data) - before


def large_store(small_rate: float) -> list[Figure]:
    """Measure with two million events stored."""
    with tempfile.TemporaryDirectory() as folder:
        server, _ = fresh(Path(folder))
        server.stop()
        began = time.perf_counter()
        seed(server.data, SEEDED_ISSUES, SEEDED_EVENTS)
        seconds = time.perf_counter() - began
        server = Vedette(server.data, server.port, env=COUNTED_BY_API).start()
        try:
            # A project beside the seeded one: what arrived is counted from its few issues.
            run = measure(server, server.add_project("load", "python"), 8, 0)
        finally:
            server.stop()
    slower = (1 - run["end_to_end"] / small_rate) * 100
    return [
        Figure(BENCH, "seeding 200,000 issues, 2 million events", seconds, "s", "<= 300"),
        Figure(BENCH, "end to end with 2 million events", run["end_to_end"], "events/s", ">= 1200"),
        Figure(BENCH, "slower with 2 million events", slower, "%", "<= 10"),
    ]


if __name__ == "__main__":
    measured, rate = small_store()
    if os.environ.get("VEDETTE_BENCH_SMALL") != "1":
        measured += large_store(rate)
    finish(measured)
