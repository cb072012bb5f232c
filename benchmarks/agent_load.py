"""Agents that report a sample every ten seconds each, signed for real, each batch on a connection of its own, and whose polls wait.

    python -m benchmarks.agent_load --port 8700 --agents 1000 --seconds 30

An open loop: a batch is sent when it is due, whether the one before was answered or not. Prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import time

import msgspec
import uvloop

from vedette.plumbing.seal import messages
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent import batches
from vedette.wire.agent.batches import ORDERS, REPORTS, Sheaf
from vedette.wire.agent.types import Process, Processes, Sample

EVERY, MINUTE, SERIES = 10.0, 60.0, 120
NAMES = ("cpu.used.percent", *(f"disk.used.bytes{{/srv/{n}}}" for n in range(20)), *(f"series.{n}.value" for n in range(SERIES - 21)))  # fmt: skip
TOP = tuple(Process(n, f"process-{n}", "www-data", 100.0 / (n + 1), 2**24 * n) for n in range(20))


def key_of(n: int) -> SigningKey:
    """Return the key of the n-th agent."""
    return SigningKey(n.to_bytes(32, "big"))


class Agent:
    """One agent; `sent` are its samples that were acknowledged."""

    def __init__(self, n: int, port: int) -> None:
        self.key, self.port, self.number = key_of(n), port, 1
        self.chance = random.Random(n)
        self.values = [self.chance.random() * 100 for _ in NAMES]
        self.origin = os.urandom(16).hex()
        self.told = 0.0
        self.sent = 0
        self.times: list[float] = []
        self.failed: list[str] = []

    async def run(self, begin: float, end: float) -> None:
        """Report whenever it is due."""
        due = begin + self.chance.random() * EVERY
        going = []
        while due < end:
            await asyncio.sleep(max(0.0, due - time.time()))
            going.append(asyncio.ensure_future(self.report(due)))
            due += EVERY
        await asyncio.gather(*going)

    async def report(self, due: float) -> None:
        """Send a sample, and once a minute the processes."""
        self.values = [value + self.chance.uniform(-1, 1) for value in self.values]
        reports = [batches.pack(Sample(at=time.time(), values=dict(zip(NAMES, self.values, strict=True))))]
        if due - self.told >= MINUTE:
            self.told = due
            reports.append(batches.pack(Processes(at=time.time(), top=TOP)))
        sheaf = Sheaf(
            origin=self.origin, first=self.number, sent_at=time.time(), version="1.0",
            reports=tuple(map(msgspec.Raw, reports)),
        )  # fmt: skip
        self.number += len(reports)
        body = batches.bundle(sheaf)
        answer = await self.ask("POST", f"{REPORTS}?lane=measures", body)
        if answer.startswith(b"HTTP/1.1 200"):
            self.sent += 1
            self.times.append(time.time() - due)
        else:
            self.failed.append(answer[:400].decode("latin-1"))

    async def poll(self) -> None:
        """Wait for orders again and again."""
        since = ""
        while True:
            answer = await self.ask("GET", f"{ORDERS}?since={since}&version=1.0", b"")
            _, _, body = answer.partition(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                self.failed.append(answer[:400].decode("latin-1"))
                await asyncio.sleep(1)
                continue
            since = json.loads(body)["revision"]

    async def ask(self, method: str, target: str, body: bytes) -> bytes:
        """Ask once, on a connection of its own."""
        signed = messages.signed_request(self.key, method, target, body, time.time())
        described = {"Content-Type": batches.PACKED, "Content-Encoding": "zstd"} if body else {}
        headers = {
            "Host": "127.0.0.1",
            "Connection": "close",
            "Content-Length": str(len(body)),
            **signed,
            **described,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body)
            found = await reader.read()
            writer.close()
        except OSError as error:
            return str(error).encode()
        return found


async def main(args: argparse.Namespace) -> None:
    """Run all agents."""
    agents = [Agent(n, args.port) for n in range(1, args.agents + 1)]
    polls = [asyncio.ensure_future(agent.poll()) for agent in agents] if args.polls else []
    begin = time.time() + 1
    await asyncio.gather(*(agent.run(begin, begin + args.seconds) for agent in agents))
    for poll in polls:
        poll.cancel()
    times = sorted(value for agent in agents for value in agent.times)
    failed = [text for agent in agents for text in agent.failed]
    found = {
        "sent": sum(agent.sent for agent in agents), "failed": len(failed), "first_failure": failed[0] if failed else "",
        "p99_ms": times[int(len(times) * 0.99)] * 1e3 if times else 0.0, "elapsed": time.time() - begin,
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--polls", action="store_true")
    uvloop.run(main(parser.parse_args()))
