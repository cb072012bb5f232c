import json
import math
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.wire import lenient
from vedette.wire.tolerant import DEPTH, TOO_DEEP

DEEP_NOTE = f"What is nested deeper than {DEPTH} levels was dropped."


def notes_of(payload: bytes) -> list[tuple[str, str]]:
    return [(note.where, note.what) for note in lenient.decode(payload)[1]]


def depth_of(value: Any) -> int:
    levels = 0
    while isinstance(value, dict | list) and value:
        value, levels = (value[0] if isinstance(value, list) else next(iter(value.values()))), levels + 1
    return levels + isinstance(value, dict | list)


def test_valid_json_comes_through_without_a_note() -> None:
    value = {"a": [1, 2.5, None, True, "äöü \U0001f600"], "b": {"c": {}}}
    assert lenient.decode(json.dumps(value).encode()) == (value, ())


@pytest.mark.parametrize(
    ("payload", "value", "where", "what"),
    [
        (b'{"x":["\\ud800"]}', {"x": ["\ufffd"]}, "x.0", "Half characters (lone surrogates) were replaced."),
        (b'{"\\udfff":1}', {"\ufffd": 1}, "\ufffd", "Half characters (lone surrogates) were replaced."),
        (b'{"a":"x\\u0000y"}', {"a": "x\ufffdy"}, "a", "NUL characters were replaced."),
        (b'{"a":{"b\\u0000":1}}', {"a": {"b\ufffd": 1}}, "a.b\ufffd", "NUL characters were replaced."),
        (b'{"a":"x\x00y"}', {"a": "x\ufffdy"}, "a", "NUL characters were replaced."),
        (b'{"a":"\xff"}', {"a": "\ufffd"}, "", "Bytes that are not UTF-8 were replaced."),
        (b'{"a":NaN}', {"a": None}, "a", "NaN is not a JSON value and was dropped."),
        (b'{"a":[-Infinity]}', {"a": [None]}, "a.0", "-Infinity is not a JSON value and was dropped."),
        (b'{"a":Infinity}', {"a": None}, "a", "Infinity is not a JSON value and was dropped."),
        (b'{"a":1e999}', {"a": None}, "a", "A number out of range was dropped."),
        (b'{"a":' + b"9" * 5000 + b"}", {"a": None}, "a", "A number out of range was dropped."),
        (b'{"a":[1,2,],}', {"a": [1, 2]}, "a", "A trailing comma was skipped."),
        (b'{"a":1,,,"b":2}', {"a": 1, "b": 2}, "", "A comma too many was skipped."),
        (b'{"a":,"b":2}', {"b": 2}, "a", "A key without a value was dropped."),
        (b'{a:1,"b":2}', {"a": 1, "b": 2}, "", "The key a is not quoted."),
        (b'{"a" 1,"b":2}', {"b": 2}, "", "The key a has no value and was dropped."),
        (b'{"a":[1}', {"a": [1]}, "a", "A wrong closing bracket was taken for the right one."),
        (b'{"a":"\\q"}', {"a": "q"}, "a", "A text with a wrong escape was kept as far as it could be read."),
        (b'{"a":undefined}', {"a": None}, "a", "undefined is not a JSON value and was dropped."),
        (b'{"a":1}}', {"a": 1}, "", "Characters after the end of the JSON were dropped."),
        (b'{"a":1 ;"b":2}', {"a": 1, "b": 2}, "", "Characters that are not JSON were skipped."),
    ],
)
def test_what_cannot_be_kept_becomes_a_note(payload: bytes, value: Any, where: str, what: str) -> None:
    assert lenient.decode(payload)[0] == value
    assert (where, what) in notes_of(payload)


