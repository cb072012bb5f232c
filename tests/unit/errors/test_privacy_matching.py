"""Whose event is it, and where does a text name them: the decisions of an erasure."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors.privacy.matching import FILL, Match, Matcher, checked
from vedette.errors.privacy.types import Datum, DatumKind

ANNA = Datum(DatumKind.EMAIL, "anna+shop@example.com")
PLAIN = Datum(DatumKind.EMAIL, "anna@example.com")


def body(data: dict[str, object], **more: object) -> bytes:
    return json.dumps(
        {"id": "0" * 32, "project": 1, "at": 1.0, "received": 1.0, "data": data, **more}
    ).encode()


@pytest.mark.parametrize(
    ("datum", "data", "person"),
    [
        (PLAIN, {"user": {"email": "Anna@EXAMPLE.com"}}, True),
        (PLAIN, {"user": {"id": 1, "email": " anna@example.com "}}, True),
        (PLAIN, {"user": {"email": "joanna@example.com"}}, None),
        (PLAIN, {"user": {"email": "anna@example.com.au"}}, None),
        (PLAIN, {"extra": {"to": "<anna@example.com>"}}, False),
        (PLAIN, {"message": "line\nanna@example.com."}, False),
        (PLAIN, {"request": {"query_string": "a%3Danna%40example.com&b"}}, False),
        (PLAIN, {"user": "anna@example.com"}, False),
        (ANNA, {"request": {"url": "/?m=anna%2bshop%40example.com"}}, False),
        (ANNA, {"request": {"url": "/?m=anna%2Bshop%40example.com"}}, False),
        (Datum(DatumKind.ID, "4711"), {"user": {"id": 4711}}, True),
        (Datum(DatumKind.ID, "4711"), {"user": {"id": "4711"}}, True),
        (Datum(DatumKind.ID, "4711"), {"user": {"id": 47110}, "extra": {"n": 4711}}, None),
        (Datum(DatumKind.ID, "True"), {"user": {"id": True}}, None),
        (Datum(DatumKind.ID, "user-80317"), {"message": "for user-80317!"}, False),
        (Datum(DatumKind.ID, "user-80317"), {"message": "for user-803170"}, None),
        (Datum(DatumKind.ID, "user-80317"), {"message": "for USER-80317"}, None),
    ],
)
def test_an_event_is_somebodys_or_mentions_them(
    datum: Datum, data: dict[str, object], person: bool | None
) -> None:
    found = Matcher(datum).event(body(data))
    assert (found.person if found else None) is person


def test_a_tag_that_names_a_user_counts_as_their_user() -> None:
    matcher = Matcher(Datum(DatumKind.ID, "47"))
    assert matcher.event(body({}, tags=[["user_id", "47"]])) == Match(
        True, "its user's id is the datum", ("id:47",)
    )
    assert matcher.event(body({}, tags=[["order", "47"]])) is None
    assert matcher.event(body({}, user="id:47")) is not None


def test_what_escapes_the_letters_is_seen_through() -> None:
    matcher = Matcher(Datum(DatumKind.EMAIL, "jörg@exämple.com"))
    for escaped in (True, False):
        sent = json.dumps({"data": {"extra": "jörg@exämple.com"}}, ensure_ascii=escaped).encode()
        assert matcher.event(sent) is not None


def test_the_same_person_is_known_by_the_other_names_of_their_events() -> None:
    found = Matcher(PLAIN).event(body({"user": {"id": 9, "email": "anna@example.com", "ip_address": "::1"}}))
    assert found is not None
    again = Matcher(PLAIN, found.labels)
    assert again.tag("user", "id:9")
    assert not again.tag("user", "ip:::1")


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_mask_keeps_length_and_everything_else(before: str, after: str) -> None:
    text = f"{before} anna@example.com {after}"
    masked = str(Matcher(PLAIN).masked(text))
    assert len(masked) == len(text)
    assert f" {FILL * 16} " in masked
    assert Matcher(PLAIN).masked(masked) == masked
    packed = text.encode(errors="surrogatepass")
    assert Matcher(PLAIN).masked(packed) == masked.encode(errors="surrogatepass")


@pytest.mark.parametrize("value", [None, 7, 1.5])
def test_what_is_no_text_is_left_alone(value: float | None) -> None:
    assert Matcher(PLAIN).masked(value) == value


def test_a_datum_is_trimmed() -> None:
    assert checked(DatumKind.EMAIL, " anna@example.com ") == PLAIN
