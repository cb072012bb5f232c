"""Every issue of a search from the pages and by REST: the way there, the number before the act, and its progress."""

import html
import re

import pytest
from django.test import Client
from tests.support.many import multiply
from tests.unit.errors_pages.conftest import Happen, an_error
from tests.unit.errors_pages.test_list import text_of

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import Status

JSON = "application/json"
MANY = 120


@pytest.fixture
def many(happen: Happen) -> int:
    happen(an_error())
    multiply(MANY)
    return MANY


def work(clock: ManualClock) -> None:
    while service.work(clock.now()):
        pass


def form_of(page: str) -> dict[str, str]:
    """Return what the form of the page sends beside its button, all lists as they stand."""
    hidden = re.findall(r'type="hidden" name="(q|project|newest)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in hidden} | {"way": "mute:10-events", "who": ""}


def test_a_list_of_several_pages_leads_to_all_of_it(member: Client, viewer: Client, many: int) -> None:
    shown = member.get("/issues/", {"q": "is:open ValueError", "project": "shop"})
    assert 'href="/issues/all/?q=is%3Aopen+ValueError&amp;project=shop"' not in shown.content.decode()
    shown = member.get("/issues/", {"q": "is:open", "project": "shop"})
    assert "All 50 on this page are selected. Select all 120 that match this search" in text_of(shown)
    assert 'href="/issues/all/?q=is%3Aopen&amp;project=shop"' in shown.content.decode()
    assert "/issues/all/" not in viewer.get("/issues/").content.decode()
    assert viewer.get("/issues/all/").status_code == 403


def test_the_number_and_the_search_stand_before_the_act(
    member: Client, many: int, clock: ManualClock
) -> None:
    page = member.get("/issues/all/", {"q": "is:open"})
    words = text_of(page)
    assert "120 issues match this search." in words
    assert "is:open in every project" in words
    assert "Resolve 120 issues" in words
    done = member.post("/issues/all/act/", {**form_of(page.content.decode()), "act": "resolve"}, follow=True)
    assert done.redirect_chain[0][0] == "/issues/?q=is%3Aopen"
    assert "Resolve 120 issues: 0 of 120." in text_of(done)
    work(clock)
    shown = member.get("/issues/", {"q": "is:resolved"})
    assert "Resolve 120 issues: done." in text_of(shown)
    undo = re.search(r'action="(/issues/undo/[^"]+/)"', shown.content.decode())
    assert undo is not None
    member.post(undo[1])
    work(clock)
    assert service.counts()["new"] == many


def test_a_whole_search_is_resolved_in_the_next_release(
    member: Client, many: int, clock: ManualClock
) -> None:
    page = member.get("/issues/all/", {"q": "is:open"}).content.decode()
    assert 'value="resolve:next"' in page
    member.post("/issues/all/act/", {**form_of(page), "act": "resolve:next"})
    work(clock)
    issue = service.issue("SHOP-1")
    assert issue.status is Status.RESOLVED
    assert issue.fixed_after is not None, "any known release is older than the fix"


@pytest.mark.parametrize(
    ("act", "query"),
    [
        ("reopen", "is:open"),
        ("chosen", "is:muted"),
        ("mute:good", "is:muted"),
        ("assign", "assigned:me"),
        ("merge", "is:open"),
    ],
)
def test_every_act_of_the_page(member: Client, many: int, clock: ManualClock, act: str, query: str) -> None:
    sent = form_of(member.get("/issues/all/").content.decode())
    me = next(iter(accounts.user_refs()))
    member.post("/issues/all/act/", {**sent, "act": act, "who": me})
    work(clock)
    found = 1 if act == "merge" else many
    said = text_of(member.get("/issues/all/", {"q": query}))
    assert ("1 issue matches" if found == 1 else f"{found} issues match") in said


def test_what_cannot_be_said_so_and_changes_nothing(member: Client, many: int) -> None:
    wrong = member.get("/issues/all/", {"q": "is:brokenish"}, follow=True)
    assert wrong.status_code == 400, "the list points at the word"
    assert "<mark>brokenish</mark>" in wrong.content.decode()
    none = text_of(member.get("/issues/all/", {"q": "is:resolved"}))
    assert "No issue matches this search." in none
    assert "Resolve 0" not in none
    for sent, said in (
        ({"q": "is:resolved", "act": "resolve"}, "No issue matches this search."),
        ({"q": "is:open", "act": "explode"}, "There is no act"),
        ({"q": "is:open", "act": "chosen"}, "There is no act"),
        ({"q": "is:open", "act": "resolve", "newest": "0"}, "No issue matches this search."),
        ({"q": "is:open", "act": "assign", "who": "4711"}, "There is no user 4711"),
    ):
        assert said in text_of(member.post("/issues/all/act/", sent, follow=True))
    assert (service.counts()["new"], service.jobs(0.0)) == (many, ())


def test_a_viewer_acts_on_nothing(viewer: Client, many: int) -> None:
    assert viewer.post("/issues/all/act/", {"q": "", "act": "resolve"}).status_code == 403
    assert service.counts()["new"] == many


def test_by_rest(many: int, clock: ManualClock) -> None:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.WRITE], clock.now())
    web = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(path: str, body: dict[str, object], status: int = 200) -> dict[str, object]:
        answer = web.post(f"/api/v1/issues/{path}", body, content_type=JSON)
        assert answer.status_code == status, answer.content
        return dict(answer.json())

    begun = post("bulk", {"query": "is:open", "project": "shop", "status": "resolved"})
    assert (begun["changed"], begun["undo"]) == ([], [])
    progress = f"/api/v1/jobs/{begun['job']}"
    told = web.get(progress).json()
    assert (told["kind"], told["done"], told["total"], told["ended_at"]) == ("change", 0, many, None)
    work(clock)
    told = web.get(progress).json()
    assert (told["done"], told["changed"], told["undo"]) == (many, many, begun["job"])
    assert post("undo", {"token": told["undo"]})["job"]
    work(clock)
    assert service.counts()["new"] == many
    assert post("merge", {"query": "is:open"})["job"]
    assert post("bulk", {"query": "", "status": "resolved", "ids": ["SHOP-1"]}, 422)
    assert post("bulk", {"status": "resolved"}, 422)
    assert post("bulk", {"query": "", "status": "resolved", "assignee": None}, 422)
    assert post("bulk", {"query": ""}, 422)
    assert post("merge", {"query": "", "into": "SHOP-1"}, 422)
    assert "brokenish" in str(post("bulk", {"query": "is:brokenish", "status": "open"}, 422))
    assert post("bulk", {"query": "", "project": "nothing", "status": "open"}, 404)
