"""The page of an issue: what it says, and what can be done about it."""

import html
import re

import pytest
from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error
from tests.unit.errors_pages.test_list import text_of

from vedette.accounts import service as accounts
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import State


def test_it_tells_the_error_the_reach_and_why(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    shown = member.get(f"/issues/{issue.short_id}/")
    words = text_of(shown)
    for said in (
        "New", "Open", "ValueError", "no such order", "shop.views in view", "order = find(key)", "ann@example.org", "Users hit",
        "Why grouped", "exception type", "production", "2.1", "payment", "card", "100 %", "First seen", "History",
    ):  # fmt: skip
        assert said in words, said
    assert f"live:issue:{issue.id} from:body" in shown.content.decode()


@pytest.mark.parametrize("change", [str.lower, str.title])
def test_its_key_is_found_whatever_its_case(member: Client, happen: Happen, change: object) -> None:
    issue = happen(an_error())
    other = change(issue.short_id)  # type: ignore[operator]
    answer = member.get(f"/issues/{other}/?range=30d")
    assert (answer.status_code, answer["Location"]) == (302, f"/issues/{issue.short_id}/?range=30d")


def test_an_unknown_key_is_a_page_that_says_so(member: Client, shop: object) -> None:
    assert member.get("/issues/SHOP-NONE/").status_code == 404


@pytest.mark.parametrize(("act", "state"), [
    ("resolve", State.RESOLVED), ("mute:hour", State.MUTED), ("mute:100-events", State.MUTED), ("mute:10-users", State.MUTED), ("mute:good", State.MUTED),
    ("mute:escalating", State.MUTED), ("resolve:next", State.RESOLVED), ("resolve:current", State.RESOLVED),
])  # fmt: skip
def test_an_act_is_done_said_and_taken_back(member: Client, happen: Happen, act: str, state: State) -> None:
    issue = happen(an_error())
    page = member.get(f"/issues/{issue.short_id}/").content.decode()
    assert f'value="{act}"' in page, "the page offers it"
    done = member.post(f"/issues/{issue.short_id}/act/", {"act": act}, follow=True)
    assert service.issue(issue.short_id).state is state
    undo = re.search(r'action="(/issues/undo/[^"]+/)"', done.content.decode())
    assert undo is not None
    member.post(undo[1], {"next": f"/issues/{issue.short_id}/"})
    assert service.issue(issue.short_id).state is State.NEW


def test_a_mute_ends_when_it_says(member: Client, happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error())
    member.post(f"/issues/{issue.short_id}/act/", {"act": "mute:hour"})
    assert service.issue(issue.short_id).muted_until == clock.now() + 3600
    assert "Muted until" in text_of(member.get(f"/issues/{issue.short_id}/"))


def test_a_resolved_one_offers_to_reopen(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    member.post(f"/issues/{issue.short_id}/act/", {"act": "resolve"})
    page = member.get(f"/issues/{issue.short_id}/").content.decode()
    assert 'value="reopen"' in page
    assert 'value="resolve"' not in page
    member.post(f"/issues/{issue.short_id}/act/", {"act": "reopen"})
    assert service.issue(issue.short_id).state is State.ONGOING


def test_one_that_came_back_says_so(member: Client, happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error())
    member.post(f"/issues/{issue.short_id}/act/", {"act": "resolve"})
    clock.forward(60)
    happen(an_error())
    assert "Came back" in text_of(member.get(f"/issues/{issue.short_id}/"))


def test_it_is_given_to_somebody_and_taken_back_to_nobody(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    me = next(iter(accounts.user_refs()))
    member.post(f"/issues/{issue.short_id}/act/", {"act": "assign", "who": str(me)})
    assert service.issue(issue.short_id).assignee == me
    member.post(f"/issues/{issue.short_id}/act/", {"act": "assign", "who": ""})
    assert service.issue(issue.short_id).assignee is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "explode"},
        {"act": "mute:never-ever"},
        {"act": "mute:0-events"},
        {"act": "resolve:never"},
        {"act": "resolve:release"},
        {"act": "assign", "who": "x"},
        {"act": "assign", "who": "999"},
        {},
    ],
)
def test_what_no_button_sends_is_refused(member: Client, happen: Happen, wrong: dict[str, str]) -> None:
    issue = happen(an_error())
    assert member.post(f"/issues/{issue.short_id}/act/", wrong).status_code == 422
    assert service.issue(issue.short_id).state is State.NEW


