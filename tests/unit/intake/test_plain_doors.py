"""Heartbeats, feedback and OTLP."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.door import EVENT_ID, PUBLIC, Door, envelope

from vedette.core.errors import Invalid
from vedette.intake import plain

CRON = "/api/1/cron/nightly/"


def said(door: Door, subject: str) -> dict[str, Any]:
    [found] = door.deliveries(subject)
    return json.loads(found.payload)  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", [CRON, "/api/1/cron/nightly", "/errors//api/1//cron/nightly/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_heartbeat_by_its_address(door: Door, path: str, method: str) -> None:
    query = f"sentry_key={PUBLIC}&status=in_progress&environment=prod&check_in_id=7&duration=1.5"
    reply = door.post(b"", path=path, method=method, auth=None, query=query)
    assert (reply.status, len(reply.json["id"])) == (200, 32)
    assert said(door, "check_in") == {
        "monitor_slug": "nightly", "status": "in_progress", "duration": 1.5, "check_in_id": "7", "environment": "prod",
    }  # fmt: skip
    assert door.counts() == {("check_in", "accepted"): 1}


def test_a_heartbeat_with_its_key_in_the_path_is_fine_without_a_status(door: Door) -> None:
    assert door.post(b"", path=f"{CRON}{PUBLIC}/", auth=None, method="GET").status == 200
    assert said(door, "check_in") == {"monitor_slug": "nightly", "status": "ok"}


def test_a_heartbeat_with_a_body(door: Door) -> None:
    config = {"schedule": {"type": "crontab", "value": "0 2 * * *"}}
    assert (
        door.post(json.dumps({"status": "error", "monitor_config": config}).encode(), path=CRON).status == 200
    )
    assert said(door, "check_in") == {"monitor_slug": "nightly", "status": "error", "monitor_config": config}


@pytest.mark.parametrize("query", ["status=well", "duration=long", "duration=-1", "duration=nan"])
def test_a_heartbeat_that_says_nonsense_is_told_so(door: Door, query: str) -> None:
    reply = door.post(b"", path=CRON, query=query)
    assert reply.status == 400
    assert "check-in" in reply.json["detail"]


def test_a_heartbeat_is_refused_without_a_key_and_when_it_is_large(door: Door) -> None:
    assert door.post(b"", path=CRON, auth=None).status == 403
    assert door.post(b"", path=f"{CRON}unknown/", auth=None).status == 403
    large = json.dumps({"monitor_config": "x" * 200_000}).encode()
    assert door.post(large, path=CRON).json["not_kept"] == {"check_in": 1}
    assert door.counts() == {("check_in", "dropped"): 1}


def test_check_ins_and_feedback_of_envelopes_are_kept(door: Door) -> None:
    items = [("check_in", {"monitor_slug": "a", "status": "ok"}), ("user_report", {"event_id": EVENT_ID}), ("feedback", {"a": 1})]  # fmt: skip
    assert door.post(envelope({"event_id": EVENT_ID}, *items)).json["not_kept"] == {}
    assert door.counts() == {(kind, "accepted"): 1 for kind, _ in items}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(
            {"event_id": EVENT_ID, "name": "Ann", "email": "a@x.example", "comments": "It broke."}
        ).encode(),
        f"event_id={EVENT_ID}&name=Ann&email=a%40x.example&comments=It+broke.".encode(),
    ],
)
def test_feedback_by_json_and_by_form(door: Door, body: bytes) -> None:
    assert door.post(body, path="/api/1/user-feedback/").json["id"] == EVENT_ID
    assert said(door, "user_report") == {
        "event_id": EVENT_ID, "name": "Ann", "email": "a@x.example", "comments": "It broke.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"comments=x", "event_id"), (f"event_id={EVENT_ID}".encode(), "send comments"), (b"{", "event_id")],
)
def test_feedback_that_lacks_a_part_is_told_so(door: Door, body: bytes, why: str) -> None:
    reply = door.post(body, path="/api/1/user-feedback/")
    assert reply.status == 400
    assert why in reply.json["detail"]


@pytest.mark.parametrize(("signal", "item_type"), [("logs", "log"), ("traces", "span")])
def test_otlp_exporters_are_answered_in_their_own_format(door: Door, signal: str, item_type: str) -> None:
    path = f"/api/1/integration/otlp/v1/{signal}"
    reply = door.post(b"\x0a\x00", path=path, headers={"content-type": "application/x-protobuf"})
    assert reply.headers["content-type"] == "application/x-protobuf"
    assert reply.body[0] == 0x0A
    assert reply.body[1] == len(reply.body) - 2
    assert (reply.body[2], reply.body[3]) == (0x12, len(reply.body) - 4)
    reply = door.post(b"{}", path=path, headers={"content-type": "application/json"})
    assert (reply.headers["content-type"], list(reply.json)) == ("application/json", ["partialSuccess"])
    assert door.counts() == {(item_type, "not_kept"): 2}
    assert door.post(b"", path=path, auth=None).status == 403


@pytest.mark.parametrize("path", ["/api/1/envelope/", "/api/1/user-feedback/", "/api/1/security/"])
def test_only_heartbeats_may_be_asked_by_get(door: Door, path: str) -> None:
    assert door.post(b"", path=path, method="GET").status == 405


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(query: bytes, body: bytes) -> None:
    for read in (lambda: plain.check_in("slug", query, body), lambda: plain.feedback(query, body)):
        try:
            assert read()
        except Invalid:
            continue
