"""How soon a packet is dropped after a decision, and what many bans cost: in network namespaces, as root.

A sender in another namespace sends packets with the instant of each as fast as it can. What got through last before the rest was
dropped is read afterwards from the socket's buffer, so nothing but the ban itself runs meanwhile. The sender's clock is ours.
As the agent's unit has it, who decides goes before others (`Nice`), and what stood at its start is no garbage to be looked through.
"""

import gc
import ipaddress
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support import netns
from tests.support.netns import Pair, inside

from benchmarks.report import Figure, finish
from vedette.agent.bans import Bans
from vedette.agent.book import Book
from vedette.instruments.packets.nft import Nft
from vedette.wire.agent.deciding.types import Response
from vedette.wire.agent.types import Decision, Detection, Measure, Orders, Scope

BENCH = "packets"
TRIALS = 200
MANY = 50_000
NICE = 5  # what the agent's unit says, as a number of its own
ATTACKER = "198.51.100.7"
_SENDER = """
import socket, sys, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.bind((sys.argv[1], 0))
out.connect((sys.argv[2], 9))
now, send = time.monotonic_ns, out.send
while True:
    send(now().to_bytes(8, "little"))
"""


class Wire:
    """Packets that come in without end from the attacker, until they are dropped.

    Where the machine is busy the sender may not get its turn in time: then the ban's own end is what is told, which is later.
    """

    def __init__(self, pair: Pair) -> None:
        with inside(pair.server):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
            self._socket.bind((pair.server4, 9))
            self._socket.setblocking(False)
        with inside(pair.client):
            self._sender = subprocess.Popen(
                ["nice", "-n", str(NICE), sys.executable, "-c", _SENDER, ATTACKER, pair.server4]
            )

    def close(self) -> None:
        self._sender.kill()
        self._sender.wait(10)
        self._socket.close()

    def dropped_after(self, act: Callable[[], object]) -> float:
        """Do something that bans the attacker; return the seconds until its packets were dropped."""
        self._drain(until=time.monotonic_ns())
        begun = time.monotonic_ns()
        act()
        enforced = time.monotonic_ns()
        time.sleep(0.003)
        last = self._drain(until=None)
        return ((last if last > begun else enforced) - begun) / 1e9

    def _drain(self, until: int | None) -> int:
        """Read what came in: until a packet that was sent after an instant, or until there is none. Return when the last was sent."""
        last, quiet = 0, 0
        while quiet < (1 if until is None else 10**9):
            try:
                last = int.from_bytes(self._socket.recv(8), "little")
            except BlockingIOError:
                quiet += 1
                continue
            if until is not None and last > until:
                break
        return last


def addresses(count: int) -> list[str]:
    first = int(ipaddress.IPv4Address("23.0.0.0"))
    return [str(ipaddress.IPv4Address(first + 11 * n)) for n in range(count)]


def ordered(values: Sequence[str], now: float) -> tuple[Decision, ...]:
    return tuple(
        Decision(id=value, scope=Scope.ADDRESS, value=value, measure=Measure.BAN, at=now, until=now + 86_400,
                 reason="6 failed sign-ins of ssh in 40 s", origin="web-2", rule="ssh-fast")
        for value in values
    )  # fmt: skip


def latencies(bans: Bans, wire: Wire) -> tuple[list[float], list[float]]:
    """Return the seconds from detection to dropped packet, and those that deciding, writing down and enforcing took."""
    until_dropped, took = [], []
    for n in range(TRIALS):
        now = time.time()
        seen = Detection(
            id=str(n), at=now, first_at=now, rule="ssh-fast", reason="6 failed sign-ins of ssh in 40 s", severity="high",
            service="ssh", address=ATTACKER, simulated=False,
        )  # fmt: skip

        def act(seen: Detection = seen, now: float = now) -> None:
            begun = time.perf_counter()
            (made,) = bans.consider(seen, Response(), now)
            took.append(time.perf_counter() - begun)
            assert isinstance(made, Decision), made

        until_dropped.append(wire.dropped_after(act))
        bans.remove(ATTACKER, by="bench", now=time.time())
    return until_dropped, took


