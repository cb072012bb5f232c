"""How soon a hundred agents see a ban: from the moment that a host tells it until each poll is answered, signatures checked.

All of Vedette runs on one core, the agents on the other. A hundred agents wait with a poll each, on a connection of its own; one
of them reports a decision; that is done again and again. Beside it: a full list of bans for a guard.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

import msgspec
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.agent_load import Agent
from benchmarks.agents import _FILL, run
from benchmarks.monitors import on
from benchmarks.report import Figure, finish
from vedette.wire.agent import batches
from vedette.wire.agent.batches import ORDERS, REPORTS, Sheaf
from vedette.wire.agent.types import Decision, Measure, Scope

BENCH = "bans"
AGENTS = int(os.environ.get("BENCH_AGENTS", "100"))
ROUNDS = 40
STANDING = 20_000
_STAND = """
import sys
from vedette.accounts.permissions import SYSTEM
from vedette.app import tools
with tools.opened() as ports:
    from vedette.intrusions import service
    now = ports.clock.now()
    service.add_list(SYSTEM, "many", sys.argv[1], 3600.0, 86400.0, now)
    began = __import__("time").perf_counter()
    service.read_lists(now)
    print(__import__("time").perf_counter() - began)
"""


class Waiting(Agent):
    """An agent that waits for orders; `seen` are the values it was ordered to ban, each with the instant."""

    def __init__(self, n: int, port: int, about: str) -> None:
        super().__init__(n, port)
        self.about, self.ready = about, asyncio.Event()
        self.seen: dict[str, float] = {}

    async def poll(self) -> None:
        """Wait for orders again and again."""
        since = ""
        while True:
            answer = await self.ask("GET", f"{ORDERS}?since={since}&version=1.0", b"")
            at, (_, _, body) = time.time(), answer.partition(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                self.failed.append(answer[:200].decode("latin-1"))
                await asyncio.sleep(0.2)
                continue
            told = json.loads(body)
            since = told["revision"]
            self.ready.set()
            for one in told.get("put", ()):
                if one["value"].startswith(self.about):
                    self.seen.setdefault(one["value"], at)

    async def ban(self, value: str) -> float:
        """Tell a decision, and return when that began."""
        at = time.time()
        made = Decision(
            id=value, scope=Scope.ADDRESS, value=value, measure=Measure.BAN, at=at, until=at + 3600, reason="6 failed sign-ins"
        )  # fmt: skip
        report = msgspec.Raw(batches.pack(made))
        sheaf = Sheaf(origin=self.origin, first=self.number, sent_at=at, version="1.0", reports=(report,))
        self.number += 1
        answer = await self.ask("POST", f"{REPORTS}?lane=facts", batches.bundle(sheaf))
        if not answer.startswith(b"HTTP/1.1 200"):
            self.failed.append(answer[:200].decode("latin-1"))
        return at


async def rounds(port: int, about: str) -> tuple[list[float], list[str]]:
    """Return how long each agent waited for each ban (seconds; infinite where it never came), and what failed."""
    agents = [Waiting(n, port, about) for n in range(1, AGENTS + 1)]
    polls = [asyncio.ensure_future(one.poll()) for one in agents]
    await asyncio.gather(*(one.ready.wait() for one in agents))  # each knows all that stands
    await asyncio.sleep(3)
    took: list[float] = []
    for n in range(ROUNDS):
        value = f"{about}{n + 1}"
        began = await agents[n % AGENTS].ban(value)
        end = time.time() + 5
        while time.time() < end and not all(value in one.seen for one in agents):
            await asyncio.sleep(0.02)
        took += [one.seen.get(value, float("inf")) - began for one in agents]
        await asyncio.sleep(0.1)
    for poll in polls:
        poll.cancel()
    return took, [text for one in agents for text in one.failed]


def for_guards(server: Vedette) -> list[Figure]:
    """Return how long a guard waits for a full list, and for nothing new."""
    project = server.project
    url = f"{server.url}/api/{project.dsn.rpartition('/')[2]}/decisions/?sentry_key={project.key}"

    def ask(cursor: str) -> tuple[dict[str, object], float]:
        began = time.perf_counter()
        with urllib.request.urlopen(url + (f"&cursor={cursor}" if cursor else ""), timeout=30) as answer:
            return json.load(answer), time.perf_counter() - began

    cursor, whole, n, more = "", 0.0, 0, True
    while more:
        page, took = ask(cursor)
        cursor, more, whole, n = str(page["cursor"]), bool(page["more"]), whole + took, n + len(page["added"])  # type: ignore[arg-type]
    nothing = statistics.median(ask(cursor)[1] for _ in range(200))
    return [
        Figure(BENCH, f"a guard's first list of {n:,}", whole, "s"),
        Figure(BENCH, "a guard's question, nothing new", nothing * 1e3, "ms"),
    ]


def main() -> None:
    """Measure, and end with 1 on a miss."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        many = folder / "many.txt"
        many.write_text("\n".join(f"{1 + n // 65_536}.{n // 256 % 256}.{n % 256}.9" for n in range(STANDING)))
        server = Vedette(
            folder / "data",
            free_port(),
            env={"VEDETTE_CHECK_FOLDERS": text},
            command=[*on(0), *Vedette(folder, 1).command],
        )
        server.start()
        try:
            run(server, _FILL, str(AGENTS))
            took, failed = asyncio.run(rounds(server.port, "203.0.113."))
            read = float(run(server, _STAND, str(many)))
            again, failed_again = asyncio.run(rounds(server.port, "203.0.112."))
            figures = [
                *_figures("", sorted(took), failed),
                Figure(BENCH, f"a list of {STANDING:,} read and in force", read, "s"),
                *for_guards(server),
                *_figures(f" beside {STANDING:,} bans", sorted(again), failed_again),
                Figure(BENCH, f"PSS beside {STANDING:,} bans", server.pss() / 2**20, "MiB"),
            ]
        finally:
            server.kill()
    finish(figures)


def _figures(where: str, took: list[float], failed: list[str]) -> list[Figure]:
    for text in failed[:3]:
        print(text)
    return [
        Figure(BENCH, f"a ban seen by {AGENTS} agents{where}, p50", took[len(took) // 2] * 1e3, "ms"),
        Figure(
            BENCH,
            f"a ban seen by {AGENTS} agents{where}, p99",
            took[int(len(took) * 0.99)] * 1e3,
            "ms",
            "<= 250" if not where else "",
        ),
        Figure(BENCH, f"polls that failed{where}", len(failed), "polls"),
    ]


if __name__ == "__main__":
    main()
