"""Who may send, in which form, and what is answered."""

import base64
import gzip
import zlib
from typing import Any

import brotli
import msgspec
import pytest
import zstandard
from tests.support.door import AUTH, EVENT_ID, OTHER_PUBLIC, PUBLIC, Door, envelope, event

from vedette.core import clock
from vedette.core.settings import Settings
from vedette.intake.limits import Limits, limits_of
from vedette.wire import vitals

SECOND_ID = "b" * 32


def test_an_event_is_answered_with_its_id_once_it_is_in_the_log(door: Door) -> None:
    reply = door.post(event({"message": "no"}, sent_at="2025-11-24T16:00:00Z"))
    assert (reply.status, reply.json) == (200, {"id": EVENT_ID})
    assert reply.headers["content-type"] == "application/json"
    [found] = door.deliveries()
    assert (found.project, found.event_id, found.payload) == (1, EVENT_ID, b'{"message":"no"}')
    assert found.received == door.clock.now()
    assert found.sent_at == clock.parse_iso("2025-11-24T16:00:00Z")
    assert found.client == "sentry.python/2.0"
    assert found.address == "198.51.100.7"
    assert door.counts() == {("event", "accepted"): 1}


@pytest.mark.parametrize(
    "options",
    [
        {"auth": AUTH},
        {"auth": None, "headers": {"authorization": AUTH}},
        {"auth": None, "headers": {"authorization": f"Sentry sentry_key={PUBLIC}"}},
        {"auth": None, "query": f"sentry_key={PUBLIC}&sentry_version=7"},
        {"auth": "Sentry sentry_version=7", "query": f"sentry_key={PUBLIC}"},
        {"auth": None, "headers": {"authorization": "Basic abc"}, "query": f"sentry_key={PUBLIC}"},
    ],
)
def test_every_form_of_authentication_works(door: Door, options: dict[str, Any]) -> None:
    assert door.post(event(), **options).status == 200


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_dsn_in_the_envelope_authenticates(door: Door, encoding: str) -> None:
    body = event(dsn=f"http://{PUBLIC}@localhost:8700/1")
    body = gzip.compress(body, mtime=0) if encoding == "gzip" else body
    assert door.post(body, auth=None, headers={"content-encoding": encoding}).status == 200


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"auth": None}, "No DSN key"),
        ({"auth": None, "path": "/api/1/store/"}, "No DSN key"),
        ({"auth": None, "path": "/api/1/security/"}, "No DSN key"),
        ({"auth": "Sentry sentry_key=unknown"}, "unknown or revoked"),
        ({"auth": f"Sentry sentry_key={OTHER_PUBLIC}"}, "does not belong to project 1"),
        ({"path": "/api/99/envelope/"}, "does not belong to project 99"),
    ],
)
def test_who_may_not_send_is_told_why(door: Door, options: dict[str, Any], says: str) -> None:
    reply = door.post(event(), **options)
    assert reply.status == 403
    assert says in reply.json["detail"]
    assert says in reply.headers["x-sentry-error"]
    assert not door.deliveries()


def test_a_revoked_key_may_not_send() -> None:
    assert Door(active=False).post(event()).status == 403


def test_the_dsn_of_another_project_in_the_envelope_is_refused(door: Door) -> None:
    assert door.post(event(dsn=f"http://{OTHER_PUBLIC}@localhost/2"), auth=None).status == 403


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "application/x-sentry-envelope"],
)
def test_the_content_type_does_not_matter(door: Door, kind: str | None) -> None:
    assert door.post(event(), headers={"content-type": kind} if kind else {}).status == 200


@pytest.mark.parametrize(
    "path",
    ["/api/1/envelope/", "/api/1/envelope", "//api/1/envelope/", "/api//1/envelope/", "/x/y/api/1/envelope/"],
)
def test_prefixes_and_doubled_slashes_do_not_matter(door: Door, path: str) -> None:
    assert door.post(event(), path=path).status == 200


PACK = {
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("chunk", [0, 100, 100_000])
def test_every_encoding_in_one_piece_and_in_chunks(door: Door, encoding: str, chunk: int) -> None:
    payload = msgspec.json.encode({"extra": {str(n): f"value {n}" for n in range(2_000)}})
    body = PACK[encoding](event(payload))
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] if chunk else body
    assert door.post(pieces, headers={"content-encoding": encoding}).status == 200
    assert [found.payload for found in door.deliveries()] == [payload]


