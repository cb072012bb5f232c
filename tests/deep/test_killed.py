"""kill -9 under load, at least five times at each seam: what was acknowledged is there exactly once, and told.

The seams, and how a kill is known to have fallen there (there are no switches in the product for it):
- journal | ack: an event that was never acknowledged is there after the restart;
- telemetry | issue: telemetry holds a delivery above the mark of core.db when the process is dead;
- claim | send: the receiver kills when it accepts the connection, before a byte is read;
- send | commit: the receiver kills when it has kept the notice, before it answers.
"""

import json
import os
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.receiver import Receiver
from tests.support.server import Vedette

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1500)]
WANTED = 5
MOST_ROUNDS = 80


class Load:
    """Four senders; one event in five is of an issue nobody has seen."""

    def __init__(self, server: Vedette) -> None:
        self.server = server
        self.sent: set[str] = set()
        self.acked: set[str] = set()
        self._count = 0
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        senders = [threading.Thread(target=self._send_until, args=(stop,)) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

    def _send_until(self, stop: threading.Event) -> None:
        while not stop.is_set():
            event_id, event = self._next()
            try:
                self.server.send(event)
            except (OSError, ConnectionError, AssertionError, json.JSONDecodeError, EOFError):
                return
            except Exception as error:
                if type(error).__module__ != "http.client":
                    raise
                return
            with self._lock:
                self.acked.add(event_id)

    def _next(self) -> tuple[str, dict[str, object]]:
        with self._lock:
            self._count += 1
            kind = (
                f"Fresh{letters(self._count)}Error"
                if self._count % 60 == 0
                else f"Known{'ABCDE'[self._count % 5]}Error"
            )
            event_id = os.urandom(16).hex()
            self.sent.add(event_id)
        frame = {"function": "pay", "module": "shop.cart", "in_app": True}
        exception = {"values": [{"type": kind, "value": "no", "stacktrace": {"frames": [frame]}}]}
        return event_id, {"event_id": event_id, "platform": "python", "exception": exception}


def letters(n: int) -> str:
    """Return a number in letters, so that no grouping takes it for a parameter."""
    return "".join(chr(ord("A") + int(digit)) for digit in str(n))


def changed(folder: Path, pattern: str) -> Callable[[], bool]:
    """Return a question: did any of these files grow or come since now?"""

    def sizes() -> dict[str, int]:
        found = {}
        for path in folder.glob(pattern):
            try:
                found[path.name] = path.stat().st_size
            except FileNotFoundError:
                continue
        return found

    before = sizes()
    return lambda: any(size > before.get(name, 0) for name, size in sizes().items())


def kill_when(server: Vedette, happened: Callable[[], bool], pids: list[int]) -> None:
    """Kill the tree at once when it happened (looked at without pause), or after five seconds."""
    end = time.monotonic() + 5
    while not happened() and time.monotonic() < end:
        pass
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def above_the_mark(data: Path, scratch: Path) -> int:
    """Return how many stored deliveries the dead process had not yet counted, from copies of its files."""
    copy = scratch / "dead"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy)
    core = sqlite3.connect(copy / "core.db")
    mark = core.execute("select coalesce(max(seq), 0) from errors_mark").fetchone()[0]
    return sum(
        sqlite3.connect(day).execute("select count(*) from record where seq > ?", (mark,)).fetchone()[0]
        for day in (copy / "telemetry").glob("*.db")
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def event_ids(server: Vedette) -> tuple[list[str], int, list[str]]:
    """Return every event id the API lists, the sum of the issues' counts, and the short ids of the issues."""
    ids, total, shorts = [], 0, []
    for issue in pages(server, "/issues?n=100"):
        total += issue["events"]
        shorts.append(issue["id"])
        ids += [event["id"] for event in pages(server, f"/issues/{issue['id']}/events?n=100")]
    return ids, total, shorts


def pages(server: Vedette, path: str) -> Iterator[dict]:
    cursor = ""
    while cursor is not None:
        status, page = server.api("GET", path + (f"&cursor={cursor}" if cursor else ""))
        assert status == 200, page
        yield from page["items"]
        cursor = page["cursor"]


def settled(server: Vedette) -> bool:
    """Tell whether nothing waits any more: not in the journal, not in the outbox."""
    waiting = [server.api("GET", f"/deliveries?state={state}") for state in ("queued", "retrying")]
    assert all(status == 200 for status, _ in waiting), waiting
    return not any(page["items"] for _, page in waiting) and settled_journal(server)


def test_nothing_is_lost_and_nothing_is_counted_twice(
    start_vedette, receiver: Receiver, tmp_path: Path
) -> None:
    server = start_vedette(data=tmp_path / "data", env={"VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "1000000"})
    assert server.project.slug == "shop"
    load, proven = Load(server), Counter()
    looked_at: set[str] = set()
    channel = {"kind": "webhook", "name": "hook", "config": {"url": receiver.url}, "default": True}
    assert server.api("POST", "/channels", channel)[0] == 201
    seams = ["journal", "telemetry", "claim", "send"]
    for _ in range(MOST_ROUNDS):
        missing = [seam for seam in seams if proven[seam] < WANTED]
        if not missing:
            break
        seam = missing[0]
        one_round(server, load, receiver, seam)
        proven[seam] += proof(server, receiver, seam, tmp_path)
        server.start()
        if seam == "journal":
            server.wait(lambda: settled_journal(server), 60)
            unanswered = load.sent - load.acked - looked_at
            looked_at |= unanswered
            proven[seam] += any(server.api("GET", f"/events/{event_id}")[0] == 200 for event_id in unanswered)
    assert all(proven[seam] >= WANTED for seam in seams), proven
    verify(server, load, receiver)


def one_round(server: Vedette, load: Load, receiver: Receiver, seam: str) -> None:
    """Put the server under load and kill it at the seam."""
    stop, pids = threading.Event(), server.pids()
    struck = threading.Event()

    def strike() -> None:
        kill_when(server, lambda: True, pids)
        struck.set()

    sending = threading.Thread(target=load.run, args=(stop,))
    sending.start()
    time.sleep(0.3 + int.from_bytes(os.urandom(1)) / 512)
    if seam == "claim":
        receiver.on_accept = strike
        struck.wait(20)
    elif seam == "send":
        receiver.on_told = strike
        struck.wait(20)
    else:
        folder = server.data / ("journal" if seam == "journal" else "telemetry")
        kill_when(server, changed(folder, "*.db-wal"), pids)
    stop.set()
    sending.join()
    server.kill()


def proof(server: Vedette, receiver: Receiver, seam: str, scratch: Path) -> int:
    """Tell (1 or 0) whether the kill fell on the seam, as far as that shows before the restart."""
    if seam == "telemetry":
        return int(above_the_mark(server.data, scratch) > 0)
    if seam == "claim":
        return int(receiver.on_accept is None)
    if seam == "send":
        return int(receiver.on_told is None)
    return 0


def settled_journal(server: Vedette) -> bool:
    """Tell whether everything accepted is digested."""
    return b"\nvedette_digest_waiting 0\n" in server.request("GET", "/metrics")[2]


def verify(server: Vedette, load: Load, receiver: Receiver) -> None:
    """Every acknowledged id once, counts exact, every new issue told, repeats only under the same key."""
    receiver.on_accept = receiver.on_told = None
    server.wait(lambda: settled(server), 150)
    ids, total, shorts = event_ids(server)
    assert len(ids) == len(set(ids))
    assert load.acked <= set(ids) <= load.sent
    assert total == len(ids)
    told = receiver.subjects()
    assert all(len(keys) == 1 for keys in told.values()), told
    assert receiver.count() == len(shorts), "each new issue is told in one notice, on its own or in a bundle"
    assert set(told) <= set(shorts)
