"""The list of issues: its sentence, its search, its rows, and what is done to many at once."""

import html
import re

import pytest
from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error, signed_in

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import State
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects


def text_of(response: object) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", response.content.decode()))).replace(
        "\u202f", " "
    )  # type: ignore[attr-defined]


def keys_of(response: object) -> list[str]:
    return re.findall(r'class="rowlink[^"]*" href="/issues/([^/]+)/"', response.content.decode())  # type: ignore[attr-defined]


def test_with_no_project_the_page_leads_to_the_first(house: MemoryPorts) -> None:
    shown = signed_in(Role.ADMIN).get("/issues/")
    assert "No errors yet. A project collects them" in text_of(shown)
    assert 'href="/setup/project/"' in shown.content.decode()


def test_nobody_is_led_where_they_may_not_go(member: Client, viewer: Client) -> None:
    assert 'href="/setup/project/"' not in member.get("/issues/").content.decode()
    projects.create_project(SYSTEM, "shop", "python", 1.0)
    assert 'href="/setup/shop/snippet/"' in member.get("/issues/").content.decode()
    assert 'href="/setup/shop/snippet/"' not in viewer.get("/issues/").content.decode()


def test_with_no_event_the_page_names_the_command(member: Client, shop: object) -> None:
    shown = text_of(member.get("/issues/"))
    assert "No errors yet." in shown
    assert "vedette test-error shop" in shown


def test_rows_tell_what_happened(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    happen(an_error())
    shown = member.get("/issues/")
    words = text_of(shown)
    assert "1 new, 1 open." in words
    for said in (
        "ValueError",
        "no such order",
        "New",
        "shop.views in view",
        "Open, error:",
        "2 events in 24 hours",
    ):
        assert said in words
    assert keys_of(shown) == [issue.short_id]
    assert "live:issues from:body" in shown.content.decode()


def test_the_search_narrows_and_every_filter_is_a_link(member: Client, happen: Happen) -> None:
    bad = happen(an_error())
    happen({"message": "just so you know", "level": "info"})
    assert keys_of(member.get("/issues/", {"q": "level:error"})) == [bad.short_id]
    assert len(keys_of(member.get("/issues/"))) == 2
    page = member.get("/issues/", {"q": "is:resolved"})
    assert "No issue matches this search." in text_of(page)
    assert "/issues/?q=is%3Aopen" in page.content.decode()


def test_a_search_that_is_wrong_points_at_the_word(member: Client, happen: Happen) -> None:
    happen(an_error())
    shown = member.get("/issues/", {"q": "level:error is:brokenish"})
    page = shown.content.decode()
    assert shown.status_code == 400
    assert re.search(r"<mark>[^<]*brokenish</mark>", page)
    assert 'aria-invalid="true"' in page
    assert "level:error is:brokenish" in page, "what was typed stays in the box"


def test_what_is_searched_for_stays_text(member: Client, shop: object) -> None:
    page = member.get("/issues/", {"q": '"<script>alert(1)</script>"'}).content.decode()
    assert "<script>alert" not in page


def test_projects_part_the_list(member: Client, happen: Happen) -> None:
    ours = happen(an_error())
    other = projects.create_project(SYSTEM, "backend", "node", 1.0)
    theirs = happen(an_error("TypeError"), other)
    assert keys_of(member.get("/issues/", {"project": "backend"})) == [theirs.short_id]
    assert keys_of(member.get("/issues/", {"project": "shop"})) == [ours.short_id]
    assert member.get("/issues/", {"project": "nowhere"}).status_code == 404


def test_the_order_can_be_chosen(member: Client, happen: Happen, clock: ManualClock) -> None:
    often = happen(an_error("A"))
    happen(an_error("A"))
    clock.forward(60)
    late = happen(an_error("B"))
    assert keys_of(member.get("/issues/", {"sort": "events"})) == [often.short_id, late.short_id]
    assert keys_of(member.get("/issues/", {"sort": "last_seen"})) == [late.short_id, often.short_id]
    assert member.get("/issues/", {"sort": "sideways"}).status_code == 200


def test_pages_follow_by_cursor(member: Client, happen: Happen) -> None:
    for number in range(52):
        happen({"message": f"{chr(97 + number // 26)}{chr(97 + number % 26)} happened", "level": "error"})
    first = member.get("/issues/")
    following = re.search(r'href="(\?[^"]*cursor=[^"]+)" rel="next"', first.content.decode())
    assert following is not None
    second = member.get("/issues/" + html.unescape(following[1]))
    both = keys_of(first) + keys_of(second)
    assert (len(keys_of(first)), len(both), len(set(both))) == (50, 52, 52)


def test_the_same_list_comes_as_json(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    answer = member.get("/issues.json").json()
    assert [i["short_id"] for i in answer["issues"]] == [issue.short_id]
    assert answer["cursor"] is None
    assert member.get("/issues.json", {"q": "is:brokenish"}).status_code == 422


def test_many_are_resolved_at_once_and_taken_back(member: Client, happen: Happen) -> None:
    keys = [happen(an_error(kind)).short_id for kind in ("A", "B", "C")]
    done = member.post(
        "/issues/bulk/", {"ids": keys[:2], "act": "resolve", "next": "/issues/?q=is:open"}, follow=True
    )
    assert done.redirect_chain[0][0] == "/issues/?q=is:open"
    assert [service.issue(k).state for k in keys] == [State.RESOLVED, State.RESOLVED, State.NEW]
    undo = re.search(r'action="(/issues/undo/[^"]+/)"', done.content.decode())
    assert undo is not None, "the message carries the way back"
    member.post(undo[1], {"next": "/issues/"})
    assert [service.issue(k).state for k in keys] == [State.NEW, State.NEW, State.NEW]


def test_many_are_muted_and_assigned(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    me = next(iter(accounts.user_refs()))
    member.post("/issues/bulk/", {"ids": [issue.short_id], "act": "assign", "who": str(me)})
    member.post("/issues/bulk/", {"ids": [issue.short_id], "act": "mute:day"})
    found = service.issue(issue.short_id)
    assert (found.state, found.assignee) == (State.MUTED, me)
    assert "Mira Lind" in text_of(member.get("/issues/", {"q": "is:muted"}))


def test_nothing_selected_changes_nothing(member: Client, happen: Happen) -> None:
    issue = happen(an_error())
    assert "Nothing was selected" in text_of(member.post("/issues/bulk/", {"act": "resolve"}, follow=True))
    assert service.issue(issue.short_id).state is State.NEW


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "issues/"]
)
def test_an_act_never_leads_elsewhere(member: Client, happen: Happen, elsewhere: str) -> None:
    issue = happen(an_error())
    done = member.post("/issues/bulk/", {"ids": [issue.short_id], "act": "resolve", "next": elsewhere})
    assert done["Location"] == "/issues/"


def test_a_viewer_reads_and_changes_nothing(viewer: Client, happen: Happen) -> None:
    issue = happen(an_error())
    page = viewer.get("/issues/").content.decode()
    assert issue.short_id in page
    assert 'name="ids"' not in page
    assert viewer.post("/issues/bulk/", {"ids": [issue.short_id], "act": "resolve"}).status_code == 403
    assert service.issue(issue.short_id).state is State.NEW


def test_nobody_reads_nothing(house: MemoryPorts) -> None:
    answer = Client().get("/issues/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert Client().get("/issues.json").status_code == 401
