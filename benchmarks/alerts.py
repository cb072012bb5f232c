"""Pushed alerts: how fast they come in, what 100,000 of them cost, and how soon somebody hears of one more.

Alertmanager takes the same alerts in the same run. It keeps them in memory; Vedette answers once they are on disk.
An alert counts when the API shows it after the drain.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.alertmanager import alertmanager, install_routing, post
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.alert_load import LASTS, instant
from benchmarks.pages import Reader
from benchmarks.report import Figure, finish
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.routing import Route
from vedette.alerts.types import Receiver, Routing

BENCH = "alerts"
ALIVE, BATCHED, SINGLY = 100_000, 80_000, 20_000
CHANNELS, SAMPLES, PER_SECOND = 30, 240, 4.0
ROOMY = {
    "VEDETTE_MAX_ALERTS_PER_KEY": "1000000",
    "VEDETTE_MAX_ALERTS_PER_MINUTE": "100000000",
    "VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "10000000",
}
THEIRS = """
route: {receiver: nobody, group_by: [alertname, cluster]}
receivers: [{name: nobody}]
"""


class Told:
    """A receiver on loopback that notes when it heard of which sample."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def _handler(told: "Told") -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                now = time.perf_counter()
                for alert in json.loads(body)["alerts"]:
                    told.at.setdefault(alert["labels"].get("sample", ""), now)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def routing() -> Routing:
    """Return routes as a team has them, and one a channel for the samples: a channel is told ten times a minute."""
    samples = tuple(
        Route(
            matchers=(Matcher("channel", Operator.EQUAL, f"c{n}"),),
            receiver=f"c{n}",
            group_by=("sample",),
        )
        for n in range(CHANNELS)
    )
    receivers = [
        Receiver(name="team", channels=("team",)),
        *(Receiver(name=f"c{n}", channels=(f"c{n}",)) for n in range(CHANNELS)),
    ]
    tree = Route(receiver="team", group_by=("alertname", "cluster"), routes=samples)
    return Routing(tree=tree, receivers=tuple(receivers), source="hand")


