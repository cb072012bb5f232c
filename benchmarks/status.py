"""Status pages under a crowd: how many requests a second are answered from memory, while the states go on changing.

A load generator in a process of its own keeps connections open and asks again as soon as it is answered. It stands on
the same machine: what it takes of the processor is missing to the server.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.report import Figure, finish

BENCH = "status"
SECONDS, CONNECTIONS, COMPONENTS = 5.0, 32, 20


async def connection(port: int, path: str, end: float, took: list[float], etag: str = "") -> int:
    """Ask until the time is over; return the bytes of the bodies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    ask = f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n{etag}\r\n".encode()
    size = 0
    while time.perf_counter() < end:
        begin = time.perf_counter()
        writer.write(ask)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")), head
        if head.startswith(b"HTTP/1.1 200"):
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            size += length
        took.append(time.perf_counter() - begin)
    writer.close()
    return size


async def load(port: int, path: str, etag: str) -> dict[str, float]:
    """Ask over many connections; return the rate and the 99th percentile."""
    took: list[float] = []
    begin = time.perf_counter()
    head = f"If-None-Match: {etag}\r\n" if etag else ""
    await asyncio.gather(*(connection(port, path, begin + SECONDS, took, head) for _ in range(CONNECTIONS)))
    return {
        "rate": len(took) / (time.perf_counter() - begin),
        "p99_ms": statistics.quantiles(took, n=100)[98] * 1e3,
    }


def measured(server: Vedette, path: str, etag: str = "") -> dict[str, float]:
    """Run the load in a process of its own and return its figures."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.status",
        "--port",
        str(server.port),
        "--path",
        path,
        "--etag",
        etag,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def filled(server: Vedette) -> list[str]:
    """Make a page of heartbeats; return their addresses."""
    rhythm = {"schedule": {"kind": "every", "seconds": 3_600}, "grace": 600}
    made = [
        server.api("POST", "/monitors", {"name": f"m{n}", "config": {"rhythm": rhythm}})[1]
        for n in range(COMPONENTS)
    ]
    components = [{"monitor": str(one["id"]), "name": f"System {n}"} for n, one in enumerate(made)]
    status, said = server.api("PUT", "/status-pages/crowd", {"title": "Crowd", "components": components})
    assert status == 201, said
    server.wait(lambda: server.request("GET", "/s/crowd/")[0] == 200)
    return ["/ping/" + one["ping_url"].partition("/ping/")[2] for one in made]


def measure(server: Vedette) -> list[Figure]:
    """Return every figure of a running server."""
    pings = filled(server)
    whole = measured(server, "/s/crowd/")
    etag = server.request("GET", "/s/crowd/", headers={"Accept-Encoding": "br"})[1]["etag"]
    unchanged = measured(server, "/s/crowd/", etag)
    programs = measured(server, "/s/crowd/status.json")
    begin = time.perf_counter()
    server.request("GET", pings[0])
    before = b'"state":"works"'
    server.wait(lambda: before in server.request("GET", "/s/crowd/status.json")[2])
    return [
        Figure(
            BENCH,
            f"page of {COMPONENTS} systems, {CONNECTIONS} connections",
            whole["rate"],
            "requests/s",
            ">= 3000",
        ),
        Figure(BENCH, "the same, p99", whole["p99_ms"], "ms"),
        Figure(BENCH, "not changed (304)", unchanged["rate"], "requests/s", ">= 3000"),
        Figure(BENCH, "JSON", programs["rate"], "requests/s"),
        Figure(BENCH, "from a heartbeat to the page", time.perf_counter() - begin, "s", "<= 3"),
    ]


def main() -> None:
    """Measure, or be the load."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--path", default="")
    parser.add_argument("--etag", default="")
    told = parser.parse_args()
    if told.port:
        print(json.dumps(uvloop.run(load(told.port, told.path, told.etag))))
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(Path(folder) / "data", free_port()).start()
        try:
            figures = measure(server)
        finally:
            server.stop()
    finish(figures)


if __name__ == "__main__":
    main()
