"""What comes back is judged by the place it stands in; what is escaped rightly there is no finding."""

import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan.site import reflecting
from vedette.instruments.scan.site.places import places

RIGHT: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("<p>@</p>", html.escape),
    ("<p title='@'>", html.escape),
    ('<p title="@">', html.escape),
    ("<textarea>@</textarea>", lambda text: text.replace("<", "&lt;")),
    ('<p title="@">', lambda text: text.replace('"', "&quot;")),  # < and > may stand in quotes
    ("<p title='@'>", lambda text: text.replace("'", "&#39;")),
    ("<a href='/x?y=@'>", quote),
    ("<a href=/x?y=@>", quote),
    ("<script>var a = @;</script>", lambda text: json.dumps(text).replace("<", "\\u003c")),
    ("<script>var u = 'http://x.example', a = @; // it's</script>", lambda text: json.dumps(text).replace("<", "\\u003c")),
    ("<script>/* it's */ a = '@'</script>", lambda text: text.replace("\\", "\\\\").replace("'", "\\'").replace("<", "\\x3c")),
    ("<b onclick=\"f('@')\">", lambda text: html.escape(text.replace("\\", "\\\\").replace("'", "\\'"))),
    ("<script type=application/ld+json>{}</script><p>@</p>", html.escape),
)  # fmt: skip
WRONG = (
    ("<p>@</p>", str, "input-reflected", "text"),
    ("<p class=a title='@'>", lambda text: text.replace('"', ""), "input-reflected", "title='"),
    ('<p data-script="@">', str, "input-reflected", 'data-script="'),
    ("<p title=@>", html.escape, "input-reflected", "without quotes"),
    ("<p @>", html.escape, "input-reflected", "among the attributes"),
    ("<title>@</title>", str, "input-reflected", "<title>"),
    ("<!-- @ -->", str, "input-reflected", "comment"),
    ("<script>a = '@'</script>", lambda text: text.replace("<", ""), "input-in-script", "end"),
    (
        "<script>a = `@`</script>",
        lambda text: text.replace("<", "").replace("`", ""),
        "input-in-script",
        "end",
    ),
    ("<script>a = @</script>", html.escape, "input-in-script", "end"),
    ("<script type=application/json>@</script>", str, "input-in-script", "<"),
    ("<b onclick=\"f('@')\">", html.escape, "input-in-script", "onclick"),
)


@pytest.mark.parametrize(("form", "escape"), RIGHT)
def test_what_is_escaped_rightly_is_no_finding(form: str, escape: Callable[[str], str]) -> None:
    assert list(reflecting.escapes(form.replace("@", escape(reflecting.PROBE)))) == []


@pytest.mark.parametrize(("form", "escape", "check", "words"), WRONG)
def test_what_can_leave_its_place_is_told_with_the_place(
    form: str, escape: Callable[[str], str], check: str, words: str
) -> None:
    found = list(reflecting.escapes(form.replace("@", escape(reflecting.PROBE))))
    assert {each.check for each in found} == {check}
    assert words in found[0].words


def test_what_is_cut_short_is_not_judged() -> None:
    assert list(reflecting.escapes('<p title="vdt7q ">x</p>')) == []


@pytest.mark.parametrize(
    ("page", "hit"),
    [
        ("<a href='javascript:vdt7q'>", True),
        ("<a href=' JavaScript:vdt7q'>", True),
        ("<iframe src=javascript&#58;vdt7q>", True),
        ("<a href='/javascript:vdt7q'>", False),
        ("<a title='javascript:vdt7q'>", False),
        ("<a href='#'>javascript:vdt7q</a>", False),
    ],
)
def test_a_link_that_begins_with_what_was_sent(page: str, hit: bool) -> None:
    assert reflecting.leads(page, reflecting.SCHEME) is hit


LETTERS = st.text(st.sampled_from("<>/=!-'\" ascriptx&"), max_size=60)


@given(LETTERS)
def test_places_follow_each_other_on_any_page(text: str) -> None:
    at = 0
    for place in places(text):
        assert at <= place.start <= place.end <= len(text)
        at = place.end


@given(
    st.sampled_from(["<p>{}{}{}</p>", "<p title='{}{}{}'>", '<b><input value="{}{}{}">']),
    LETTERS,
    LETTERS,
)
def test_text_around_it_changes_nothing_while_all_is_escaped(form: str, before: str, after: str) -> None:
    page = form.format(html.escape(before), html.escape(reflecting.PROBE), html.escape(after))
    assert list(reflecting.escapes(page)) == []