def test_a_comment_stands_in_the_history(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    done = member.post(f"/issues/{issue.short_id}/comment/", {"text": "I look at <b>it</b>.\nNow."})
    assert done["Location"] == f"/issues/{issue.short_id}/#history"
    page = member.get(f"/issues/{issue.short_id}/").content.decode()
    assert "I look at &lt;b&gt;it&lt;/b&gt;.<br>Now." in page
    assert "Mira Lind" in page
    assert "1" in text_of(member.post(f"/issues/{issue.short_id}/comment/", {"text": ""}, follow=True))


def test_a_viewer_sees_no_buttons_and_may_press_none(viewer: Client, happen: Happen) -> None:
    issue = happen(an_error())
    page = viewer.get(f"/issues/{issue.short_id}/").content.decode()
    assert 'name="act"' not in page
    for path in ("act", "comment"):
        assert (
            viewer.post(f"/issues/{issue.short_id}/{path}/", {"act": "resolve", "text": "x"}).status_code
            == 403
        )
    assert service.issue(issue.short_id).state is State.NEW


def test_events_are_listed_and_each_has_its_page(member: Client, happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error(text="first of them"))
    clock.forward(10)
    happen(an_error(text="last of them"))
    listed = member.get(f"/issues/{issue.short_id}/events/")
    links = re.findall(rf'href="(/issues/{issue.short_id}/events/[0-9a-f]{{8}}/)"', listed.content.decode())
    assert "2 events" in text_of(listed)
    assert len(links) == 2
    newest, oldest = (member.get(path) for path in links)
    assert "last of them" in text_of(newest)
    assert "first of them" in text_of(oldest)
    assert links[1] in newest.content.decode(), "the newer leads to the older"
    assert member.get(f"/issues/{issue.short_id}/events/zzzzzzzz/").status_code == 404


def test_which_event_is_shown_can_be_chosen(member: Client, happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error(text="first of them"))
    clock.forward(10)
    happen({**an_error(text="last of them"), "exception": {"values": [{"type": "ValueError", "value": "last of them", "stacktrace": {"frames": [
        {"function": "view", "filename": "shop/views.py", "module": "shop.views", "in_app": True}]}}]}})  # fmt: skip
    shown = {
        way: text_of(member.get(f"/issues/{issue.short_id}/", {"event": way}))
        for way in ("telling", "latest", "oldest")
    }
    assert "order = find(key)" in shown["telling"], "the one with source tells more than the newest"
    assert "last of them" in shown["latest"]
    assert "first of them" in shown["oldest"]


def test_the_stored_event_comes_as_json_without_secrets(member: Client, happen: Happen) -> None:
    issue = happen({**an_error(), "extra": {"password": "hunter2-hunter2", "order": 4711}})
    event = service.event(issue).event
    answer = member.get(f"/issues/{issue.short_id}/events/{event.id[:8]}/json/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["extra"]["order"] == 4711
    for path in (
        "",
        "events/",
        f"events/{event.id[:8]}/",
        f"events/{event.id[:8]}/json/",
        "events.json",
    ):
        assert "hunter2-hunter2" not in member.get(f"/issues/{issue.short_id}/{path}").content.decode()
    for path in (".md", f"/events/{event.id[:8]}.md"):
        assert "hunter2-hunter2" not in member.get(f"/issues/{issue.short_id}{path}").content.decode()
    assert "hidden" in text_of(member.get(f"/issues/{issue.short_id}/"))


def test_it_reads_as_markdown(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    answer = member.get(f"/issues/{issue.short_id}.md")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert text.startswith(
        f"## [{issue.short_id}](http://localhost:8700/issues/{issue.short_id}/) ValueError"
    )
    assert "* view in shop/views.py line 61" in text
    assert service.issue(issue.short_id).component in text.lower()
    assert "- `payment`: `card`" in text


def test_an_event_reads_as_markdown_and_its_button_copies_the_same(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    path = f"/issues/{issue.short_id}/events/{service.event(issue).event.id[:8]}"
    text = member.get(f"{path}.md").content.decode()
    assert f"](http://localhost:8700{path}/) ValueError" in text
    copied = re.search(r'data-copy="([^"]*)"', member.get(f"{path}/").content.decode())
    assert copied
    assert html.unescape(copied[1]) == text


@pytest.mark.parametrize("range_name", ["24h", "30d", "1000y"])
def test_the_chart_covers_a_day_or_a_month(member: Client, happen: Happen, range_name: str) -> None:
    issue = happen(an_error())
    words = text_of(member.get(f"/issues/{issue.short_id}/", {"range": range_name}))
    assert f"1 in {'30 d' if range_name == '30d' else '24 h'}" in words


def test_breadcrumbs_turn_round(member: Client, happen: Happen, clock: ManualClock) -> None:
    steps = [
        {"timestamp": clock.now() - 20 + n, "category": "query", "message": f"step-{n:02d}"}
        for n in range(12)
    ]
    issue = happen({**an_error(), "breadcrumbs": {"values": steps}})
    newest = text_of(member.get(f"/issues/{issue.short_id}/"))
    oldest = text_of(member.get(f"/issues/{issue.short_id}/", {"crumbs": "oldest"}))
    assert newest.index("step-11") < newest.index("step-00")
    assert oldest.index("step-00") < oldest.index("step-11")
    assert "12 breadcrumbs" in newest
    assert "4 more" in newest


def test_what_could_not_be_kept_is_told(member: Client, happen: Happen) -> None:
    issue = happen({**an_error(), "timestamp": "soon"})
    assert "What could not be kept" in text_of(member.get(f"/issues/{issue.short_id}/"))


def test_it_says_in_which_release_it_is_resolved(member: Client, happen: Happen) -> None:
    issue = happen({**an_error(), "release": "shop@1.4.2"})
    act = f"/issues/{issue.short_id}/act/"
    done = member.post(act, {"act": "resolve:next"}, follow=True)
    assert "Resolved in the release after shop@1.4.2" in text_of(done)
    named = member.post(act, {"act": "resolve:release", "release": " shop@1.5.0 "}, follow=True)
    assert "Resolved in shop@1.5.0" in text_of(named)


def test_it_says_why_it_escalated(member: Client, happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error())
    member.post(f"/issues/{issue.short_id}/act/", {"act": "mute:escalating"})
    clock.forward(7200)
    for _ in range(12):
        happen(an_error())
    shown = text_of(member.get(f"/issues/{issue.short_id}/"))
    assert "Escalating" in shown
    assert "Escalated: 12 events in the last hour; it usually has at most 1." in shown


def test_similar_issues_are_listed_with_a_way_to_merge(member: Client, happen: Happen) -> None:
    one = happen({"message": "no basket for 17", "logger": "shop"})
    assert "Similar issues" not in text_of(member.get(f"/issues/{one.short_id}/"))
    other = happen({"message": "no basket for 17", "logger": "shop", "fingerprint": ["mine"]})
    page = member.get(f"/issues/{one.short_id}/")
    assert "Same message" in text_of(page)
    assert f'name="into" value="{other.short_id}"' in page.content.decode()
    member.post(f"/issues/{one.short_id}/merge/", {"into": other.short_id})
    assert service.issue(one.short_id).short_id == other.short_id
