"""Every reference event, digested as it came, has an issue page and an event page that show it."""

import html
from pathlib import Path

import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.errors import service
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects import service as projects
from vedette.wire import delivery as wire

FOLDERS = (
    "event-samples/bugsink",
    "event-samples/glitchtip",
    "event-samples/sentry",
    "glitchtip-test-data/events/incoming_events",
)
ODD = (
    b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe{\x00}\x00", b"[" * 3_000, b'{"exception": [null, {}], "tags": [[1]]}',
    b'{"exception": {"values": [{"type": {"a": 1}, "value": ["x"], "stacktrace": {"frames": [{"vars": [1], "lineno": "x"}]}}]}}',
    b'{"breadcrumbs": {"values": [{"timestamp": "soon", "data": [1]}]}, "request": {"headers": "x", "query_string": [["a"]]}}',
    b'{"contexts": {"os": 5}, "user": 17, "extra": "x", "sdk": [], "modules": ["a"], "threads": [{"stacktrace": 5}]}',
    b'{"fingerprint": [[["x"]]], "level": {}, "platform": 5, "timestamp": [], "release": {}, "message": {"params": 5}}',
    b'{"message": "\\u0000 \\ud800 nul", "template": {"lineno": {}}, "debug_meta": 5, "csp": {"blocked_uri": 5}}',
    b'{"a":' * 500 + b"1" + b"}" * 500,
)  # fmt: skip


@pytest.fixture
def ports(tmp_path: Path) -> MemoryPorts:
    made = memory_ports(ManualClock(), Settings(data=tmp_path, token_requests_per_minute=1_000_000))
    install(made)
    return made


def digested(ports: MemoryPorts, payloads: list[bytes]) -> list[str]:
    """Digest events and return their ids."""
    now = ports.clock.now()
    project = projects.create_project(SYSTEM, "Shop", "python", now)
    ids = [f"{n:032x}" for n in range(1, len(payloads) + 1)]
    messages = [
        Message(seq, "event", wire.encode(wire.Delivery(project.id, event_id, now, payload)), event_id, now)
        for seq, (event_id, payload) in enumerate(zip(ids, payloads, strict=True), 1)
    ]
    assert service.digest(messages, now) == len(payloads)
    return ids


def browser(ports: MemoryPorts) -> Client:
    secret, _ = accounts.create_token(SYSTEM, "pages", [Scope.READ], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def assert_shown(client: Client, event_id: str) -> None:
    issue, place = service.find_event(event_id)
    for path in (f"/issues/{issue.short_id}/", f"/issues/{issue.short_id}/events/{event_id}/"):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.content[-300:])
        text = html.unescape(answer.content.decode())
        assert (issue.kind or issue.title) in text
        assert event_id[:8] in text or path.endswith(f"{issue.short_id}/")
        assert all(note.what in text for note in place.event.notes) or path.endswith(f"{issue.short_id}/")
    for path in (
        f"/issues/{issue.short_id}/events/{event_id}/json/",
        f"/api/v1/events/{event_id}",
        f"/api/v1/events/{event_id}/json",
    ):
        assert client.get(path).status_code == 200, path


# All are digested and listed; the pages of every fourth are opened, the slow proof opens those of all. What a page shows of
# each of them, tests/unit/errors_pages/test_event_pages.py reads.
@pytest.mark.django_db
@pytest.mark.corpus
@pytest.mark.timeout(400)
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.deep)])
def test_reference_events(ports: MemoryPorts, corpora: Path, every: int) -> None:
    paths = [path for folder in FOLDERS for path in sorted((corpora / "sentry" / folder).glob("*.json"))]
    assert len(paths) == 204
    ids = digested(ports, [path.read_bytes() for path in paths])
    client = browser(ports)
    for event_id in ids[::every]:
        assert_shown(client, event_id)
    assert client.get("/issues/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("payload", ODD)
def test_odd_events(ports: MemoryPorts, payload: bytes) -> None:
    (event_id,) = digested(ports, [payload])
    assert_shown(browser(ports), event_id)
