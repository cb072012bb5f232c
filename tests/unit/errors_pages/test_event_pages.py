"""The page of every corpus event is drawn and shows every text and number the event holds."""

import html
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from tests.unit.errors_pages.corpus import corpus_events, drawn_otherwise, flat, leaves

from vedette.accounts.permissions import Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.errors.present import crumbs, issue
from vedette.errors.types import Event, EventPlace, Issue, Level, State, Status
from vedette.errors.views import page
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports
from vedette.wire.delivery import Note

TAG = re.compile(r"<[^>]*>")
ISSUE = Issue(
    id=7, short_id="SHOP-1", project=1, project_slug="shop", project_name="Shop", status=Status.OPEN, state=State.NEW,
    level=Level.ERROR, title="t", kind="t", message="", culprit="", platform="python", logger="", handled=None,
    first_seen=1.0, last_seen=2.0, events=3, users=0,
)  # fmt: skip


@pytest.fixture(autouse=True)
def ports(db: None) -> None:
    install(memory_ports(ManualClock(1_764_000_000.0)))


def drawn(data: dict[str, object], notes: tuple[Note, ...] = ()) -> str:
    """Return the page of an event."""
    request = RequestFactory().get("/issues/SHOP-1/events/aaaaaaaa/")
    request.actor = Actor(kind=ActorKind.USER, id=1, name="Ann", role=Role.VIEWER)  # type: ignore[attr-defined]
    at = crumbs.instant(data.get("timestamp")) or 0.0
    kept = Event(id="a" * 32, project=1, at=at, received=at, data=data, notes=notes)
    head = issue.head(ISSUE, {})
    context = {"head": head, **page._event_context(request, head, EventPlace(kept, None, "b" * 32))}
    return render_to_string("errors/event.html", context, request=request)


def read(page_html: str) -> str:
    """Return what a person reads of a page, on one line."""
    return flat(html.unescape(TAG.sub("", page_html)))


def test_every_corpus_event_is_shown_whole(corpora: Path) -> None:
    lost = {}
    for name, data in corpus_events(corpora):
        text = read(drawn(data))
        skip = drawn_otherwise(data)
        missing = [leaf for leaf in leaves(data) if flat(leaf) not in text and leaf not in skip]
        if missing:
            lost[name] = missing[:5]
    assert lost == {}


def test_what_an_attacker_sends_stays_text() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    data: dict[str, object] = {
        "platform": evil, "message": evil, "release": evil, "my": {evil: evil}, "tags": {evil: evil}, "user": {"email": evil},
        "exception": {"values": [{"type": evil, "value": evil, "module": evil, "mechanism": {"type": evil}, "stacktrace": {"frames": [
            {"function": evil, "filename": evil, "in_app": True, "context_line": evil, "pre_context": [evil], "vars": {evil: evil}},
            {"function": evil, "filename": evil + ".py", "context_line": evil, "lineno": evil}]}}]},
        "breadcrumbs": [{"category": evil, "message": evil, "level": evil, "timestamp": evil, "data": {evil: evil}}],
        "request": {"url": evil, "method": evil, "headers": [[evil, evil]], "query_string": evil, "data": evil, "cookies": evil},
        "contexts": {evil: {evil: evil}}, "csp": {evil: evil}, "template": {"filename": evil, "context_line": evil},
        "sdk": {"name": evil}, "modules": {evil: evil}, "threads": [{"name": evil, "id": evil}],
    }  # fmt: skip
    shown = drawn(data, (Note(evil, evil),))
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert shown.count("&lt;script&gt;") > 40


def test_no_page_carries_style_or_script_of_its_own() -> None:
    shown = drawn(
        {
            "exception": {
                "values": [
                    {
                        "type": "A",
                        "stacktrace": {
                            "frames": [{"function": "f", "context_line": "x = 1", "in_app": True}]
                        },
                    }
                ]
            }
        }
    )
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|javascript:", shown)


def test_what_could_not_be_kept_is_said() -> None:
    text = read(drawn({"message": "m"}, (Note("tags", "Was a number; left out."),)))
    assert "What could not be kept" in text
    assert "Was a number; left out." in text


def test_a_hidden_value_reads_as_a_chip() -> None:
    shown = drawn({"extra": {"password": "[Filtered: passwords]"}})
    assert '<span class="redact">hidden by rule “passwords”</span>' in shown


def test_the_newest_of_your_frames_stands_open_with_its_line_marked() -> None:
    stack = {
        "frames": [
            {"function": "f", "filename": "a.py", "lineno": 3, "context_line": "return x", "in_app": True}
        ]
    }
    shown = drawn({"platform": "python", "exception": {"values": [{"type": "A", "stacktrace": stack}]}})
    assert re.search(r'<details class="frame" open>', shown)
    assert '<li data-n="3" class="hit"><code><span class="k">return</span> x</code></li>' in shown.replace(
        "class=hit", 'class="hit"'
    )


def test_an_empty_event_says_so() -> None:
    assert "This event came without a message, an exception or a stack trace." in read(drawn({}))


def test_older_and_newer_events_are_links_and_ends_are_not() -> None:
    shown = drawn({"message": "m"})
    assert 'href="/issues/SHOP-1/events/bbbbbbbb/"' in shown
    assert 'aria-label="No older event"' in shown
