"""The language of the search box, and how it points at what it does not understand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import shortid
from vedette.errors.query import parse
from vedette.errors.types import QueryProblem, Term


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("   ", []),
        ("is:open", [Term("is", "open")]),
        ("IS:Open LEVEL:Error", [Term("is", "open"), Term("level", "error")]),
        ("!level:info", [Term("level", "info", True)]),
        ("timeout", [Term("text", "timeout")]),
        ("!timeout", [Term("text", "timeout", True)]),
        ('"exact words" more', [Term("text", "exact words"), Term("text", "more")]),
        ('"say \\"hi\\""', [Term("text", 'say "hi"')]),
        ("release:shop@2.1", [Term("release", "shop@2.1")]),
        ('environment:"pre prod"', [Term("environment", "pre prod")]),
        ("env:prod", [Term("environment", "prod")]),
        ("user:anna@example.org", [Term("user", "anna@example.org")]),
        ("assignee:anna type:ValueError", [Term("assignee", "anna"), Term("type", "ValueError")]),
        ("tag.browser:Firefox", [Term("tag", "Firefox", False, "browser")]),
        ('server:"db-1"', [Term("tag", "db-1", False, "server_name")]),
        ("http://shop.example.org/pay", [Term("text", "http://shop.example.org/pay")]),
        ("shop.orders.pay", [Term("text", "shop.orders.pay")]),
        ("shop/orders.py", [Term("text", "shop/orders.py")]),
    ],
)
def test_terms(text: str, terms: list[Term]) -> None:
    assert list(parse(text).terms) == terms


@pytest.mark.parametrize(
    ("text", "word", "says"),
    [
        ("is:opne", "opne", "Did you mean is:open?"),
        ("level:error is:what", "what", "It is one of"),
        ("level:loud", "loud", "It is one of fatal, error"),
        ("relase:2", "relase:", "Did you mean release:?"),
        ("!colour:red", "!colour:", "Nothing is called colour:"),
        ("a release:", "release:", "What should release be?"),
        ("tag.browser:", "tag.browser:", "What should the tag browser be?"),
        ('a "open end', '"open end', "has no end"),
        ("ok ??", "??", "nothing to look for"),
        ("x" * 501, "x", "at most 500"),
        (" ".join("abcdefghijklmnopqrstu"), "u", "at most 20"),
    ],
)
def test_problems_point_at_the_word(text: str, word: str, says: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        parse(text)
    assert caught.value.word == word
    assert says in str(caught.value)
    assert caught.value.before + caught.value.word + caught.value.after == text


@given(st.text(max_size=80) | st.text('is:level"!\\ ab', max_size=40))
def test_any_text_is_a_search_or_a_problem(text: str) -> None:
    problem = None
    try:
        found = parse(text)
    except QueryProblem as raised:
        problem = raised
    if problem is None:
        assert all(term.value for term in found.terms)
    else:
        assert problem.before + problem.word + problem.after == text


@pytest.mark.parametrize(
    ("number", "key"), [(0, "SHOP-0"), (1, "SHOP-1"), (31, "SHOP-Z"), (32, "SHOP-10"), (143, "SHOP-4F")]
)
def test_keys_of_issues(number: int, key: str) -> None:
    assert shortid.short_id("shop", number) == key
    assert shortid.parse(key.lower()) == ("shop", number)


@pytest.mark.parametrize("text", ["", "SHOP", "SHOP-", "-1", "SHOP-U", "SHOP-1234567890123", "SHOP-é"])
def test_what_is_no_key(text: str) -> None:
    assert shortid.parse(text) is None


def test_letters_that_look_like_digits_are_read_as_such() -> None:
    assert shortid.parse("web-shop-iOl") == ("web-shop", shortid.parse("web-shop-101")[1])  # type: ignore[index]


@given(st.integers(0, 2**53))
def test_keys_round_trip(number: int) -> None:
    assert shortid.parse(shortid.short_id("a-b", number)) == ("a-b", number)
