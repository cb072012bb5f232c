"""kill -9 under load, at least five times at each seam: what was acknowledged is there exactly once, and told.

The seams, and how a kill is known to have fallen there (there are no switches in the product for it):
- journal | ack: an event that was never acknowledged is there after the restart;
- telemetry | issue: telemetry holds a delivery above the mark of core.db when the process is dead;
- pushed | taken in: alerts were pushed and answered, and the dead process had not taken all of them in;
- claim | send: the receiver kills when it accepts the connection, before a byte is read;
- send | commit: the receiver kills when it has kept the notice, before it answers.
"""

import http.client
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
from tests.support.alertmanager import post
from tests.support.receiver import Receiver
from tests.support.server import Vedette

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1500)]
WANTED = 5
MOST_ROUNDS = 100
PUSHED = 100  # alerts in one request: to take them in takes long enough to be killed before


class Load:
    """Four senders of events, one event in sixty of an issue nobody has seen; and alerts when asked for."""

    def __init__(self, server: Vedette) -> None:
        self.server = server
        self.sent: set[str] = set()
        self.acked: set[str] = set()
        self.pushed: set[str] = set()
        self.answered: set[str] = set()
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
            except (OSError, AssertionError, json.JSONDecodeError, EOFError, http.client.HTTPException):
                return
            with self._lock:
                self.acked.add(event_id)

    def push(self, n: int) -> list[str]:
        """Push critical alerts of one group; return their subjects once they are answered, else nothing."""
        group = f"Pushed{os.urandom(6).hex()}"
        subjects = [f"{group}.{each}" for each in range(n)]
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7_200))
        labels = [{"alertname": group, "subject": name, "severity": "critical"} for name in subjects]
        with self._lock:
            self.pushed |= set(subjects)
        try:
            post(self.server.url, [{"labels": each, "endsAt": ends} for each in labels], self.server.token)
        except (OSError, AssertionError, http.client.HTTPException):
            return []
        with self._lock:
            self.answered |= set(subjects)
        return subjects

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


def dead(data: Path, scratch: Path) -> Path:
    """Return a copy of a dead process's files: to open them changes them."""
    copy = scratch / "dead"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy)
    return copy


def not_taken_in(data: Path, scratch: Path, names: list[str]) -> int:
    """Return how many of these alerts the dead process had not taken in."""
    core = sqlite3.connect(dead(data, scratch) / "core.db")
    known = {json.loads(row[0]).get("subject") for row in core.execute("select labels from alerts_alert")}
    return len(set(names) - known)


def above_the_mark(data: Path, scratch: Path) -> int:
    """Return how many stored deliveries the dead process had not yet counted."""
    copy = dead(data, scratch)
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
    seams = ["journal", "telemetry", "pushed", "claim", "send"]
    for _ in range(MOST_ROUNDS):
        missing = [seam for seam in seams if proven[seam] < WANTED]
        if not missing:
            break
        seam = missing[0]
        names = one_round(server, load, receiver, seam)
        proven[seam] += proof(server, receiver, seam, tmp_path, names)
        server.start()
        if seam == "journal":
            server.wait(lambda: settled_journal(server), 60)
            unanswered = load.sent - load.acked - looked_at
            looked_at |= unanswered
            proven[seam] += any(server.api("GET", f"/events/{event_id}")[0] == 200 for event_id in unanswered)
    assert all(proven[seam] >= WANTED for seam in seams), proven
    verify(server, load, receiver)


def one_round(server: Vedette, load: Load, receiver: Receiver, seam: str) -> list[str]:
    """Put the server under load and kill it at the seam; return the alerts that were pushed right before."""
    names: list[str] = []
    stop, pids = threading.Event(), server.pids()
    struck = threading.Event()

    def strike() -> None:
        kill_when(server, lambda: True, pids)
        struck.set()

    sending = threading.Thread(target=load.run, args=(stop,))
    sending.start()
    time.sleep(0.3 + int.from_bytes(os.urandom(1)) / 512)
    if seam in {"claim", "send"}:
        setattr(receiver, "on_accept" if seam == "claim" else "on_told", strike)
        load.push(1)
        struck.wait(20)
    elif seam == "pushed":
        names = load.push(PUSHED)
        strike()
    else:
        folder = server.data / ("journal" if seam == "journal" else "telemetry")
        kill_when(server, changed(folder, "*.db-wal"), pids)
    stop.set()
    sending.join()
    server.kill()
    return names


def proof(server: Vedette, receiver: Receiver, seam: str, scratch: Path, names: list[str]) -> int:
    """Tell (1 or 0) whether the kill fell on the seam, as far as that shows before the restart."""
    if seam == "pushed":
        return int(not_taken_in(server.data, scratch, names) > 0)
    if seam == "telemetry":
        return int(above_the_mark(server.data, scratch) > 0)
    if seam == "claim":
        return int(receiver.on_accept is None)
    if seam == "send":
        return int(receiver.on_told is None)
    return 0


def settled_journal(server: Vedette) -> bool:
    """Tell whether everything accepted is digested, and every pushed alert taken in."""
    metrics = server.request("GET", "/metrics")[2]
    return b"\nvedette_digest_waiting 0\n" in metrics and b"\nvedette_pushed_waiting 0\n" in metrics


def verify(server: Vedette, load: Load, receiver: Receiver) -> None:
    """Every acknowledged id once, counts exact, every issue and alert told, repeats only under the same key."""
    receiver.on_accept = receiver.on_told = None
    server.wait(lambda: settled(server), 150)
    ids, total, shorts = event_ids(server)
    assert len(ids) == len(set(ids))
    assert load.acked <= set(ids) <= load.sent
    assert total == len(ids)
    listed = [alert["labels"].get("subject") for alert in pages(server, "/alerts?firing=true&limit=100")]
    fires = set(listed) & load.pushed
    assert load.answered <= fires
    told = receiver.subjects()
    assert all(len(keys) == 1 for keys in told.values()), told
    assert receiver.count() == len(shorts) + len(fires), (
        "each is told in one notice, on its own or in a bundle"
    )
    assert set(told) <= {*shorts, *fires}
