"""Saved searches: whose they are, who sees, changes and begins with them, and that they go with their project."""

import re

import pytest
from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error, signed_in
from tests.unit.errors_pages.test_list import keys_of, text_of

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.errors import service
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project

JSON = "application/json"


def save(browser: Client, name: str, query: str = "is:open", **more: object) -> dict[str, object]:
    """Save a search through the API; return what it answers."""
    answer = browser.post("/api/v1/searches", {"name": name, "query": query, **more}, content_type=JSON)
    return {**answer.json(), "code": answer.status_code}


def names(browser: Client) -> list[str]:
    return [found["name"] for found in browser.get("/api/v1/searches").json()]


def chips(browser: Client, path: str = "/issues/?q=is:open") -> list[str]:
    page = browser.get(path).content.decode()
    part = page[
        page.index('aria-label="Saved searches"') : page.index("Save this search")
        if "Save this" in page
        else None
    ]
    return re.findall(r'class="chip" href="[^"]*"[^>]*>(?:<svg.*?</span>)?([^<]+?) ?<', part)


def test_a_search_is_saved_from_the_page_and_shown_as_a_chip(member: Client, happen: Happen) -> None:
    happen(an_error())
    happen(an_error("KeyError"))
    sent = {
        "name": "  Keys   only ",
        "query": "type:KeyError",
        "sort": "events",
        "project": "shop",
        "next": "/issues/",
    }
    answer = member.post("/issues/searches/", sent)
    assert answer["Location"] == "/issues/?q=type%3AKeyError&sort=events&project=shop"
    shown = member.get(answer["Location"])
    assert len(keys_of(shown)) == 1
    assert "Saved as Keys only." in text_of(shown)
    assert chips(member) == ["Keys only"]
    assert 'aria-current="true">Keys only' in shown.content.decode()
    assert next(entry.action for entry in accounts.audit_page().entries) == "search.create"


def test_ones_own_is_nobody_elses_and_a_shared_one_everybodys(
    member: Client, viewer: Client, shop: Project
) -> None:
    save(member, "Mine", "assigned:me")
    shared = save(member, "Ours", "level:fatal", shared=True)
    assert names(member) == ["Mine", "Ours"]
    assert names(viewer) == ["Ours"]
    assert chips(viewer) == ["Ours"]
    assert "Rename or share" not in viewer.get("/issues/?q=level:fatal").content.decode()
    assert viewer.put(f"/api/v1/searches/{shared['id']}", {"name": "X"}, content_type=JSON).status_code == 403
    assert viewer.delete(f"/api/v1/searches/{shared['id']}").status_code == 403
    assert viewer.post(f"/issues/searches/{shared['id']}/delete/").status_code == 403
    assert save(viewer, "Theirs", shared=True)["code"] == 403
    assert save(viewer, "Theirs")["code"] == 201


def test_administrators_change_what_is_shared_and_only_that(member: Client, shop: Project) -> None:
    mine, ours = save(member, "Mine"), save(member, "Ours", shared=True)
    admin = signed_in(Role.ADMIN, "Jonas Berg")
    changed = admin.put(
        f"/api/v1/searches/{ours['id']}", {"name": "All of ours", "shared": True}, content_type=JSON
    )
    assert (changed.status_code, changed.json()["owner"]) == (200, ours["owner"])
    assert admin.put(f"/api/v1/searches/{mine['id']}", {"name": "X"}, content_type=JSON).status_code == 404
    assert admin.delete(f"/api/v1/searches/{ours['id']}").status_code == 204
    assert names(member) == ["Mine"]


def test_the_issues_begin_with_the_star(member: Client, viewer: Client, happen: Happen) -> None:
    happen(an_error())
    ours = save(member, "Fatal ones", "level:fatal", shared=True)
    path = "/issues/?q=level%3Afatal"
    assert member.post(f"/issues/searches/{ours['id']}/star/", {"star": "on"})["Location"] == path
    assert member.get("/issues/")["Location"] == path
    assert member.get("/issues/?q=is:open").status_code == 200
    assert viewer.get("/issues/").status_code == 200
    assert "Begin with the open ones" in member.get(path).content.decode()
    member.post(f"/issues/searches/{ours['id']}/star/", {"star": "off"})
    assert member.get("/issues/").status_code == 200


def test_a_star_on_what_is_no_longer_shown_goes_out(member: Client, viewer: Client, shop: Project) -> None:
    ours = save(member, "Ours", "level:fatal", shared=True)
    assert viewer.put(f"/api/v1/searches/{ours['id']}/star").json()["starred"] is True
    member.put(f"/api/v1/searches/{ours['id']}", {"name": "Ours", "shared": False}, content_type=JSON)
    assert viewer.get("/issues/").status_code == 200
    assert viewer.put(f"/api/v1/searches/{ours['id']}/star").status_code == 404


def test_deleting_asks_and_takes_the_star_along(member: Client, happen: Happen) -> None:
    happen(an_error())
    mine = save(member, "Mine", "level:error")
    member.put(f"/api/v1/searches/{mine['id']}/star")
    assert "Delete this saved search?" in member.get("/issues/?q=level:error").content.decode()
    answer = member.post(f"/issues/searches/{mine['id']}/delete/")
    assert "Mine is deleted" in text_of(member.get(answer["Location"]))
    assert names(member) == []
    assert member.get("/issues/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        ({"name": "   "}, 422, "1 to 60 characters"),
        ({"name": "x" * 61}, 422, ""),
        ({"name": "TAKEN"}, 409, "already"),
        ({"name": "n", "query": "is:opne"}, 422, "Did you mean is:open?"),
        ({"name": "n", "sort": "colour"}, 422, ""),
        ({"name": "n", "project": "nothing"}, 404, "no project"),
    ],
)
def test_what_is_refused_says_why(
    member: Client, shop: Project, sent: dict[str, object], code: int, says: str
) -> None:
    save(member, "Taken")
    answer = member.post("/api/v1/searches", sent, content_type=JSON)
    assert answer.status_code == code
    assert says in answer.content.decode()
    shown = member.post("/issues/searches/", {**sent, "next": "/issues/?q="}, follow=True)
    if code != 404 and "sort" not in sent:
        assert "Saved as" not in text_of(shown)
    assert names(member) in (["Taken"], ["n", "Taken"])


def test_there_are_at_most_a_hundred(member: Client, shop: Project) -> None:
    codes = [save(member, f"Search {n}")["code"] for n in range(101)]
    assert codes == [201] * 100 + [422]


def test_they_go_with_their_project(member: Client, shop: Project, house: MemoryPorts) -> None:
    save(member, "All")
    within = save(member, "Within", project="shop")
    member.put(f"/api/v1/searches/{within['id']}/star")
    projects.delete_project(SYSTEM, shop.id, "shop", house.clock.now())
    assert names(member) == ["All"]
    assert member.get("/issues/").status_code == 200


def test_the_palette_finds_them(member: Client, shop: Project) -> None:
    save(member, "Fatal ones", "level:fatal")
    assert "Fatal ones" in member.get("/find/", {"q": "fatal"}).content.decode()
    assert service.searches(SYSTEM) == ()
