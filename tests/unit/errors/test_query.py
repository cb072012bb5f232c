"""The language of the search box, and how it points at what it does not understand."""

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import amounts, shortid
from vedette.errors.query import Known, QueryProblem, parse, show
from vedette.errors.types import Term

ROOT = Path(__file__).parents[3]


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
        ("times:>100 events:10..50", [Term("times", ">100"), Term("times", "10..50")]),
        ("users:>=5 !users:0", [Term("users", ">=5"), Term("users", "0", True)]),
        ("first-seen:>2d lastSeen:<1h", [Term("first-seen", ">2d"), Term("last-seen", "<1h")]),
        ("age:2026-11-20..2026-11-24", [Term("first-seen", "2026-11-20..2026-11-24")]),
        ("has:user !has:release", [Term("has", "user"), Term("has", "release", True)]),
        ("assigned:me !assigned:Nobody", [Term("assignee", "me"), Term("assignee", "none", True)]),
        ("release:2.1.*", [Term("release", "2.1.*", wild=True)]),
        ('release:"2.1.*"', [Term("release", "2.1.*")]),
        ("tag.area:*check*", [Term("tag", "*check*", False, "area", True)]),
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
        ("times:many", "many", "such as 100, >100"),
        ("users:50..10", "50..10", "wrong way round"),
        ("!last-seen:soon", "soon", "such as <1h"),
        ("first-seen:2026-13-01", "2026-13-01", "2026-11-24"),
        ("user:an*", "an*", "whole id"),
        ("colour:red tme:>1", "colour:", "Nothing is called colour:"),
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


KNOWN = Known(tags=lambda: ["area", "payment.kind"], people=lambda: ["anna", "anna@example.org"], me=False)


def test_what_exists_may_be_named() -> None:
    found = parse("area:basket payment.kind:card assigned:Anna", KNOWN).terms
    assert found == (
        Term("tag", "basket", tag="area"), Term("tag", "card", tag="payment.kind"), Term("assignee", "anna"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word", "says"),
    [
        ("arae:basket", "arae:", "Did you mean area:?"),
        ("assigned:ana", "ana", "Did you mean anna?"),
        ("is:open assigned:xyz", "xyz", "Nobody here is called xyz"),
        ("assigned:me", "me", "Nobody is signed in"),
    ],
)
def test_what_does_not_exist_is_pointed_at(text: str, word: str, says: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        parse(text, KNOWN)
    assert caught.value.word == word
    assert says in str(caught.value)


WORDS = st.sampled_from(
    [
        "is:open",
        "!times:>5",
        "users:1..9",
        "first-seen:<2d",
        "release:2.*",
        "tag.a:b",
        "has:",
        "assigned:me",
        '"a b"',
        "!x",
    ]
)
PIECES = st.lists(WORDS | st.text('is:level*"!\\ ab.<>=123dh-/', max_size=12), max_size=8).map(" ".join)


@given(PIECES | st.text(max_size=80))
def test_a_search_written_down_is_the_same_search(text: str) -> None:
    try:
        found = parse(text)
    except QueryProblem:
        return
    assert parse(show(found)) == found


@given(st.text("0123456789<>=.-:TZdhmw ", max_size=24), st.floats(0, 1e10))
def test_any_amount_is_bounds_or_a_problem(text: str, now: float) -> None:
    for read in (amounts.numbers, lambda said: amounts.instants(said, now)):
        said, found = "", None
        try:
            found = read(text)
        except ValueError as error:
            said = str(error)
        assert (found is None) == (said in {amounts.NUMBERS, amounts.INSTANTS, amounts.TURNED})
        assert found is None or (found.low, found.high) != (None, None)


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
def test_amounts_compare_as_numbers_do(low: int, high: int, n: int) -> None:
    def inside(text: str) -> bool:
        found = amounts.numbers(text)
        return (found.low is None or n >= found.low) and (found.high is None or n < found.high)

    assert [inside(f"{sign}{low}") for sign in (">", ">=", "<", "<=", "")] == [
        n > low, n >= low, n < low, n <= low, n == low
    ]  # fmt: skip
    if low <= high:
        assert inside(f"{low}..{high}") == (low <= n <= high)


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


def told(path: str) -> list[str]:
    """Return the searches a text of ours shows: what stands in backticks or `<code>` and has a colon."""
    text = html.unescape((ROOT / path).read_text())
    found = [one or other for one, other in re.findall(r"`([^`\n]+)`|<code>([^<]+)</code>", text)]
    return [one for one in found if re.match(r"!?[\w.-]+:.", one)]


@pytest.mark.parametrize("path", ["docs/search.md", "src/vedette/errors/templates/errors/_search_help.html"])
def test_what_the_help_shows_is_understood(path: str) -> None:
    shown = told(path)
    assert len(shown) > 8
    for search in shown:
        assert parse(search, Known(tags=lambda: ["area"])).terms
