"""How long the front door's own Python takes for one 24 KB event: `python benchmarks/micro_intake.py`.

The log answers at once and the body is handed over in one piece, so this is the cost of intake alone.
"""

import asyncio
import gzip
import json
import time
import zlib
from concurrent.futures import Future

from vedette.core.clock import SystemClock
from vedette.intake.http import Intake
from vedette.intake.ports import ProjectKey
from vedette.intake.usage import MemoryUsage
from vedette.plumbing.files.memory import MemoryFiles

KEY = "0123456789abcdef0123456789abcdef"
EVENT_ID = "fc6d8c0c43fc4630ad850ee518f1b9d0"
ROUNDS = 5_000


class _Log:
    """Takes everything and says at once that it is on disk."""

    def publish(self, *_: object) -> "Future[int]":
        future: Future[int] = Future()
        future.set_result(1)
        return future


class _Keys:
    def find(self, key: str) -> ProjectKey | None:
        return ProjectKey(key, 1) if key == KEY else None


def event() -> bytes:
    """Return an envelope with an event of about 24 KB."""
    frames = [
        {
            "function": f"step_{n}",
            "module": "shop.orders",
            "filename": "shop/orders.py",
            "lineno": n,
            "context_line": "    total = sum(row['price'] * row['qty'] for row in rows)",
            "pre_context": ["    rows = load(order)"] * 5,
            "post_context": ["    return total"] * 5,
            "vars": {f"name_{i}": f"value {i} of {n}" for i in range(12)},
            "in_app": True,
        }
        for n in range(32)
    ]
    exception = {"values": [{"type": "OrderError", "value": "no", "stacktrace": {"frames": frames}}]}
    payload = json.dumps({"event_id": EVENT_ID, "exception": exception}, separators=(",", ":")).encode()
    header = {"event_id": EVENT_ID, "sent_at": "2026-11-25T03:00:00.123456Z"}
    item = {"type": "event", "length": len(payload)}
    return b"\n".join((json.dumps(header).encode(), json.dumps(item).encode(), payload, b""))


async def _measure(body: bytes, encoding: list[tuple[bytes, bytes]]) -> float:
    intake = Intake(_Log(), _Keys(), MemoryUsage(), SystemClock(), files=MemoryFiles())  # type: ignore[arg-type]
    auth = f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.0".encode()
    headers = [
        (b"host", b"localhost:8700"),
        (b"user-agent", b"sentry.python/2.0"),
        (b"x-sentry-auth", auth),
        (b"content-length", str(len(body)).encode()),
        *encoding,
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/1/envelope/",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    statuses = []

    async def send(message: dict[str, object]) -> None:
        if "status" in message:
            statuses.append(message["status"])

    best = 1e9
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(ROUNDS // 5):
            await intake(scope, receive, send)  # type: ignore[arg-type]
        best = min(best, (time.perf_counter() - start) / (ROUNDS // 5))
    assert set(statuses) == {200}, set(statuses)
    return best * 1e6


def main() -> None:
    plain = event()
    packed = gzip.compress(plain)
    inflating = min(_time(lambda: zlib.decompress(packed, 31)) for _ in range(5))
    print(f"event {len(plain)} bytes, gzip {len(packed)} bytes")
    print(f"zlib alone        {inflating:7.1f} us")
    print(f"identity          {asyncio.run(_measure(plain, [])):7.1f} us")
    with_gzip = asyncio.run(_measure(packed, [(b"content-encoding", b"gzip")]))
    print(f"gzip              {with_gzip:7.1f} us, without zlib {with_gzip - inflating:.1f} us")


def _time(call: object) -> float:
    start = time.perf_counter()
    for _ in range(1000):
        call()  # type: ignore[operator]
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    main()
