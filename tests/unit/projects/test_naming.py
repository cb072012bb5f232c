"""Slugs, origins and DSNs, by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.projects import naming


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Shop", "shop"),
        ("My Shop / Checkout", "my-shop-checkout"),
        ("Käse & Brot", "kase-brot"),
        ("42 answers", "project-42-answers"),
        ("…", "project"),
        ("new", "project-new"),
        ("a" * 200, "a" * 45),
    ],
)
def test_a_slug_is_made_from_the_name(name: str, slug: str) -> None:
    assert naming.slug_of(name) == slug


def test_a_taken_slug_gets_a_number() -> None:
    assert naming.slug_of("Shop", {"shop", "shop-2"}) == "shop-3"


@given(st.text(max_size=300), st.sets(st.text(max_size=10), max_size=5))
def test_every_name_gets_a_slug_that_may_be_chosen_too(name: str, taken: set[str]) -> None:
    slug = naming.slug_of(name, taken)
    assert naming.slug_problem(slug) == ""
    assert slug not in taken


@pytest.mark.parametrize(
    "slug", ["", "1", "9lives", "a--b", "-a", "a-", "Shop", "a_b", "ä", "new", "api", "x" * 51, "a\n"]
)
def test_a_slug_that_would_break_links_is_refused(slug: str) -> None:
    assert naming.slug_problem(slug)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ([], ("*",)),
        (["", "  "], ("*",)),
        (["https://Shop.Example/"], ("https://shop.example",)),
        (["*.shop.example", "http://localhost:3000"], ("*.shop.example", "http://localhost:3000")),
        (["a.example", "a.example"], ("a.example",)),
        (["http://[::1]:8000"], ("http://[::1]:8000",)),
    ],
)
def test_origins_are_kept_in_one_form(given_: list[str], kept: tuple[str, ...]) -> None:
    assert naming.origins_of(given_) == (kept, "")


@pytest.mark.parametrize(
    "text",
    ["https://a.example/path", "a b", "https://u:p@a.example", "https://", "a.example?x", "*.*", "null,x"],
)
def test_what_is_no_origin_is_named(text: str) -> None:
    kept, problem = naming.origins_of(["*", text])
    assert kept == ()
    assert text.rstrip("/") in problem


@pytest.mark.parametrize(
    ("base", "dsn"),
    [
        ("http://localhost:8700", "http://abc@localhost:8700/7"),
        ("https://errors.example", "https://abc@errors.example/7"),
        ("https://example/vedette/", "https://abc@example/vedette/7"),
    ],
)
def test_a_dsn_holds_key_host_prefix_and_project(base: str, dsn: str) -> None:
    assert naming.dsn("abc", 7, base) == dsn


def test_field_names_come_by_line_or_comma() -> None:
    assert naming.keys_of("pin, iban\n pin\n\nbad\x00name") == ("pin", "iban")


@pytest.mark.parametrize("text", ["", "  ", "x" * 121, "a\nb", "a\x00", "\ud800"])
def test_a_text_that_cannot_be_shown_is_refused(text: str) -> None:
    assert naming.text_problem(text, "A name", 120)