def test_a_byte_order_mark_is_skipped_in_silence() -> None:
    assert lenient.decode(b'\xef\xbb\xbf{"a":1}') == ({"a": 1}, ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_text_with_a_byte_order_mark_is_read(encoding: str) -> None:
    assert lenient.decode('{"a":"ä"}'.encode(encoding)) == ({"a": "ä"}, ())


def test_raw_control_characters_in_texts_are_kept() -> None:
    assert lenient.decode(b'{"a":"x\ny\t"}') == ({"a": "x\ny\t"}, (lenient.REPAIRED,))


def test_surrogate_pairs_are_one_character_even_in_broken_json() -> None:
    assert lenient.decode(b'{"a":"\\ud83d\\ude00",}')[0] == {"a": "\U0001f600"}


def test_of_duplicate_keys_the_last_wins() -> None:
    assert lenient.decode(b'{"a":1,"a":2}')[0] == {"a": 2}
    assert lenient.decode(b'{"a":1,"a":2,}')[0] == {"a": 2}


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"a":[1,{"b":"tru', {"a": [1, {"b": "tru"}]}),
        (b'{"a":1,"b"', {"a": 1}),
        (b'{"a":1,"b":', {"a": 1}),
        (b'{"a":"x\\', {"a": "x"}),
        (b'{"a":"x\\u12', {"a": "xu12"}),
        (b"[", []),
        (b"{", {}),
    ],
)
def test_truncated_json_keeps_what_came_before(payload: bytes, value: Any) -> None:
    assert lenient.decode(payload)[0] == value
    assert any("ends in the middle" in what for _, what in notes_of(payload))


@pytest.mark.parametrize("payload", [b"", b" ", b"hello world", b"\x80\x81", b"]", b",", b"-", b"\\"])
def test_no_json_at_all_is_an_empty_object_and_a_note(payload: bytes) -> None:
    value, notes = lenient.decode(payload)
    assert value == {}
    assert notes[-1] == lenient.NOTHING


@pytest.mark.parametrize("levels", [DEPTH - 1, DEPTH])
def test_depth_up_to_the_limit_is_kept(levels: int) -> None:
    value, notes = lenient.decode(b'{"a":' * levels + b"1" + b"}" * levels)
    assert depth_of(value) == levels
    assert not notes


@pytest.mark.parametrize("levels", [DEPTH + 1, 100, 900, 5_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_what_is_deeper_is_trimmed_with_a_note(levels: int, opening: bytes, closing: bytes) -> None:
    value, notes = lenient.decode(opening * levels + closing * levels)
    assert depth_of(value) == DEPTH
    assert TOO_DEEP in lenient.encode(value).decode()
    assert [note.what for note in notes] == [DEEP_NOTE]


def test_brackets_in_texts_cannot_hide_depth() -> None:
    value, notes = lenient.decode(b'["]",' * 200 + b'"x"' + b',"["]' * 200)
    assert DEEP_NOTE in [note.what for note in notes]
    levels, node = 0, value
    while isinstance(node, list):
        levels, node = levels + 1, next((child for child in node if isinstance(child, list)), None)
    assert levels == DEPTH


def test_what_follows_the_deep_part_is_kept() -> None:
    payload = b'{"deep":' + b"[" * 5_000 + b"]" * 5_000 + b',"message":"here"}'
    assert lenient.decode(payload)[0]["message"] == "here"  # type: ignore[index,call-overload]


def test_notes_are_few_however_much_is_broken() -> None:
    _, notes = lenient.decode(b"[" + b"NaN," * 100_000 + b"]")
    assert len(notes) < 10


BOMBS = [
    b"[" * 250_000,
    b'{"a":' * 50_000,
    b'{"a":"' + b"x" * 10_000_000,
    b'{"a":"' + b"\\q" * 125_000,
    b"[" + b"," * 250_000,
    b"[" + b"NaN," * 60_000,
    b"{" + b"a:1," * 60_000,
    b"{" + b'":' * 125_000,
    b'{"tags":[' + b'["a","b"],' * 25_000 + b"]}",
]


@pytest.mark.parametrize(
    "payload",
    [one if n % 3 == 0 else pytest.param(one, marks=pytest.mark.deep) for n, one in enumerate(BOMBS)],
    ids=["open", "objects", "text", "escapes", "commas", "words", "keys", "quotes", "tags"],
)
def test_a_bomb_costs_memory_in_proportion_to_its_size(payload: bytes) -> None:
    tracemalloc.start()
    value, notes = lenient.decode(payload)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * len(payload) + 1_000_000
    assert notes
    lenient.encode(value)


def test_a_broken_text_is_given_up_after_so_many_steps() -> None:
    value, notes = lenient.decode(b"[" + b"NaN," * 1_000_000)
    assert isinstance(value, list)
    assert len(value) < 250_000
    assert "too long to mend" in notes[-1].what


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_to_something_that_can_be_stored(payload: bytes) -> None:
    value, _ = lenient.decode(payload)
    assert json.loads(lenient.encode(value)) == value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.data())
def test_any_cut_of_valid_json_is_decoded(value: Any, data: st.DataObject) -> None:
    payload = json.dumps(value, allow_nan=False).encode()
    cut = payload[: data.draw(st.integers(0, len(payload)))]
    found, _ = lenient.decode(cut)
    lenient.encode(found)


@given(JSON)
def test_the_tolerant_reader_agrees_on_valid_json(value: Any) -> None:
    payload = json.dumps(value, allow_nan=False)
    cleaned = json.loads(payload.replace("\\u0000", "\\ufffd"))
    if "\\ud8" not in payload:
        assert lenient.tolerant.parse(payload).value == cleaned


def test_encode_is_total() -> None:
    assert (
        lenient.encode({"a": "\ud800", "b": math.nan, "c": "ä"}) == '{"a":"\ufffd","b":null,"c":"ä"}'.encode()
    )
