"""Requests made so that the looking stumbles: what hides behind line ends, takes forever, or raises."""

from __future__ import annotations

import time

import pytest

from vedette_guard.decisions.attacks import parts
from vedette_guard.decisions.attacks.findings import find
from vedette_guard.decisions.attacks.sign import FAMILIES
from vedette_guard.decisions.attacks.views import decode, views, without_comments
from vedette_guard.inspect import snippet
from vedette_guard.inspecting import Found, Inspector, Looked

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector("re2")


@pytest.mark.parametrize(
    "looked",
    [
        Looked(f"/?a=%&q={SCRIPT}"),
        Looked(f"/?a=%3&q={SCRIPT}"),
        Looked(f"/?a=%\r&b=1&q={SCRIPT}"),
        Looked("/", (), FORM, f"a=\n&q={SCRIPT}".encode()),
        Looked("/", (), FORM, f"a=%\n&b=\n\n&q={SCRIPT}".encode()),
        Looked("/", (), JSON, b'{"q": "%\\n' + SCRIPT.encode() + b'"}'),
        Looked("/", (("x-a", "%"), ("x-b", SCRIPT))),
    ],
)
def test_nothing_hides_behind_a_lone_percent_sign_or_a_line_end(inspector: Inspector, looked: Looked) -> None:
    assert [one.family for one in inspector.look(looked)] == ["xss"]


HOSTILE = [
    ("<", " "),
    ("$a ", "a"),
    ("data: url(", " "),
    ("<a style='url(", " "),
    ("", "/*a"),
    ("' or 1=1--", "a."),
]


def took(value: str) -> float:
    """Return the processor time that it takes to judge a value and to show it."""
    before = time.process_time()
    for view in views(value):
        find(view, FAMILIES)
    snippet(Found("sqli", "query", "q", 5, "", value))
    return time.process_time() - before


@pytest.mark.parametrize(("begin", "more"), HOSTILE)
def test_twice_the_value_takes_about_twice_the_time(begin: str, more: str) -> None:
    once, twice = (min(took(begin + more * (size // len(more))) for _ in range(2)) for size in (4_000, 8_000))
    assert twice < 3 * once + 0.01


@pytest.mark.parametrize("more", [b">", b"<![CDATA[", b"='"])
def test_xml_that_never_ends_is_taken_apart_in_one_pass(more: bytes) -> None:
    def parted(size: int) -> float:
        before = time.process_time()
        list(parts.of_xml(more * (size // len(more))))
        return time.process_time() - before

    once, twice = (min(parted(size) for _ in range(3)) for size in (8_000, 16_000))
    assert twice < 3 * once + 0.01


def test_comments_go_and_what_never_ends_is_none() -> None:
    assert without_comments("1/**/union/*a*b*/select") == "1 union select"
    assert without_comments("/*!50000union*/ x") == " union  x"
    assert without_comments("a/*b*/c/*d /*e") == "a c/*d /*e"


def test_numbers_of_thousands_of_digits_are_no_entities(inspector: Inspector) -> None:
    assert "<script>" in decode("&#" + "9" * 5000 + ";&lt;script>")
    body = ("a=%26%23" + "9" * 5000 + ";%26lt;script>alert(1)").encode()
    assert [one.family for one in inspector.look(Looked("/", (), FORM, body))] == ["xss"]
    xml = ("<a>&#" + "9" * 5000 + ";&lt;script>alert(1)</a>").encode()
    assert [one.family for one in inspector.look(Looked("/", (), "text/xml", xml))] == ["xss"]


SECRETS = [
    Looked("/", (), "text/xml", b"<a><password>hunter2' or 1=1--</password></a>"),
    Looked("/", (), "text/xml", b"<a><password x='1'><![CDATA[hunter2' or 1=1--]]></password></a>"),
    Looked("/", (), "text/xml", b"""<a password = "hunter2' or 1=1--"/>"""),
    Looked("/", (("referer", "https://shop.example/a?token=hunter2'+or+1=1--"),)),
    Looked("/reset/hunter2/../../../etc/passwd"),
]


@pytest.mark.parametrize("looked", SECRETS)
def test_snippets_show_no_secret_of_elements_pages_and_paths(inspector: Inspector, looked: Looked) -> None:
    found = inspector.look(looked)
    assert found
    assert not [one for one in found if "hunter2" in snippet(one)]
