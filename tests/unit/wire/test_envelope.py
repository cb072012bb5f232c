import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.wire import envelope
from vedette.wire.envelope import MOST_ITEMS, EnvelopeError


def parts(body: bytes) -> list[tuple[str, bytes]]:
    return [(item.type, item.payload) for item in envelope.parse(body).items]


def cause(body: bytes) -> str:
    with pytest.raises(EnvelopeError) as caught:
        envelope.parse(body)
    return str(caught.value)


def test_items_with_a_length_may_hold_newlines() -> None:
    body = b'{"event_id":"a"}\n{"type":"event","length":3}\n{\n}\n{"type":"attachment","length":2}\n\n\n\n'
    assert parts(body) == [("event", b"{\n}"), ("attachment", b"\n\n")]


def test_without_a_length_the_payload_ends_at_the_newline() -> None:
    assert parts(b'{}\n{"type":"event"}\n{"a":1}\n{"type":"session"}\n{}') == [
        ("event", b'{"a":1}'),
        ("session", b"{}"),
    ]


def test_crlf_is_tolerated_with_and_without_a_length() -> None:
    body = b'{}\r\n{"type":"event"}\r\n{"a":1}\r\n{"type":"event","length":2}\r\n{}\r\n{"type":"log"}\r\n[]'
    assert parts(body) == [("event", b'{"a":1}'), ("event", b"{}"), ("log", b"[]")]


def test_a_payload_may_be_empty_or_missing_at_the_end() -> None:
    assert parts(b'{}\n{"type":"event","length":0}\n\n{"type":"event"}') == [("event", b""), ("event", b"")]


def test_blank_lines_between_items_are_skipped() -> None:
    assert parts(b'\n{}\n\n{"type":"event"}\n{}\n\n\n{"type":"event"}\n[]\n\n') == [
        ("event", b"{}"),
        ("event", b"[]"),
    ]


def test_a_length_past_the_end_names_the_item_and_what_is_left() -> None:
    assert "Item 2 says its length is 9 bytes, but 2 are left." in cause(
        b'{}\n{"type":"event"}\n{}\n{"type":"event","length":9}\n{}'
    )


def test_a_length_that_is_too_short_is_an_error() -> None:
    assert "Item 1 goes on after the length" in cause(b'{}\n{"type":"event","length":1}\n{}\n')


@pytest.mark.parametrize("length", [b"-1", b"[]", b'"x"', b"1.5", b"true", b'"' + b"9" * 40 + b'"'])
def test_a_length_that_is_no_number_of_bytes_is_an_error(length: bytes) -> None:
    assert "is not a number of bytes" in cause(b'{}\n{"type":"event","length":' + length + b"}\n{}\n")


@pytest.mark.parametrize("length", [b"2", b"2.0", b'"2"'])
def test_a_length_in_other_clothes_counts(length: bytes) -> None:
    assert parts(b'{}\n{"type":"event","length":' + length + b"}\n{}\n") == [("event", b"{}")]


def test_a_length_of_null_is_none() -> None:
    assert parts(b'{}\n{"type":"event","length":null}\n{}\n') == [("event", b"{}")]


def test_of_duplicate_header_keys_the_last_wins() -> None:
    found = envelope.parse(b'{"event_id":"a","event_id":"b"}\n{"type":"log","type":"event"}\n{}')
    assert found.header.event_id == "b"
    assert found.items[0].type == "event"


@pytest.mark.parametrize(
    "sent_at", ["soon", "", 17, -1, None, [], {}, True, "9999999-01-01", "0001-01-01T00:00:00Z"]
)
def test_a_bad_sent_at_is_ignored(sent_at: Any) -> None:
    found = envelope.parse(msgspec.json.encode({"sent_at": sent_at}) + b"\n")
    assert found.sent_at in (None, 17.0) or found.sent_at < 0


@pytest.mark.parametrize(
    "text",
    ["2026-11-25T03:00:00Z", "2026-11-25T03:00:00.000000000Z", "2026-11-25T04:00:00+01:00", 1795575600],
)
def test_sent_at_is_read(text: Any) -> None:
    assert envelope.instant(text) == 1_795_575_600.0


def test_unknown_types_keep_their_name_and_a_missing_one_is_unknown() -> None:
    body = b'{}\n{"type":"novelty"}\n{}\n{"length":2}\n{}\n{"type":7}\n{}\n{"type":"profile_chunk_ui"}\n{}\n'
    assert [kind for kind, _ in parts(body)] == ["novelty", "unknown", "unknown", "profile_chunk"]


@pytest.mark.parametrize(
    "line",
    [b'{"event_id":"a","x":"\x00"}', b'{"event_id":"a","x":"\xff"}', b'{"event_id":"a","x":"\\ud800",}'],
)
def test_nul_and_invalid_utf_8_in_headers_are_tolerated(line: bytes) -> None:
    found = envelope.parse(line + b'\n{"type":"event","x":"\x00\xff"}\n{}')
    assert found.header.event_id == "a"
    assert found.items[0].payload == b"{}"


@pytest.mark.parametrize(
    "line", [b"", b"\n", b" \r\n", b"[]", b"7", b"hello", b'{"event_id":"a', b"\xff\xfe"]
)
def test_a_header_that_is_no_object_is_an_error(line: bytes) -> None:
    assert "first line" in cause(line)
    assert cause(b"{}\n" + (line.strip() or b"x") + b"\n{}").startswith("The header of item 1")


def test_a_header_line_without_end_is_refused_before_it_is_read_twice() -> None:
    assert "longer than" in cause(b"{" + b"x" * 300_000)


def test_too_many_items_are_an_error() -> None:
    assert "more than" in cause(b"{}\n" + b"{}\n\n" * (MOST_ITEMS + 1))


def test_an_envelope_in_a_bytearray_is_read_alike() -> None:
    body = bytearray(
        b'{"event_id":"a"}\r\n{"type":"event","length":2}\r\n{}\r\n{"type":"log","x":"\xff"}\n[]'
    )
    assert parts(body) == [("event", b"{}"), ("log", b"[]")]  # type: ignore[arg-type]


def test_the_sdk_in_the_header_names_the_client() -> None:
    def client(sdk: Any) -> str:
        return envelope.parse(msgspec.json.encode({"sdk": sdk})).client

    assert client({"name": "sentry.python", "version": "2.0"}) == "sentry.python/2.0"
    assert client({"name": "sentry.python"}) == "sentry.python"
    assert client([]) == client({"name": 1}) == client(None) == ""


PAYLOADS = st.lists(st.tuples(st.sampled_from(["event", "log", "x"]), st.binary(max_size=60)), max_size=5)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), PAYLOADS)
def test_what_is_built_is_parsed(header: dict[str, str], items: list[tuple[str, bytes]]) -> None:
    body = envelope.build(dict(header), [({"type": kind}, payload) for kind, payload in items])
    assert parts(body) == items


@given(st.binary(max_size=400))
@example(b'{}\n{"type":"event","length":99999999999999999999999}\n')
@example(b"{}\n{\n")
def test_any_bytes_raise_nothing_but_an_envelope_error(body: bytes) -> None:
    with contextlib.suppress(EnvelopeError):
        envelope.parse(body)


@given(PAYLOADS, st.data())
def test_any_damage_raises_nothing_but_an_envelope_error(
    items: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    body = bytearray(
        envelope.build({"event_id": "a"}, [({"type": kind}, payload) for kind, payload in items])
    )
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EnvelopeError):
        for item in envelope.parse(bytes(body)).items:
            assert item.size == len(item.payload) >= 0
