"""100,000 damaged envelopes against a running server: no 5xx, and every acknowledged event is shown in the end."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.support import mutations, seeds
from tests.support.door import Reply, event
from tests.support.mutations import Attack
from vedette.wire.auth import parse_dsn

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
        target = f"{attack.path}?{attack.query}" if attack.query else attack.path
        try:
            self._connection.request("POST", target, attack.body, attack.headers)
            answer = self._connection.getresponse()
            reply = Reply(answer.status, {}, answer.read())
        except (ConnectionError, http.client.HTTPException):
            self._connection = self._connect()
            return
        if not 200 <= reply.status < 500:
            self.failures.append((attack.n, attack.what, reply.status, reply.body))
        if reply.status == 200:
            self.ids.update(reply.json["events"] if "events" in reply.json else [reply.json["id"]])


def pages(api: Callable[[str], dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
    """Yield the items of every page under a path of the REST API."""
    cursor = ""
    while True:
        page = api(f"{path}{'&' if '?' in path else '?'}n=100{cursor}")
        yield from page["items"]
        if not page["cursor"]:
            return
        cursor = f"&cursor={page['cursor']}"


def visible(api: Callable[[str], dict[str, Any]]) -> set[str]:
    """Return the ids of all events that the API shows."""
    issues = [issue["short_id"] for issue in pages(api, "/api/v1/issues")]
    return {one["id"] for short_id in issues for one in pages(api, f"/api/v1/issues/{short_id}/events")}


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


def missing_after(api: Callable[[str], dict[str, Any]], ids: set[str]) -> set[str]:
    """Return what is still not shown when patience ends; the digester is another process, so it is polled."""
    end = time.monotonic() + PATIENCE
    while (missing := ids - visible(api)) and time.monotonic() < end:
        time.sleep(2)
    return missing


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_no_damaged_envelope_hurts_a_running_server(vedette_server: Any) -> None:
    dsn = parse_dsn(vedette_server.dsn)
    assert dsn
    senders = assail(vedette_server.url, (dsn.key, vedette_server.project_id), COUNT)
    failures = [failure for sender in senders for failure in sender.failures]
    assert not failures, failures[:5]
    ids: set[str] = set().union(*(sender.ids for sender in senders))
    assert len(ids) > COUNT * 0.3
    last = Sender(vedette_server.url)
    body = event({"message": "after the storm"}, event_id="f" * 31 + "e")
    headers = {"x-sentry-auth": f"Sentry sentry_key={dsn.key}"}
    last.send(Attack(COUNT, "as_it_is", body, headers, f"/api/{vedette_server.project_id}/envelope/"))
    assert last.ids
    missing = missing_after(vedette_server.api, ids | last.ids)
    assert not missing, (len(missing), msgspec.json.encode(sorted(missing)[:5]))
