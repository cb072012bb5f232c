"""Every leniency of the protocol at the front door: acknowledged, in the log, and still readable behind it."""

from typing import Any

import msgspec
import pytest
from tests.support.door import EVENT_ID, Door, event

from vedette.wire import lenient

BROKEN: dict[str, tuple[bytes, Any]] = {
    "lone surrogates": (b'{"message":"\\ud800"}', {"message": "\ufffd"}),
    "NUL": (b'{"message":"a\\u0000b"}', {"message": "a\ufffdb"}),
    "raw NUL": (b'{"message":"a\x00b"}', {"message": "a\ufffdb"}),
    "invalid UTF-8": (b'{"message":"\xff"}', {"message": "\ufffd"}),
    "NaN": (b'{"message":"no","x":NaN}', {"message": "no", "x": None}),
    "Infinity": (b'{"message":"no","x":[-Infinity]}', {"message": "no", "x": [None]}),
    "BOM": (b'\xef\xbb\xbf{"message":"no"}', {"message": "no"}),
    "trailing commas": (b'{"message":"no","x":[1,],}', {"message": "no", "x": [1]}),
    "an array for an object": (b'[{"message":"no"}]', [{"message": "no"}]),
    "an object for an array": (b'{"fingerprint":{"a":1}}', {"fingerprint": {"a": 1}}),
    "tags as pairs": (b'{"tags":[["a","b"]]}', {"tags": [["a", "b"]]}),
    "tags that are no texts": (b'{"tags":{"a":1,"b":null}}', {"tags": {"a": 1, "b": None}}),
    "null exceptions": (b'{"exception":{"values":[null]}}', {"exception": {"values": [None]}}),
    "frames without file": (b'{"stacktrace":{"frames":[{}]}}', {"stacktrace": {"frames": [{}]}}),
    "a timestamp in words": (b'{"timestamp":"soon"}', {"timestamp": "soon"}),
    "an unknown platform": (b'{"platform":"abacus"}', {"platform": "abacus"}),
    "an automatic address": (b'{"user":{"ip_address":"{{auto}}"}}', {"user": {"ip_address": "{{auto}}"}}),
    "duplicate keys": (b'{"message":"a","message":"b"}', {"message": "b"}),
    "an end in the middle": (b'{"message":"no","x":{"y":"z', {"message": "no", "x": {"y": "z"}}),
    "nothing": (b"", {}),
    "rubbish": (b"rubbish", {}),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("event_id", [EVENT_ID, None, "soon"])
def test_a_broken_event_is_acknowledged_and_in_the_log(door: Door, name: str, event_id: str | None) -> None:
    payload, value = BROKEN[name]
    reply = door.post(event(payload, event_id=event_id))
    assert reply.status == 200
    [found] = door.deliveries()
    assert found.event_id == reply.json["id"]
    assert lenient.decode(found.payload)[0] == value


@pytest.mark.parametrize("event_id", [EVENT_ID, None])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_an_event_5000_deep_is_kept(door: Door, event_id: str | None, opening: bytes, closing: bytes) -> None:
    payload = b'{"message":"no","x":' + opening * 5_000 + b"1" + closing * 5_000 + b"}"
    reply = door.post(event(payload, event_id=event_id))
    [found] = door.deliveries()
    assert found.event_id == reply.json["id"]
    value, notes = lenient.decode(found.payload)
    assert isinstance(value, dict)
    assert value["message"] == "no"
    assert notes


def test_a_duplicate_event_id_is_answered_like_the_first(door: Door) -> None:
    replies = [door.post(event()) for _ in range(2)]
    assert [(reply.status, reply.json) for reply in replies] == [(200, {"id": EVENT_ID})] * 2


@pytest.mark.parametrize("sent_at", ["soon", "", None, 1e300, -5, [], {"a": 1}, "0001-01-01T00:00:00+23:00"])
def test_a_bad_sent_at_is_ignored(door: Door, sent_at: Any) -> None:
    assert door.post(event(sent_at=sent_at)).status == 200
    sent = door.deliveries()[0].sent_at
    assert sent is None or sent < 0


@pytest.mark.parametrize("dsn", ["", "x", 7, None, [], "http://[/1"])
def test_a_bad_dsn_in_the_envelope_does_not_matter_beside_a_key(door: Door, dsn: Any) -> None:
    assert door.post(event(dsn=dsn)).status == 200


@pytest.mark.parametrize("dsn", ["", "x", 7, None, [], "http://[/1"])
def test_a_bad_dsn_in_the_envelope_alone_is_refused(door: Door, dsn: Any) -> None:
    assert door.post(event(dsn=dsn), auth=None).status == 403


def test_crlf_envelopes_are_read(door: Door) -> None:
    body = b'{"event_id":"%s"}\r\n{"type":"event","length":2}\r\n{}\r\n' % EVENT_ID.encode()
    assert door.post(body).json == {"id": EVENT_ID}


def test_headers_with_nul_and_invalid_utf_8_are_read(door: Door) -> None:
    body = b'{"event_id":"%s","x":"\x00\xff"}\n{"type":"event","y":"\xff"}\n{}' % EVENT_ID.encode()
    assert door.post(body).json == {"id": EVENT_ID}


def test_a_hundred_thousand_tags_are_taken(door: Door) -> None:
    payload = msgspec.json.encode({"tags": {f"{n}": "x" for n in range(80_000)}})
    assert door.post(event(payload)).status == 200
