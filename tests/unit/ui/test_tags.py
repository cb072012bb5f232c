"""`{% load ui %}`: what templates write with escapes, says things in words, and names only icons that exist."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory

import vedette
from vedette.ui import built
from vedette.ui.pager import Page

NOW = 1_764_040_000.0
SOURCES = Path(vedette.__file__).parent
EVIL = '"><script>alert(1)</script>'


def draw(text: str, **context: object) -> str:
    return Template("{% load ui %}" + text).render(Context({"now": NOW, "tz": "UTC", **context}))


@pytest.mark.parametrize(
    "text",
    ["{% icon x %}", "{% avatar x %}", "{% state x x %}", "{% copy x x %}", "{% empty 'bug' x x x x %}", "{% heartbeat 'uud' x %}",
     "{% meter 0.5 x %}", "{% chart v x unit=x %}", "{% bars v x unit=x %}", "{% code x 'python' %}", "{% code x '' %}"],
)  # fmt: skip
def test_nothing_breaks_out(text: str) -> None:
    assert "<script" not in draw(text, x=EVIL, v=[1, 2, 3, 4, 5])


def test_ago_is_exact_on_hover_and_runs_on() -> None:
    drawn = draw("{% ago at %}", at=NOW - 125)
    assert 'datetime="2025-11-25T03:04:35.000Z"' in drawn
    assert 'title="25 Nov 2025, 03:04:35 UTC"' in drawn
    assert f'data-ago="{NOW - 125:.0f}"' in drawn
    assert "data-ago" not in draw("{% ago at %}", at=NOW - 90_000)
    assert draw("{% ago at %}", at=None) == "never"


def test_the_members_zone_is_used() -> None:
    assert "04:06" in draw("{% when at %}", at=NOW, tz="Europe/Stockholm")


def test_numbers() -> None:
    assert draw("{{ n|num }} {{ n|shortnum }} {{ none|num }}", n=1491, none=None) == "1\u202f491 1.5k –"
    assert (
        draw('{{ 1|plural:"entry,entries" }} {{ 2|plural:"entry,entries" }} {{ 2|plural:"event" }}')
        == "entry entries events"
    )


def test_a_chart_has_a_table_of_the_same_values() -> None:
    drawn = draw("{% bars v 'Events' start=at step=3600 %}", v=[0, 7, 0, 9, 1], at=NOW)
    assert re.findall(r'<td class="num">(\d+)</td>', drawn) == ["7", "9", "1"]
    assert 'role="img"' in drawn
    assert "Nothing in this time." in draw("{% chart v 'Events' %}", v=[0, 0, 0])


def test_the_pager_keeps_the_query() -> None:
    request = RequestFactory().get("/issues/?q=is:open&cursor=abc")
    drawn = draw("{% pager page %}", page=Page([], "n&x"), request=request)
    assert 'href="?q=is%3Aopen"' in drawn
    assert 'href="?q=is%3Aopen&amp;cursor=n%26x"' in drawn
    assert draw("{% pager page %}", page=Page([]), request=RequestFactory().get("/")).strip() == ""


def test_every_icon_named_anywhere_is_in_the_sprite() -> None:
    sprite = (built.FOLDER / built.manifest()["icons.svg"]).read_text()
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = set()
    for path in SOURCES.rglob("*.html"):
        named |= set(re.findall(r'{% (?:icon|empty) "([\w-]+)"', path.read_text()))
    for path in SOURCES.rglob("*.py"):
        named |= set(re.findall(r'\bicon="([\w-]+)"', path.read_text()))
    assert len(named) > 20
    assert named - there == set()


def test_no_template_writes_what_the_policy_forbids() -> None:
    """No style attributes, no inline handlers, no inline scripts or styles, no foreign addresses to load from."""
    forbidden = re.compile(
        r'\sstyle=|\son\w+="|<style|<script(?![^>]*\ssrc=)|(?:src|href)="(?:https?:)?//[^"]*\.(?:js|css|woff2?)|javascript:|hx-on'
    )
    bad = [f"{p.name}: {m[0]}" for p in SOURCES.rglob("*.html") for m in forbidden.finditer(p.read_text())]
    assert bad == []
