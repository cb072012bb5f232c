"""A thousand agents that each measure every ten seconds: what that takes of one core, and of the disk.

All of Vedette runs on one core, the agents on the other. Each batch is signed and comes on a connection of its own, while a
poll of each agent waits. What was acknowledged is counted through the service after the load. Putting an hour together is
measured apart, and what it takes of a core is added, as it comes an hour later. Each agent measures 120 series.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.monitors import on
from benchmarks.report import Figure, finish

BENCH = "agents"
AGENTS = int(os.environ.get("BENCH_AGENTS", "1000"))
SECONDS = float(os.environ.get("VEDETTE_BENCH_SECONDS", "30"))
HOURS = 12  # that are put together apart
_FILL = """
import sys
from benchmarks.agent_load import key_of
from vedette.app import tools
with tools.opened() as ports:
    from vedette.hosts.store import hosts
    from vedette.plumbing.db.sql import transaction
    with transaction():
        for n in range(1, int(sys.argv[1]) + 1):
            key = key_of(n)
            hosts.add(f"host-{n}", key.public, key.fingerprint, "bench", ports.clock.now())
"""
_COUNT = """
from vedette.app import tools
with tools.opened() as ports:
    from vedette.hosts import service
    now = ports.clock.now()
    rows = [service.levels(host, lambda name: name == "cpu.used.percent", now - 600, now + 1, 1.0) for host in service.every()]
    print(sum(one is not None for row in rows for level in row.values() for one in level))
"""
_ROLL = """
import random, sys, time
from benchmarks.agent_load import NAMES
from vedette.app import tools
with tools.opened() as ports:
    from vedette.hosts import blocks, service
    from vedette.hosts.store import hosts, shelf
    now = ports.clock.now() // 86_400 * 86_400
    host = hosts.add("rolled", bytes(32), "f" * 32, "bench", now)
    chance, values, layouts = random.Random(1), [50.0] * len(NAMES), shelf.Layouts()
    for n in range(int(sys.argv[1]) * 360):
        values = [value + chance.uniform(-1, 1) if k % 3 else value for k, value in enumerate(values)]
        shelf.put([(host.id, now - int(sys.argv[1]) * 3600 + n * 10, NAMES, values)], [], layouts)
    began = time.process_time()
    done = 0
    while service.roll(now + 400):
        done += 1
    took = (time.process_time() - began) / done
    sizes = [sum(map(len, shelf.read(name, host.id, 0, now))) for name in (shelf.FINE, shelf.FIVE, shelf.HOURLY)]
    print(took, *sizes)
"""


def run(server: Vedette, program: str, *args: str) -> str:
    """Run a program on the data of a server."""
    words = [*on(1), sys.executable, "-c", program, *args]
    env = {**server.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout


def load(server: Vedette, seconds: float) -> dict[str, float]:
    """Run the agents and return their figures."""
    words = ["-m", "benchmarks.agent_load", "--port", str(server.port), "--agents", str(AGENTS), "--polls"]
    command = [*on(1), sys.executable, *words, "--seconds", str(seconds)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def measured(server: Vedette) -> list[Figure]:
    """Return what a while of reports came to."""
    warm = load(server, 10)
    cpu, began, memory = server.cpu_seconds(), time.perf_counter(), server.pss()
    found = load(server, SECONDS)
    cpu, took = server.cpu_seconds() - cpu, time.perf_counter() - began
    if found["failed"]:
        print(found["first_failure"], file=sys.stderr)
    counted = int(run(server, _COUNT))
    return [
        Figure(BENCH, "samples a second", found["sent"] / took, "samples/s"),
        Figure(BENCH, "refused or failed", found["failed"], "batches", "<= 0"),
        Figure(
            BENCH, "acknowledged and not there", found["sent"] + warm["sent"] - counted, "samples", "<= 0"
        ),
        Figure(BENCH, "CPU of all of Vedette", cpu / took * 100, "% of a core"),
        Figure(BENCH, "from due to recorded, p99", found["p99_ms"], "ms"),
        Figure(BENCH, "PSS", memory / 2**20, "MiB"),
    ]


def rolled(folder: Path) -> tuple[float, list[Figure]]:
    """Return the share of a core (percent) that putting hours together takes, and what is left of them on disk."""
    other = Vedette(folder, free_port())
    took, fine, five, hourly = map(float, run(other, _ROLL, str(HOURS)).split())
    share = took * AGENTS / 3_600 * 100
    year = fine / HOURS * 48 + five / HOURS * 24 * 14 + hourly / HOURS * 24 * 365
    return share, [
        Figure(BENCH, "putting an hour of a host together", took * 1e3, "ms"),
        Figure(BENCH, "the same for all, every hour", share, "% of a core"),
        Figure(BENCH, "an hour at 10 s, of a host", fine / HOURS / 1024, "KiB"),
        Figure(BENCH, "an hour at 5 min, of a host", five / HOURS / 1024, "KiB"),
        Figure(BENCH, "an hour at an hour, of a host", hourly / HOURS / 1024, "KiB"),
        Figure(BENCH, "all that is kept of a host", year / 2**20, "MiB"),
    ]


def main() -> None:
    """Measure, and end with 1 on a miss."""
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(
            Path(folder) / "data", free_port(), command=[*on(0), *Vedette(Path(folder), 1).command]
        )
        server.start()
        server.stop()
        run(server, _FILL, str(AGENTS))
        server.start()
        try:
            figures = measured(server)
        finally:
            server.stop()
        share, more = rolled(Path(folder) / "rolled")
    whole = next(one.value for one in figures if one.figure.startswith("CPU")) + share
    finish([*figures, *more, Figure(BENCH, "CPU with putting together", whole, "% of a core", "<= 40")])


if __name__ == "__main__":
    main()
