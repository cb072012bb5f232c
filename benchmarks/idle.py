"""What Vedette takes while nothing happens, and how soon it is ready."""

import tempfile
import time
from pathlib import Path

from tests.support.server import Vedette, free_port

from benchmarks.report import Figure, finish

BENCH = "idle"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Vedette(Path(folder) / "data", free_port()).start()
        first.stop()
        server = Vedette(first.data, first.port).start()
        try:
            server.request("GET", "/sign-in/")
            time.sleep(5)
            cpu, begin = server.cpu_seconds(), time.perf_counter()
            time.sleep(20)
            share = (server.cpu_seconds() - cpu) / (time.perf_counter() - begin) * 100
            memory = server.pss() / 2**20
        finally:
            stopping = server.stop()
    finish([
        Figure(BENCH, "ready after start, new data folder", first.ready_seconds, "s"),
        Figure(BENCH, "ready after start", server.ready_seconds, "s", "<= 3"),
        Figure(BENCH, "PSS of the tree", memory, "MiB", "<= 130"),
        Figure(BENCH, "CPU", share, "% of a core", "<= 1"),
        Figure(BENCH, "stopping on SIGTERM", stopping, "s", "<= 5"),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
