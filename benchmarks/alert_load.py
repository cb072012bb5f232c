"""Load generator for `POST /api/v2/alerts`, of Vedette and of Alertmanager: new alerts, each its own label set.

    python -m benchmarks.alert_load --url http://127.0.0.1:9093 --first 0 --alerts 10000 --batch 100 --conns 8

Closed loop: each connection sends as soon as it is answered. Prints one JSON object; what was not answered 200 is not counted.
"""

import argparse
import asyncio
import json
import time
from collections import deque

import uvloop

from benchmarks.load import Connection, Outcome

NAMES, CLUSTERS = 200, 5
LASTS = 3_600.0


def alert(n: int, ends: str) -> dict[str, object]:
    """Return the n-th alert as Prometheus pushes it: a thousand groups by name and cluster."""
    labels = {
        "alertname": f"Load{n % NAMES}",
        "cluster": f"c{n // NAMES % CLUSTERS}",
        "instance": f"host-{n}.example:9100",
        "job": "node",
        "severity": "warning",
    }
    told = {"summary": f"Host {n} is busy", "description": "Load is above 4 for ten minutes."}
    link = "http://prometheus.example:9090/graph?g0.expr=node_load1+%3E+4"
    return {"labels": labels, "annotations": told, "endsAt": ends, "generatorURL": link}


def instant(at: float) -> str:
    """Return an instant as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def bodies(first: int, alerts: int, batch: int) -> deque[tuple[int, bytes]]:
    """Return the requests to send: how many alerts each holds, and its body."""
    ends = instant(time.time() + LASTS)
    starts = range(first, first + alerts, batch)
    parts = [[alert(n, ends) for n in range(at, min(at + batch, first + alerts))] for at in starts]
    return deque((len(part), json.dumps(part).encode()) for part in parts)


async def send(url: str, headers: str, waiting: deque[tuple[int, bytes]], outcome: Outcome) -> None:
    """Send what waits over one connection until nothing does."""
    connection = Connection(url, "/api/v2/alerts", headers)
    while waiting:
        n, body = waiting.popleft()
        begin = time.perf_counter()
        status = await connection.post(body)
        outcome.latencies.append(time.perf_counter() - begin)
        outcome.statuses[status] += n
    connection.close()


async def drive(url: str, secret: str, waiting: deque[tuple[int, bytes]], conns: int) -> dict[str, object]:
    """Run the load and return its figures; the rate is of alerts."""
    headers = "User-Agent: Prometheus/3.0\r\nContent-Type: application/json\r\n"
    headers += f"Authorization: Bearer {secret}\r\n" if secret else ""
    outcome, begin = Outcome(), time.perf_counter()
    await asyncio.gather(*(send(url, headers, waiting, outcome) for _ in range(conns)))
    return outcome.as_dict(time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--secret", default="")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--conns", type=int, default=8)
    args = parser.parse_args()
    waiting = bodies(args.first, args.alerts, args.batch)
    print(json.dumps(uvloop.run(drive(args.url, args.secret, waiting, args.conns))))


if __name__ == "__main__":
    main()
