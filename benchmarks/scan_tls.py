"""How long one scan of a server's TLS takes, and what it costs in memory: a fresh process each time, an nginx of ours on loopback."""

import resource
import tempfile
import time
from pathlib import Path

from tests.support.tls_servers import Servers

from benchmarks.report import Figure, finish
from vedette.core.address import AddressPolicy
from vedette.instruments.scan.tls.scanner import scan
from vedette.instruments.scan.types import Asked, silent

BENCH = "scan_tls"
TRIALS = 7
NAMES = ("right, EC", "TLS 1.0")


def timed(servers: Servers, name: str) -> float:
    asked = Asked(
        target=f"127.0.0.1:{servers.ports[name]}", now=time.time(), feeds=servers.root.parent, policy=AddressPolicy(allow_private=True),
        options={"server_name": "shop.test", "authority": str(servers.root)}, deadline=30,
    )  # fmt: skip
    begun = time.perf_counter()
    report = scan(asked, silent)
    took = time.perf_counter() - begun
    assert report.complete, report.unknown
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder), NAMES)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            times = {name: sorted(timed(servers, name) for _ in range(TRIALS)) for name in NAMES}
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            servers.close()
    spent = (used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime) / (TRIALS * len(NAMES))
    memory = used.ru_maxrss / 1024
    figures = [
        Figure(BENCH, f"a server that is {name}, median", found[TRIALS // 2], "s", "<= 1.5")
        for name, found in times.items()
    ]
    finish(
        [
            *figures,
            Figure(BENCH, "processor time of a scan", spent, "s"),
            Figure(BENCH, "memory of the process that looks", memory, "MiB", "<= 300"),
        ]
    )


if __name__ == "__main__":
    main()
