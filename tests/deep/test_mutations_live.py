"""100,000 damaged envelopes against a running server: no 5xx, and every acknowledged event is shown in the end."""

import http.client
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.support import mutations, seeds
from tests.support.door import Reply
from tests.support.mutations import Attack
from tests.support.ports import free_port
from tests.support.server import Vedette

COUNT = 100_000
SEED = 20261126
SENDERS = 4
PATIENCE = 300.0


class Sender:
    """Sends attacks over one kept-alive connection and remembers what was acknowledged."""

    def __init__(self, url: str) -> None:
        self._where = urlsplit(url)
        self._connection = self._connect()
        self.ids: set[str] = set()
        self.failures: list[tuple[int, str, int, bytes]] = []

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._where.hostname or "", self._where.port, timeout=60)

    def send(self, attack: Attack) -> None:
        reply = self._ask(attack) or self._ask(attack) or Reply()
        if not 200 <= reply.status < 500:
            self.failures.append((attack.n, attack.what, reply.status, reply.body))
        if reply.status == 200:
            self.ids.update(reply.json["events"] if "events" in reply.json else [reply.json["id"]])

    def _ask(self, attack: Attack) -> Reply | None:
        """Return the answer; None when the server closed the connection (it may, after refusing a body unread)."""
        target = f"{attack.path}?{attack.query}" if attack.query else attack.path
        try:
            self._connection.request("POST", target, attack.body, attack.headers)
            answer = self._connection.getresponse()
            return Reply(answer.status, {}, answer.read())
        except (ConnectionError, http.client.HTTPException):
            self._connection = self._connect()
            return None


def pages(server: Vedette, path: str) -> Iterator[dict[str, Any]]:
    """Yield the items of every page under a path of the REST API."""
    cursor = ""
    while True:
        status, page = server.api("GET", f"{path}?n=100{cursor}")
        assert status == 200, page
        yield from page["items"]
        if not page["cursor"]:
            return
        cursor = f"&cursor={page['cursor']}"


def visible(server: Vedette) -> set[str]:
    """Return the ids of all events that the API shows."""
    issues = [issue["id"] for issue in pages(server, "/issues")]
    return {one["id"] for issue in issues for one in pages(server, f"/issues/{issue}/events")}


def assail(url: str, target: tuple[str, int], count: int) -> list[Sender]:
    """Send `count` attacks over several connections at once."""
    every = mutations.attacks(seeds.all_seeds(), count, SEED, target)
    lock = threading.Lock()
    senders = [Sender(url) for _ in range(SENDERS)]

    def work(sender: Sender) -> None:
        while True:
            with lock:
                batch = list(itertools.islice(every, 50))
            if not batch:
                return
            for attack in batch:
                sender.send(attack)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return senders


def drained(server: Vedette) -> bool:
    """Tell whether everything accepted is digested."""
    return b"\nvedette_digest_waiting 0\n" in server.request("GET", "/metrics")[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Vedette]:
    looks = {"VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "100000"}  # every event is listed in the end
    running = Vedette(tmp_path / "data", free_port(), env=looks).start()
    yield running
    running.kill()


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_no_damaged_envelope_hurts_a_running_server(server: Vedette) -> None:
    target = (server.project.key, server.project.id)
    senders = assail(server.url, target, COUNT)
    failures = [failure for sender in senders for failure in sender.failures]
    assert not failures, failures[:5]
    ids: set[str] = set().union(*(sender.ids for sender in senders))
    assert len(ids) > COUNT * 0.3
    ids.add(server.send({"message": "after the storm"}))
    server.wait(lambda: drained(server), PATIENCE)
    missing = ids - visible(server)
    assert not missing, (len(missing), sorted(missing)[:5])
