import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.intake import event_ids

A, B, C = "a" * 32, "b" * 32, "c" * 32


def chosen(header: object, *payload_ids: object) -> list[str]:
    return [one.event_id for one in choose(header, *payload_ids)]


def choose(header: object, *payload_ids: object) -> list[event_ids.Chosen]:
    fresh = (f"{n:032d}" for n in itertools.count(1))
    payloads = [msgspec.json.encode({"event_id": own} if own is not None else {}) for own in payload_ids]
    return event_ids.choose(header, payloads, lambda: next(fresh))


NEW, NEWER = f"{1:032d}", f"{2:032d}"


@pytest.mark.parametrize(
    ("header", "own", "ids"),
    [
        (A, [B], [A]),
        (A, [None], [A]),
        (None, [B], [B]),
        (None, [None], [NEW]),
        ("soon", [B], [B]),
        ("soon", [None], [NEW]),
        (7, [[]], [NEW]),
        ("0" * 32, [None], [NEW]),
        (A, [None, None], [A, NEW]),
        (A, [B, C], [A, C]),
        (A, [B, A], [B, A]),
        (None, [B, C], [B, C]),
        (None, [B, B], [B, NEW]),
        (A, [A, A], [A, NEW]),
        (A, [], []),
        (None, [None, None], [NEW, NEWER]),
    ],
)
def test_which_id_wins(header: Any, own: list[Any], ids: list[str]) -> None:
    assert chosen(header, *own) == ids


def test_an_id_may_be_a_uuid_in_capitals() -> None:
    assert chosen("AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA", None) == [A]


@pytest.mark.parametrize(
    "value", ["", "x" * 32, "a" * 31, "a" * 33, "a" * 30 + " a", "_" * 32, "é" * 32, None, 7, {}]
)
def test_what_is_no_id_is_none(value: Any) -> None:
    assert event_ids.normal(value) is None


def test_a_note_says_when_an_id_is_not_the_one_sent() -> None:
    assert [note.what for one in choose("soon", None) for note in one.notes] == [event_ids.INVALID]
    assert [note.what for one in choose(None, 7) for note in one.notes] == [event_ids.INVALID]
    assert [note.what for one in choose(A, B, A) for note in one.notes] == []
    assert [note.what for one in choose(A, A, A) for note in one.notes] == [event_ids.TAKEN]
    assert not choose(None, None)[0].notes


def test_the_payloads_id_is_found_in_broken_json_too() -> None:
    assert event_ids.inside(b'{"event_id":"x","a":NaN,}') == "x"
    assert event_ids.inside(b"[1]") is event_ids.inside(b"rubbish") is None


@given(st.sampled_from([A, None, "soon"]), st.lists(st.sampled_from([A, B, None, 7]), max_size=5))
def test_every_event_gets_an_id_of_its_own(header: Any, own: list[Any]) -> None:
    ids = chosen(header, *own)
    assert len(set(ids)) == len(own)
    assert all(event_ids.normal(one) == one for one in ids)