def test_large_bodies_inflate_off_the_loop(door: Door) -> None:
    body = envelope({"event_id": EVENT_ID}, ("attachment", bytes(5_000_000)), ("event", {"message": "no"}))
    assert door.post(gzip.compress(body, mtime=0), headers={"content-encoding": "gzip"}).status == 200
    assert len(door.deliveries()) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (event()[:-4], {}, 400, "Item 1 says its length is"),
        (b"", {}, 400, "first line"),
        (b"hello", {}, 400, "first line"),
        (b'{}\n{"type":\n', {}, 400, "header of item 1"),
        (b"\x1f\x8brubbish", {"content-encoding": "gzip"}, 400, "Content-Encoding"),
        (gzip.compress(event(), mtime=0)[:-9], {"content-encoding": "gzip"}, 400, "ends in the middle"),
        (event(), {"content-encoding": "snappy"}, 415, "'snappy' is not known"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_cause(
    door: Door, body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    reply = door.post(body, headers=headers)
    assert reply.status == status
    assert says in reply.json["detail"]
    assert not door.deliveries()


def test_other_methods_and_unknown_doors() -> None:
    door = Door()
    assert door.post(b"", method="GET").status == 405
    assert door.post(b"", method="GET").headers["allow"] == "POST, OPTIONS"
    assert door.post(b"", path="/api/1/elsewhere/").status == 404


def test_a_client_that_hangs_up_midway_publishes_nothing(door: Door) -> None:
    body = event()
    reply = door.post([body[:20], body[20:], b""], hang_up=True)
    assert reply.status == 0
    assert not door.deliveries()
    assert door.intake.memory_left == Limits().in_flight


def test_several_events_in_one_envelope_are_all_kept(door: Door) -> None:
    body = envelope(
        {"event_id": EVENT_ID},
        ("event", {"message": "one"}),
        ("event", {"message": "two", "event_id": SECOND_ID}),
        ("event", {}),
    )
    reply = door.post(body)
    found = door.deliveries()
    assert [one.event_id for one in found[:2]] == [EVENT_ID, SECOND_ID]
    assert reply.json == {"id": EVENT_ID, "events": [one.event_id for one in found], "not_kept": {}}
    assert len({one.event_id for one in found}) == 3
    assert door.counts() == {("event", "accepted"): 3}


def test_the_envelopes_id_beats_the_payloads(door: Door) -> None:
    assert door.post(event({"event_id": SECOND_ID})).json == {"id": EVENT_ID}


def test_without_an_id_the_payloads_counts_and_without_that_one_is_made(door: Door) -> None:
    assert door.post(event({"event_id": SECOND_ID}, event_id=None)).json == {"id": SECOND_ID}
    made = door.post(event({}, event_id=None)).json["id"]
    assert len(made) == 32
    assert [one.event_id for one in door.deliveries()] == [SECOND_ID, made]


def test_an_invalid_id_is_replaced_with_a_note(door: Door) -> None:
    made = door.post(event({}, event_id="soon")).json["id"]
    [found] = door.deliveries()
    assert found.event_id == made
    assert [note.where for note in found.notes] == ["event_id"]


def test_items_nobody_consumes_are_counted_and_the_rest_is_kept(door: Door) -> None:
    body = envelope(
        {"event_id": EVENT_ID}, ("session", {}), ("novelty", b"\xff"), ("event", {}), ("session", {})
    )
    reply = door.post(body)
    assert reply.json == {"id": EVENT_ID, "events": [EVENT_ID], "not_kept": {"session": 2, "novelty": 1}}
    assert door.counts() == {("session", "not_kept"): 2, ("novelty", "not_kept"): 1, ("event", "accepted"): 1}


def test_of_a_trace_what_browsers_measured_is_kept(door: Door) -> None:
    lcp = {"measurements": {"lcp": {"value": 900, "unit": "millisecond"}}}
    page = {"transaction": "/cart/7", "spans": [{"op": "resource"}], **lcp}
    body = envelope({"event_id": EVENT_ID}, ("transaction", page), ("transaction", {"transaction": "job"}))
    reply = door.post(body)
    assert (reply.status, reply.json["not_kept"]) == (200, {"transaction": 1})
    [found] = door.deliveries("transaction")
    assert vitals.loads(found.payload) == (vitals.Load("/cart/*", {"lcp": 900.0}),)
    span = {"data": {"transaction": "/cart"}, "measurements": {"inp": {"value": 80}}}
    assert door.post(envelope({}, ("span", span), ("span", {}))).json["not_kept"] == {"span": 1}
    [found] = door.deliveries("span")
    assert vitals.loads(found.payload)[0].values == {"inp": 80.0}
    assert door.counts() == {
        ("transaction", "accepted"): 1, ("transaction", "not_kept"): 1, ("span", "accepted"): 1, ("span", "not_kept"): 1,
    }  # fmt: skip


def test_of_an_envelope_so_many_traces_are_read(door: Door) -> None:
    """They are read where all requests are answered."""
    large = {"data": {"transaction": "/cart", "x": "y" * 600_000}, "measurements": {"inp": {"value": 80}}}
    reply = door.post(envelope({}, *[("span", large)] * 3))
    assert (reply.status, reply.json["not_kept"], len(door.deliveries("span"))) == (200, {"span": 2}, 1)


@pytest.mark.parametrize("header", [{"event_id": EVENT_ID}, {}])
def test_an_envelope_without_events_is_no_error(door: Door, header: dict[str, str]) -> None:
    reply = door.post(envelope(header, ("sessions", {})))
    assert reply.status == 200
    assert reply.json["events"] == []
    assert len(reply.json["id"]) == 32
    assert not door.deliveries()


@pytest.mark.parametrize(
    "body",
    [
        b'{"message":"no"}',
        b'\xef\xbb\xbf {"message":"no"}',
        b'[{"message":"no"}]',
        b'{"message":NaN,}',
        base64.b64encode(zlib.compress(b'{"message":"no"}')),
    ],
)
def test_the_legacy_door_takes_plain_and_packed_bodies(door: Door, body: bytes) -> None:
    reply = door.post(body, path="/api/1/store/")
    [found] = door.deliveries()
    assert reply.json == {"id": found.event_id}
    assert b"message" in found.payload


def test_the_legacy_door_takes_the_payloads_id_and_gzip(door: Door) -> None:
    body = gzip.compress(b'{"event_id":"%s"}' % SECOND_ID.encode(), mtime=0)
    assert door.post(body, path="/api/1/store/", headers={"content-encoding": "gzip"}).json == {
        "id": SECOND_ID
    }


@pytest.mark.parametrize(
    "body", [b"", b"hello", base64.b64encode(b"hello"), base64.b64encode(zlib.compress(b""))]
)
def test_the_legacy_door_refuses_what_is_no_event(door: Door, body: bytes) -> None:
    assert door.post(body, path="/api/1/store/").status == 400


@pytest.mark.parametrize(
    ("auth", "headers", "sdk", "client"),
    [
        (AUTH, {"user-agent": "agent/1"}, None, "sentry.python/2.0"),
        (f"Sentry sentry_key={PUBLIC}", {"user-agent": "agent/1"}, None, "agent/1"),
        (f"Sentry sentry_key={PUBLIC}", {}, {"name": "sdk", "version": "3"}, "sdk/3"),
        (f"Sentry sentry_key={PUBLIC}", {"user-agent": "x" * 500}, None, "x" * 120),
        (f"Sentry sentry_key={PUBLIC}", {"user-agent": "a\x07b"}, None, ""),
    ],
)
def test_the_client_is_named(door: Door, auth: str, headers: dict[str, str], sdk: Any, client: str) -> None:
    door.post(event(sdk=sdk), auth=auth, headers=headers)
    assert door.deliveries()[0].client == client


def test_behind_a_trusted_proxy_the_clients_address_is_forwarded() -> None:
    door = Door(Limits(trusted_proxies=1))
    door.post(event(), headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
    assert door.deliveries()[0].address == "203.0.113.9"


def test_without_trusted_proxies_nobody_forwards_addresses(door: Door) -> None:
    door.post(event(), headers={"x-forwarded-for": "6.6.6.6"})
    assert door.deliveries()[0].address == "198.51.100.7"


def test_limits_come_from_the_settings() -> None:
    limits = limits_of(
        Settings(
            max_event_bytes=5,
            max_envelope_bytes=60,
            max_request_bytes=7,
            max_events_per_minute=8,
            trusted_proxies=2,
        )
    )
    assert (limits.event, limits.envelope, limits.request, limits.trusted_proxies) == (5, 60, 7, 2)
    assert limits.per_minute == 8
    assert limits.in_flight >= limits.envelope