def told(name: str, values: Sequence[float], target: str) -> list[Figure]:
    ordered_ms = sorted(value * 1e3 for value in values)
    return [
        Figure(BENCH, f"{name}, p50", statistics.median(ordered_ms), "ms"),
        Figure(BENCH, f"{name}, p99", ordered_ms[int(len(ordered_ms) * 0.99) - 1], "ms", target),
    ]


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def measured(pair: Pair, folder: Path) -> list[Figure]:
    with inside(pair.server):
        nft = Nft()
    bans = Bans(Book(folder), [nft], origin="bench")
    bans.start(time.time())
    gc.collect()
    gc.freeze()
    dropped, took = attacked(pair, bans)
    figures = told("detection to dropped packet", dropped, "<= 10") + told(
        "of it deciding and enforcing", took, "<= 5"
    )
    live = ordered(addresses(MANY), time.time())
    seconds = timed(lambda: bans.order(Orders(revision="1", put=live), time.time()))
    figures.append(Figure(BENCH, f"{MANY:,} ordered by the server, written, enforced", seconds, "s", "<= 10"))
    figures += many(nft, live, pair)
    dropped, _ = attacked(pair, bans)
    figures += told(f"detection to dropped packet beside {MANY:,}", dropped, "<= 10")
    more = ordered(addresses(2 * MANY)[MANY:], time.time())
    arriving = threading.Thread(target=lambda: bans.order(Orders(revision="2", put=more), time.time()))
    arriving.start()
    dropped, _ = attacked(pair, bans)
    arriving.join()
    figures += told(f"detection to dropped packet while {MANY:,} more arrive", dropped, "")
    bans.order(Orders(revision="3", whole=True, put=live), time.time())
    bans.close(time.time())
    return [*figures, restarted(folder, pair)]


def attacked(pair: Pair, bans: Bans) -> tuple[list[float], list[float]]:
    """Return what `latencies` does, with an attacker who sends as long as it takes."""
    wire = Wire(pair)
    try:
        return latencies(bans, wire)
    finally:
        wire.close()


def many(nft: Nft, live: Sequence[Decision], pair: Pair) -> list[Figure]:
    """Return what it costs to compare, to put all back, and to add, extend and delete one."""
    one = ordered(["203.0.113.5"], time.time())
    singles = {
        name: [timed(lambda act=act: act(one, time.time())) for _ in range(TRIALS)]
        for name, act in (("ban or extend one", nft.put), ("lift one", nft.drop))
    }
    compared = timed(lambda: nft.sync(lambda: live, time.time()))
    pair.nft("delete", "table", "inet", "vedette")
    back = timed(lambda: nft.sync(lambda: live, time.time()))
    return [
        *(Figure(BENCH, f"{name} beside {MANY:,}, p50", statistics.median(values) * 1e3, "ms", "<= 1")
          for name, values in singles.items()),
        Figure(BENCH, f"{MANY:,} compared with the kernel", compared, "s", "<= 3"),
        Figure(BENCH, f"{MANY:,} put back after a flush, one transaction", back, "s", "<= 3"),
    ]  # fmt: skip


def restarted(folder: Path, pair: Pair) -> Figure:
    """Return how long an agent takes to start with many bans in its file and none in the kernel."""
    pair.nft("delete", "table", "inet", "vedette")
    with inside(pair.server):
        nft = Nft()
    begun = time.perf_counter()
    bans = Bans(Book(folder), [nft], origin="bench")
    bans.start(time.time())
    seconds = time.perf_counter() - begun
    assert len(bans.listed(time.time())) >= MANY
    bans.close(time.time())
    return Figure(BENCH, f"restart with {MANY:,}, none of them in the kernel", seconds, "s", "<= 5")


def main() -> None:
    if not netns.possible():
        print("packets: only root makes network namespaces; nothing is measured.")
        return
    os.nice(-NICE)
    with netns.pair() as pair, tempfile.TemporaryDirectory() as folder:
        figures = measured(pair, Path(folder))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    finish([*figures, Figure(BENCH, "memory at its highest", resident, "MiB")])


if __name__ == "__main__":
    main()
