"""HTML of strangers, sanitized: nothing of what is known to run, runs in a browser; what may stay, stays."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.support.browser import chromium, context
from vedette_guard.text import HtmlRules, sanitize_html

SITE = "https://page.example"
# Whatever runs calls one of these; the policy, which only reports, tells of everything else that would: elements,
# handlers, addresses, by whatever way. The detector itself has the nonce.
DETECTOR = """<!doctype html><meta charset="utf-8"><body><script nonce="detector">
window.hits = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = (...a) => { hits.push(name + ":" + String(a[0])) };
addEventListener("securitypolicyviolation", e => hits.push(e.effectiveDirective + ":" + e.blockedURI + ":" + e.sample));
</script>"""
CSP = (
    "script-src 'nonce-detector' 'report-sample'; object-src 'none'; base-uri 'none'; frame-src 'none'; "
    "form-action 'none'; style-src-elem 'none'; font-src 'none'; worker-src 'none'"
)
# Everything is hovered, clicked, focused, submitted; and read again from what it was written as, as editors do.
POKE = """async () => {
  const poke = root => {
    for (const one of root.querySelectorAll("*")) {
      for (const name of ["mouseover", "mouseout", "mouseenter", "mousedown", "focus", "blur", "input", "change", "submit", "scroll", "error", "load", "toggle", "animationstart", "pointerrawupdate"])
        try { one.dispatchEvent(new Event(name, {bubbles: false})) } catch {}
      try { if (one.localName != "a" || !/^https?:|^mailto:|^tel:/.test(one.href)) one.click?.() } catch {}
      try { one.focus?.() } catch {}
    }
  };
  const roots = [...document.querySelectorAll("body > .payload")];
  roots.forEach(poke);
  for (const root of roots) { const again = document.createElement("div"); document.body.append(again); again.innerHTML = root.innerHTML; poke(again) }
  await new Promise(done => setTimeout(done, 300));
  return hits;
}"""


def payloads(corpora: Path) -> list[str]:
    """Return all payloads: DOMPurify's, the HTML5 security cheat sheet's, fuzzdb's."""
    dompurify = [one["payload"] for one in json.loads((corpora / "dompurify/expect.json").read_text())]
    assert len(dompurify) == 223
    h5sc = re.split(r'(?=<div id="\d+">)', (corpora / "h5sc/vectors.txt").read_text())
    assert len(h5sc) > 130
    fuzzdb = [
        line
        for name in ("xss-rsnake", "xss-other", "XSSPolyglot", "xss-uri")
        for line in (corpora / f"fuzzdb/xss/{name}.txt").read_text(errors="replace").splitlines()
    ]
    return [*dompurify, *h5sc, *fuzzdb]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield context(browser).new_page()


def hits(page: Page, contents: list[str]) -> tuple[list[str], list[str]]:
    """Return what ran on a page with these contents, and where it went or loaded from besides."""
    body = DETECTOR + "".join(f'<div class="payload">{one}</div>\n' for one in contents)
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy-Report-Only": CSP}
    went: list[str] = []

    def answer(route: Route) -> None:
        if route.request.url == f"{SITE}/":
            route.fulfill(body=body, headers=headers)
        else:
            went.append(route.request.url)
            route.abort()

    page.unroute("**/*")
    page.route("**/*", answer)
    page.goto(f"{SITE}/", wait_until="load")
    found: list[str] = page.evaluate(POKE)
    return found, went


CONTROL = "<img src='https://control.example/' onerror='alert(\"control\")'>"


@pytest.mark.corpus
@pytest.mark.browser
def test_nothing_of_the_payloads_runs(page: Page, corpora: Path) -> None:
    """DOMPurify's, by the two presets that let most stay; the last one is as it is, and is seen."""
    clean = [sanitize_html(one, preset) for one in payloads(corpora)[:223] for preset in ("article", "email")]
    found, went = hits(page, [*clean, CONTROL])
    assert {one for one in found if one.startswith("alert:")} == {"alert:control"}
    assert {one.partition(":")[0] for one in found} == {"alert", "script-src-attr"}
    assert {urlsplit(url).scheme for url in went} == {"https"}


