"""Load generator for a Sentry-compatible intake: 24 KB events of a real SDK, unique ids, gzip.

    python -m benchmarks.load --dsn http://KEY@127.0.0.1:8700/1 --seconds 10 --conns 8 [--rate 500]

Closed loop by default (each connection sends as soon as it is answered); with `--rate` an open loop whose latency counts
from the instant a request was due. Prints one JSON object. Bodies are cheap to make: the unique head (ids, time, user) is a
*stored* deflate block in front of a tail compressed once, so the generator takes little of the machine it measures.
"""

import argparse
import asyncio
import dataclasses
import gzip
import json
import random
import struct
import time
import uuid
import zlib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

TEMPLATES = Path(__file__).parent / "templates.json.gz"
STORED_BLOCK = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x00"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


class Bodies:
    """Makes envelopes for one DSN."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn.encode()
        events = json.loads(gzip.decompress(TEMPLATES.read_bytes()))
        tails = [json.dumps(event, separators=(",", ":")).encode()[1:] + b"\n" for event in events]
        self.tails = [(tail, raw_deflate(tail)) for tail in tails]

    def next(self) -> tuple[str, bytes]:
        """Return a fresh event id and its gzipped envelope."""
        tail, packed = random.choice(self.tails)
        event_id, user = uuid.uuid4().hex, random.randrange(2000)
        head = (
            f'{{"event_id":"{event_id}","timestamp":{time.time():.6f},'
            f'"user":{{"id":"{user}","ip_address":"10.1.{user >> 8}.{user & 255}"}},'
        ).encode()
        plain = (
            b'{"event_id":"%s","dsn":"%s"}\n{"type":"event","content_type":"application/json","length":%d}\n'
            % (event_id.encode(), self.dsn, len(head) + len(tail) - 1)
        ) + head
        size = len(plain)
        crc = zlib.crc32(tail, zlib.crc32(plain))
        framed = STORED_BLOCK + struct.pack("<HH", size, size ^ 0xFFFF) + plain + packed
        return event_id, framed + struct.pack("<II", crc, (size + len(tail)) & 0xFFFFFFFF)


@dataclasses.dataclass
class Outcome:
    """What the run saw: latencies in seconds, answers by status, the last ids accepted."""

    latencies: list[float] = dataclasses.field(default_factory=list)
    statuses: Counter[int] = dataclasses.field(default_factory=Counter)
    wire_bytes: int = 0

    def as_dict(self, elapsed: float) -> dict[str, object]:
        """Return the figures, latencies in milliseconds."""
        ordered = sorted(self.latencies) or [0.0]
        cut = {
            f"p{p}_ms": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1e3 for p in (50, 95, 99)
        }
        return {
            "accepted": self.statuses[200], "statuses": dict(self.statuses), "elapsed": elapsed,
            "rate": self.statuses[200] / elapsed, "wire_bytes": self.wire_bytes // max(1, len(self.latencies)), **cut,
        }  # fmt: skip


class Connection:
    """A keep-alive HTTP/1.1 connection that reconnects when it was closed; `headers` are lines of its POSTs."""

    def __init__(self, url: str, path: str, headers: str) -> None:
        at = urlsplit(url)
        self.host, self.port = at.hostname or "", at.port or 80
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{headers}Content-Length: "
        ).encode()
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> int:
        """Send one envelope and return the status, 0 when the server would not talk."""
        for _ in range(2):
            try:
                return await self._exchange(body)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
        return 0

    async def _exchange(self, body: bytes) -> int:
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        writer.write(self.head + b"%d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        at = low.index(b"content-length:") + 15
        await reader.readexactly(int(low[at : low.index(b"\r\n", at)]))
        if b"connection: close" in low:
            self.close()
        return int(head[9:12])

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None


def to_envelopes(dsn: str) -> Connection:
    """Return a connection to the envelope endpoint of a DSN."""
    url = urlsplit(dsn)
    prefix, _, project = url.path.rpartition("/")
    headers = (
        "User-Agent: sentry.python/2.0\r\nContent-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\n"
        f"X-Sentry-Auth: Sentry sentry_key={url.username}, sentry_version=7, sentry_client=sentry.python/2.0\r\n"
    )
    return Connection(dsn, f"{prefix}/api/{project}/envelope/", headers)


async def closed_loop(bodies: Bodies, dsn: str, stop: float, outcome: Outcome) -> None:
    connection = to_envelopes(dsn)
    while (start := time.perf_counter()) < stop:
        await send(connection, bodies, start, outcome)
    connection.close()


async def send(connection: Connection, bodies: Bodies, due: float, outcome: Outcome) -> None:
    _, body = bodies.next()
    status = await connection.post(body)
    outcome.latencies.append(time.perf_counter() - due)
    outcome.statuses[status] += 1
    outcome.wire_bytes += len(body)


async def open_loop(
    bodies: Bodies, dsn: str, due_queue: "asyncio.Queue[float | None]", outcome: Outcome
) -> None:
    connection = to_envelopes(dsn)
    while (due := await due_queue.get()) is not None:
        await send(connection, bodies, due, outcome)
    connection.close()


async def drive(dsn: str, seconds: float, conns: int, rate: float) -> dict[str, object]:
    """Run the load and return its figures."""
    bodies, outcome = Bodies(dsn), Outcome()
    begin = time.perf_counter()
    stop = begin + seconds
    if rate:
        await paced(bodies, dsn, conns, rate, stop, outcome)
    else:
        await asyncio.gather(*(closed_loop(bodies, dsn, stop, outcome) for _ in range(conns)))
    return outcome.as_dict(time.perf_counter() - begin)


async def paced(  # noqa: PLR0917
    bodies: Bodies, dsn: str, conns: int, rate: float, stop: float, outcome: Outcome
) -> None:
    queue: asyncio.Queue[float | None] = asyncio.Queue()
    workers = [asyncio.create_task(open_loop(bodies, dsn, queue, outcome)) for _ in range(conns)]
    due = time.perf_counter()
    while (now := time.perf_counter()) < stop:
        while due <= now:
            queue.put_nowait(due)
            due += 1 / rate
        await asyncio.sleep(0.001)
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--conns", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0)
    args = parser.parse_args()
    print(json.dumps(uvloop.run(drive(args.dsn, args.seconds, args.conns, args.rate))))


if __name__ == "__main__":
    main()
