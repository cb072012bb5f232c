"""Merging on the pages and in the API: from the list, from an issue, and back."""

import json

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error
from tests.unit.errors_pages.test_list import keys_of, text_of


def two(happen: Happen) -> tuple[str, str]:
    return happen(an_error("KeyError")).short_id, happen(an_error("OSError")).short_id


def test_ticked_issues_become_one_and_the_message_takes_it_back(member: Client, happen: Happen) -> None:
    first, second = two(happen)
    shown = member.post(
        "/issues/bulk/", {"ids": [first, second], "act": "merge", "next": "/issues/"}, follow=True
    )
    assert f"2 issues are one now: {first}." in text_of(shown)
    assert keys_of(shown) == [first]
    undo = shown.content.decode().split('action="/issues/undo/')[1].split('"')[0]
    assert "2 issues as before." in text_of(member.post(f"/issues/undo/{undo}", follow=True))
    assert set(keys_of(member.get("/issues/"))) == {first, second}


def test_one_alone_is_not_merged_and_the_page_says_why(member: Client, happen: Happen) -> None:
    first, _ = two(happen)
    shown = member.post("/issues/bulk/", {"ids": [first], "act": "merge"}, follow=True)
    assert "Two different issues or more can be merged" in text_of(shown)
    for into, said in (
        ("", "Write the key"),
        ("SHOP-99", "There is no issue SHOP-99"),
        (first, "Two different issues"),
    ):
        shown = member.post(f"/issues/{first}/merge/", {"into": into}, follow=True)
        assert said in text_of(shown)


def test_an_issue_goes_into_another_and_its_old_address_says_so(
    member: Client, viewer: Client, happen: Happen
) -> None:
    first, second = two(happen)
    shown = member.post(f"/issues/{first}/merge/", {"into": second.lower()}, follow=True)
    assert shown.redirect_chain == [(f"/issues/{second}/", 302)]
    old = member.get(f"/issues/{first}/", follow=True)
    assert old.redirect_chain == [(f"/issues/{second}/", 302)]
    assert f"{first} was merged into this issue." in text_of(old)
    assert member.get(f"/go/{first}/").headers["Location"] == f"/issues/{second}/"
    assert "Split off" not in text_of(viewer.get(f"/issues/{second}/"))


def test_the_page_names_the_groups_and_splits_one_off(member: Client, happen: Happen) -> None:
    first, second = two(happen)
    member.post("/issues/bulk/", {"ids": [first, second], "act": "merge"})
    shown = text_of(member.get(f"/issues/{first}/"))
    assert "2 groups" in shown
    assert "keeps the key" in shown
    assert f"{first} consists of 2 groups." in text_of(member.get(f"/issues/{first}/groups/"))
    shown = member.post(f"/issues/{first}/split/", {"group": second}, follow=True)
    assert f"{second} is separate again." in text_of(shown)
    assert f"Nothing was merged into {first}." in text_of(member.get(f"/issues/{first}/groups/"))
    assert "has no group" in text_of(member.post(f"/issues/{first}/split/", {"group": second}, follow=True))


def test_the_api_merges_leads_on_lists_groups_and_splits(member: Client, happen: Happen) -> None:
    first, second = two(happen)

    def post(path: str, body: dict[str, object]) -> dict[str, object]:
        answer = member.post(f"/api/v1{path}", json.dumps(body), "application/json")
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    done = post("/issues/merge", {"ids": [first, second], "into": second})
    assert (done["changed"], len(done["undo"])) == ([second], 1)
    moved = member.get(f"/api/v1/issues/{first}")
    assert (moved.status_code, moved.headers["Location"]) == (307, f"/api/v1/issues/{second}")
    assert moved.json() == {"id": second, "detail": f"{first} was merged into {second}."}
    groups = member.get(f"/api/v1/issues/{second}/groups?n=1").json()
    assert (groups["total"], len(groups["items"])) == (2, 1)
    rest = member.get(f"/api/v1/issues/{second}/groups", {"cursor": groups["cursor"]}).json()
    assert {one["key"] for one in groups["items"] + rest["items"]} == {first, second}
    assert post(f"/issues/{second}/split", {"groups": [first]})["changed"] == [second, first]
    assert member.get(f"/api/v1/issues/{first}").json()["id"] == first