@pytest.mark.deep
@pytest.mark.corpus
@pytest.mark.browser
@pytest.mark.parametrize("preset", ["plain", "comment", "article", "email"])
def test_nothing_of_any_payload_runs(page: Page, corpora: Path, preset: str) -> None:
    found, went = hits(page, [sanitize_html(one, preset) for one in payloads(corpora)])
    assert found == []
    assert not [url for url in went if preset != "article" or urlsplit(url).scheme != "https"]


@pytest.mark.deep
@pytest.mark.corpus
@pytest.mark.browser
def test_the_detector_sees_what_runs(page: Page, corpora: Path) -> None:
    """The control: the same page with payloads as they are, those out that would leave or end it, or take its names."""
    ends = re.compile(r"(?i)<(?!/?(img|svg|a|b|p|div)\b)|name=|href|location|document|window")
    raw = [one for one in payloads(corpora) if not ends.search(one)]
    found, _ = hits(page, raw)
    assert len([one for one in found if one.startswith("alert:")]) > 20
    assert {one.partition(":")[0] for one in found} >= {"alert", "script-src-attr"}
    elements, _ = hits(page, ["<script>alert('element')</script>", "<a href='javascript:alert(9)'>x</a>"])
    assert "alert:element" in elements
    assert [one for one in elements if one.startswith("script-src-elem:")]


@pytest.mark.parametrize(
    ("preset", "said", "kept"),
    [
        ("plain", "<p>a <b>b</b> &lt;c> <script>d</script>", "a b &lt;c&gt; "),
        ("comment", "<p>a<img src=x><span>b</span></p>", "<p>ab</p>"),
        ("comment", '<a href="/x" target=_blank onclick=x>y</a>', '<a href="/x" rel="noopener noreferrer nofollow ugc">y</a>'),
        ("comment", '<a href="java\tscript:x">y</a>', '<a rel="noopener noreferrer nofollow ugc">y</a>'),
        ("article", '<h2 id="a">b</h2><img src="https://x.example/y.png" alt=z>',
         '<h2 id="user-content-a">b</h2><img src="https://x.example/y.png" alt="z">'),
        ("article", '<img src="data:image/png,x"><img src="http://x.example/">', "<img><img>"),
        ("article", '<b style="color:red" class=x name=cookie>a</b>', "<b>a</b>"),
        ("email", '<img src="https://tracker.example/1.gif"><img src="cid:logo">', '<img><img src="cid:logo">'),
        ("email", '<td style="color:red;background:url(//t.example);position:fixed">', ""),
        ("email", '<p style="color:red;background:url(//t.example);position:fixed">a</p>', '<p style="color:red">a</p>'),
        ("email", '<a href="/x">a</a>', '<a rel="noopener noreferrer nofollow ugc">a</a>'),
    ],
)  # fmt: skip
def test_what_may_stay_stays(preset: str, said: str, kept: str) -> None:
    assert sanitize_html(said, preset) == kept


def test_rules_of_ones_own() -> None:
    rules = HtmlRules(
        tags=frozenset({"a", "img"}),
        attributes={"img": frozenset({"src"}), "a": frozenset({"href"})},
        images=frozenset({"http"}),
        rel="nofollow",
    )
    said = '<a href="http://x.example">a</a><img src="http://y.example/"><img src="//z.example/"><p>b</p>'
    kept = '<a href="http://x.example" rel="nofollow">a</a><img src="http://y.example/"><img>b'
    assert sanitize_html(said, rules) == kept


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 40_000,
        "<p>" + "".join(f"<b id={n}>" for n in range(3000)) + "<p>x" * 3000,
        "<p>" + "".join(f'<font x="{n}">' for n in range(3000)) + "<p>x" * 3000,
        '<div title="</div>">' * 20_000,
        "<span>" * 9_000 + "</p>" * 20_000,
    ],
    ids=["nested", "repeated", "repeated-fonts", "nested-in-disguise", "end-tags"],
)
def test_what_a_parser_would_choke_on_comes_back_as_text(bomb: str) -> None:
    """nh3 alone takes from seconds to half a minute, or gigabytes."""
    kept = sanitize_html(bomb)
    assert "<" not in kept
    assert len(kept) < 10 * len(bomb)


def test_long_texts_of_real_people_are_no_bomb() -> None:
    article = (
        '<p>Some <b>bold</b>, <a href="https://x.example">linked</a> and <font color="red">red</font> text.</p>'
        * 1500
    )
    assert sanitize_html(article, "article").count("<p>") == 1500
