"""The digests of two hundred projects while events come in: how long all of them take, and what that does to intake.

The server makes them by its own scheduler, out of a fortnight of issues, monitors and moments of each project. Events are
sent at a steady rate to one project, once while digests are made and once after; what arrived is counted over the API
when it is digested.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.ingest import drained, load
from benchmarks.report import Figure, finish

BENCH = "digest"
PROJECTS = int(os.environ.get("BENCH_PROJECTS", "200"))
SECONDS, RATE, MOST_SECONDS = 20, 100, 300.0
_FILL = """
import sys, msgspec
from vedette.app import tools
DAY, HOUR = 86_400.0, 3_600.0
with tools.opened() as ports:
    from vedette.accounts.permissions import SYSTEM
    from vedette.monitors import service as monitors
    from vedette.monitors.types import Config, MonitorDraft
    from vedette.plumbing.db import sql
    from vedette.projects import service as projects
    from vedette.signals import service as signals
    from vedette.signals.types import Moment
    now = ports.clock.now()
    hour = int(now // HOUR)
    config = Config(interval=3600.0, request=msgspec.Raw(b'{"url":"http://127.0.0.1:9/"}'))
    with sql.transaction():
        for n in range(int(sys.argv[1])):
            made = projects.create_project(SYSTEM, f"Project {n}", "python", now - 20 * DAY)
            for one in range(5):
                monitors.create(SYSTEM, made.id, MonitorDraft(name=f"m{n}-{one}", slug=f"m{n}-{one}", kind="http", config=config), now)
            rows = [(-made.id, hour - back, 40) for back in range(0, 336)]
            rows += [(10_000_000 + n * 10 + issue, hour - back, 4) for issue in range(10) for back in range(0, 336, 6)]
            sql.executemany("INSERT INTO errors_hour (issue, hour, n) VALUES (%s, %s, %s)", rows)
            signals.record([
                Moment(at=now - k * HOUR, room="errors", kind="issue.new", subject=f"P{n}-{k}", text="New: KeyError", project=made.id)
                for k in range(200)
            ])
"""


def made(server: Vedette) -> int:
    """Return how many digests of projects stand in the database, by the server's own store."""
    script = "from vedette.app import tools\nwith tools.opened():\n    from vedette.reports.models import DigestRow\n    print(DigestRow.objects.filter(period='daily').count())"
    done = subprocess.run(
        [sys.executable, "-c", script], env=server.environ, check=True, capture_output=True, text=True
    )
    return int(done.stdout.split()[-1])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-digest-") as folder:
        server = Vedette(Path(folder) / "data", free_port()).start()
        project = server.project
        server.stop()
        subprocess.run([sys.executable, "-c", _FILL, str(PROJECTS)], env=server.environ, check=True)
        server.start()
        began = time.perf_counter()
        during = load(project.dsn, "--seconds", str(SECONDS), "--rate", str(RATE))
        while (found := made(server)) < PROJECTS + 1:
            if time.perf_counter() - began > MOST_SECONDS:
                raise SystemExit(f"{PROJECTS + 1 - found} digests are missing after {MOST_SECONDS:.0f} s")
            time.sleep(0.5)
        took = time.perf_counter() - began
        after = load(project.dsn, "--seconds", str(SECONDS), "--rate", str(RATE))
        drained(server, project, int(during["accepted"] + after["accepted"]))
        server.stop()
    finish([
        Figure(BENCH, f"{PROJECTS} daily digests (weekly ones beside), from the start", took, "s", "<= 60"),
        Figure(BENCH, f"{RATE} events/s while they are made, p99", during["p99_ms"], "ms"),
        Figure(BENCH, f"{RATE} events/s after, p99", after["p99_ms"], "ms"),
        Figure(BENCH, "slower while they are made, p99", during["p99_ms"] / after["p99_ms"], "x", "<= 3"),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
