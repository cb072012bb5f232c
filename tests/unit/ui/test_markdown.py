"""Markdown becomes HTML that can do nothing, whatever somebody writes."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.browser import ARGUMENTS, CHROMIUM

from vedette.ui import markdown

PAYLOADS: list[str] = json.loads((Path(__file__).parent / "dompurify.json").read_text())["payloads"]
OWN = (
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](data:text/html,<script>)",
    "[x](//evil.example)", "[x](/\\evil.example)", "[x](vbscript:x)", "<javascript:alert(1)>", "![x](javascript:alert(1))",
    '[x](https://a.example "onmouseover=alert(1)")', '[x](https://a.example/"onclick="alert(1))', "```\"><script>alert(1)</script>\nx\n```",
    "[x]: javascript:alert(1)\n\n[x]", "| <img src=x onerror=alert(1)> |\n|:-:|\n| <svg onload=alert(1)> |", "&#106;avascript:alert(1)",
    "[x](&#106;avascript:alert(1))", "[x](\u0001javascript:alert(1))", "<https://a.example/\"onclick=alert(1)>",
)  # fmt: skip
ATTRIBUTES = {
    "href",
    "rel",
    "title",
    "class",
    "start",
    "tabindex",
    "type",
    "data-do",
    "aria-label",
    "aria-hidden",
}


class Walk(HTMLParser):
    """Every tag and attribute of a text, as HTML reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def shapes(payload: str) -> Iterator[str]:
    """Yield a payload where Markdown could let it through: alone, in a line, in code, in a list, as a link and its title."""
    flat = " ".join(payload.split())
    yield payload
    yield f"a *word* {flat} and `{flat}`"
    yield f"```sh\n{payload}\n```\n\n- [ ] {flat}\n\n| a |\n|---|\n| {flat} |"
    yield f"[x]({flat}) [y](<{flat}>) <{flat}> [z](https://a.example '{flat}')\n\n[r]: {flat}\n\n[r]"


def check(text: str) -> None:
    walk = Walk(markdown.html(text))
    assert walk.tags <= markdown.TAGS, (text, walk.tags)
    for name, value in walk.attributes:
        assert name in ATTRIBUTES, (text, name)
        assert name != "href" or not value or markdown.safe_link(value), (text, value)


@pytest.mark.parametrize("payload", OWN)
def test_what_we_thought_of(payload: str) -> None:
    for text in shapes(payload):
        check(text)


def test_the_payloads_of_dompurify_leave_nothing() -> None:
    assert len(PAYLOADS) > 200
    for payload in PAYLOADS:
        for text in shapes(payload):
            check(text)


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    check(text)


def test_what_it_shows() -> None:
    made = markdown.html(
        "# Title\n\n- [ ] one\n- [x] two\n\n[docs](https://a.example) **b** `c`\n\n| a |\n|:-:|\n| 1 |"
    )
    assert "<h2>Title</h2>" in made
    assert '<li class="task">☐ one</li>' in made
    assert '<li class="task">☑ two</li>' in made
    assert 'href="https://a.example" rel="noopener noreferrer nofollow"' in made
    assert "a<br>" in markdown.html("a\nb").replace("<br />", "<br>")
    assert "style" not in made
    assert 'data-do="copy"' in markdown.html("```\nls\n```")
    assert "button" not in markdown.html("```\nls\n```", copies=False)


def test_what_is_too_long_is_cut_and_deep_lists_end() -> None:
    assert len(markdown.html("a" * 300_000)) < 210_000
    assert markdown.html("> " * 5_000 + "x")
    assert markdown.html("[" * 20_000)


@pytest.mark.deep
@pytest.mark.browser
def test_nothing_runs_in_a_browser() -> None:
    """Chromium reads every payload in every shape: no script runs, no handler is there, no dialog opens."""
    from playwright.sync_api import sync_playwright

    body = "".join(markdown.html(text) for payload in (*PAYLOADS, *OWN) for text in shapes(payload))
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
        page.set_content(
            f"<!doctype html><title>x</title><script>window.alert = () => {{ window.ran = 1 }}</script>{body}"
        )
        page.evaluate(
            "document.querySelectorAll('a, button, pre').forEach(e => { e.focus(); e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})) })"
        )
        bad = page.evaluate(
            """() => [window.ran ?? 0, document.querySelectorAll('body script, iframe, object, embed, img, style, form, input, math').length,
            [...document.querySelectorAll('body *')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
            [...document.querySelectorAll('a')].filter(e => /^(javascript|data|vbscript|blob|file):/i.test(e.protocol)).length]"""
        )
        browser.close()
    assert bad == [0, 0, 0, 0]
    assert not [url for url in asked if not url.endswith(".svg")]
