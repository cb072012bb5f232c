"""The REST resources of notify."""

import pytest
from django.test import Client

from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db
HOOK = {
    "kind": "webhook",
    "name": "Hook",
    "config": {"url": "https://hooks.example/x", "secret": "s3cret-planted"},
}
API = "/api/v1"


def made(web: Client) -> int:
    answer = web.post(f"{API}/channels", HOOK, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def test_a_channel_is_made_read_changed_and_deleted(web: Client, ports: MemoryPorts) -> None:
    channel = made(web)
    read = web.get(f"{API}/channels/{channel}").json()
    assert read["config"] == {"url": "https://hooks.example/x", "secret": "••••••••"}
    assert web.get(f"{API}/channels").json() == {"items": [read], "cursor": None}
    changed = web.patch(f"{API}/channels/{channel}", {"default": False}, content_type="application/json")
    assert changed.json() == {**read, "default": False}
    web.post(f"{API}/channels/{channel}/test")
    assert "X-Vedette-Signature" in ports.net.requests[0].headers, "the secret stayed"
    assert web.delete(f"{API}/channels/{channel}").status_code == 204
    gone = web.get(f"{API}/channels/{channel}")
    assert (gone.status_code, gone["Content-Type"]) == (404, "application/problem+json")


def test_wrong_fields_are_a_problem_that_names_them(web: Client) -> None:
    bad = {**HOOK, "config": {"url": "ftp://x"}}
    answer = web.post(f"{API}/channels", bad, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert "url" in answer.content.decode()


def test_a_test_answers_the_receipt_or_502_with_the_receivers_words(web: Client, ports: MemoryPorts) -> None:
    channel = made(web)
    assert web.post(f"{API}/channels/{channel}/test").json() == {"detail": "HTTP 204"}
    ports.net.answer = lambda _: Response(410, {}, b"gone fishing")
    answer = web.post(f"{API}/channels/{channel}/test")
    assert answer.status_code == 424
    assert "gone fishing" in answer.json()["detail"]


def test_deliveries_come_in_pages(web: Client, ports: MemoryPorts) -> None:
    channel = made(web)
    for _ in range(3):
        web.post(f"{API}/channels/{channel}/test")
    first = web.get(f"{API}/deliveries?limit=2&state=sent&channel={channel}").json()
    second = web.get(f"{API}/deliveries?limit=2&cursor={first['cursor']}").json()
    assert [len(first["items"]), len(second["items"]), second["cursor"]] == [2, 1, None]
    assert first["items"][0]["attempts"] == [
        {"number": 1, "at": first["items"][0]["queued_at"], "ok": True, "detail": "HTTP 204"}
    ]
    assert web.get(f"{API}/deliveries?cursor=nonsense").status_code in {400, 422}


def test_a_reader_reads_and_does_not_write(reader: Client, web: Client) -> None:
    channel = made(web)
    assert reader.get(f"{API}/channels").status_code == 200
    assert reader.post(f"{API}/channels", HOOK, content_type="application/json").status_code == 403
    assert reader.delete(f"{API}/channels/{channel}").status_code == 403
    assert Client().get(f"{API}/channels").status_code == 401