def load(url: str, secret: str, *args: object) -> dict[str, float]:
    """Run the load generator in a process of its own and return its figures."""
    command = [sys.executable, "-m", "benchmarks.alert_load", "--url", url, "--secret", secret]
    done = subprocess.run([*command, *map(str, args)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def drain(server: Vedette) -> float:
    """Wait until every delivery is taken in; return the seconds that took."""
    begin, headers = time.perf_counter(), {"Authorization": f"Bearer {server.token}"}
    while True:
        _, _, body = server.request("GET", "/metrics", headers=headers)
        if b"\nvedette_pushed_waiting 0\n" in body:
            return time.perf_counter() - begin
        time.sleep(0.05)


def alive(server: Vedette) -> int:
    """Return how many alerts fire, as the API shows them page by page."""
    total, cursor = 0, ""
    while True:
        _, page = server.api("GET", "/alerts?firing=true&limit=100" + (f"&cursor={cursor}" if cursor else ""))
        total += len(page["items"])
        cursor = page["cursor"]
        if not cursor:
            return total


def pushes(server: Vedette) -> list[Figure]:
    """Push until 100,000 are alive; return the figures."""
    batched = load(server.url, server.token, "--alerts", BATCHED, "--batch", 100)
    tail = drain(server)
    singly = load(
        server.url, server.token, "--first", BATCHED, "--alerts", SINGLY, "--batch", 1, "--conns", 32
    )
    tail_singly = drain(server)
    assert alive(server) == ALIVE, alive(server)
    return [
        Figure(BENCH, "pushed in batches of 100", batched["rate"], "alerts/s", ">= 5000"),
        Figure(BENCH, "the same, until all are shown", BATCHED / (batched["elapsed"] + tail), "alerts/s"),
        Figure(BENCH, "pushed singly, 32 connections", singly["rate"], "alerts/s", ">= 1000"),
        Figure(BENCH, "the same, until all are shown", SINGLY / (singly["elapsed"] + tail_singly), "alerts/s"),
        Figure(BENCH, "a single push answered, p99", singly["p99_ms"], "ms"),
    ]  # fmt: skip


def beside(folder: Path) -> list[Figure]:
    """Return what Alertmanager takes."""
    with alertmanager(folder, THEIRS) as url:
        batched = load(url, "", "--alerts", BATCHED, "--batch", 100)
        singly = load(url, "", "--first", BATCHED, "--alerts", SINGLY, "--batch", 1, "--conns", 32)
    return [
        Figure(BENCH, "Alertmanager, in batches of 100", batched["rate"], "alerts/s"),
        Figure(BENCH, "Alertmanager, singly", singly["rate"], "alerts/s"),
    ]


def latencies(server: Vedette, told: Told) -> list[float]:
    """Push critical alerts one by one; return the seconds from each push to the receiver."""
    sent: dict[str, float] = {}
    due = time.perf_counter()
    for n in range(SAMPLES):
        time.sleep(max(0.0, due - time.perf_counter()))
        labels = {
            "alertname": "Sample",
            "sample": f"s{n}",
            "channel": f"c{n % CHANNELS}",
            "severity": "critical",
        }
        sent[f"s{n}"] = time.perf_counter()
        post(server.url, [{"labels": labels, "endsAt": instant(time.time() + LASTS)}], server.token)
        due += 1 / PER_SECOND
    end = time.perf_counter() + 30
    while sent.keys() - told.at.keys() and time.perf_counter() < end:
        time.sleep(0.05)
    assert not sent.keys() - told.at.keys(), sent.keys() - told.at.keys()
    return [told.at[name] - at for name, at in sent.items()]


def pages(server: Vedette) -> list[Figure]:
    """Return the 95th percentiles of the pages of alerts."""
    reader = Reader(server)
    _, found = server.api("GET", "/alerts?firing=true&limit=100")
    ids = [item["id"] for item in found["items"]]
    kinds: dict[str, Callable[[int], str]] = {
        "alerts": lambda _: "/alerts/",
        "acknowledged": lambda _: "/alerts/?state=acknowledged",
        "alert": lambda n: f"/alerts/{ids[n % len(ids)]}/",
        "silences": lambda _: "/alerts/silences/",
        "new silence": lambda _: "/alerts/silences/new/",
        "routes": lambda _: "/alerts/routes/",
        "rules": lambda _: "/settings/rules/",
        "overview": lambda _: "/",
    }
    return [Figure(BENCH, f"{name}, p95", reader.p95(path), "ms", "<= 60") for name, path in kinds.items()]


def measure(server: Vedette, told: Told) -> list[Figure]:
    """Return every figure of a running server."""
    Reader(server).p95(lambda _: "/alerts/")
    idle = server.pss()
    figures = pushes(server)
    grown = (server.pss() - idle) / 2**20
    waits = latencies(server, told)
    cuts = statistics.quantiles(waits, n=100)
    return [
        *figures,
        Figure(BENCH, "memory above idle, 100,000 alive", grown, "MiB", "<= 250"),
        Figure(BENCH, "pushed to webhook, p50", cuts[49] * 1e3, "ms"),
        Figure(BENCH, "pushed to webhook, p99", cuts[98] * 1e3, "ms", "<= 1000"),
        *pages(server),
    ]


def main() -> None:
    """Start, measure, print."""
    told = Told()
    hooks: dict[str, Any] = {"team": told.url, **{f"c{n}": told.url for n in range(CHANNELS)}}
    with tempfile.TemporaryDirectory() as folder:
        server = Vedette(Path(folder) / "data", free_port(), env=ROOMY)
        install_routing(server, routing(), hooks)
        server.start()
        try:
            figures = measure(server, told)
        finally:
            server.stop()
        figures += beside(Path(folder) / "alertmanager")
    finish(figures)


if __name__ == "__main__":
    main()
