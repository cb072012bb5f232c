"""The settings page of owners: writing, trying and reading rules."""

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error, signed_in
from tests.unit.errors_pages.test_list import text_of

from vedette.accounts.permissions import Role
from vedette.errors import service

PATH = "/settings/projects/shop/owners/"
RULE = "path:shop/* jonas@tidemark.example"


def test_rules_are_tried_then_saved(happen: Happen, viewer: Client) -> None:
    happen(an_error())
    admin = signed_in(Role.ADMIN, "Jonas Berg", "jonas@tidemark.example")
    tried = text_of(admin.post(f"{PATH}edit/", {"source": RULE, "mode": "assign", "do": "preview"}))
    assert "1 of the last 1 issues would have an owner: Jonas Berg 1." in tried
    assert "owner by path:shop/*" in tried
    assert "New issues belong to nobody" in text_of(viewer.get(PATH))
    saved = admin.post(f"{PATH}edit/", {"source": RULE, "mode": "suggest", "do": "save"}, follow=True)
    assert "Saved." in text_of(saved)
    shown = viewer.get(PATH)
    assert RULE in text_of(shown)
    assert "<textarea" not in shown.content.decode()
    issue = happen(an_error("KeyError"))
    assert "Could be for Jonas Berg" in text_of(viewer.get(f"/issues/{issue.short_id}/"))
    assert service.issue(issue.short_id).assignee is None


def test_a_wrong_rule_is_told_beside_it_and_kept_in_the_box(happen: Happen) -> None:
    admin = signed_in(Role.ADMIN)
    answer = admin.post(f"{PATH}edit/", {"source": "path:x eva@nowhere.example", "mode": "assign"})
    assert answer.status_code == 422
    assert "Line 1: eva@nowhere.example is nobody here" in text_of(answer)
    assert "path:x eva@nowhere.example</textarea>" in answer.content.decode()


def test_the_api_reads_writes_and_tries(happen: Happen) -> None:
    issue = happen(an_error())
    admin = signed_in(Role.ADMIN, "Jonas Berg", "jonas@tidemark.example")
    tried = admin.post(
        "/api/v1/projects/shop/owners/preview", {"source": RULE}, content_type="application/json"
    )
    assert tried.json() == [
        {"issue": issue.short_id, "owner": "Jonas Berg", "reason": "owner by path:shop/*"}
    ]
    kept = admin.put("/api/v1/projects/shop/owners", {"source": RULE}, content_type="application/json")
    assert (
        kept.json() == admin.get("/api/v1/projects/shop/owners").json() == {"source": RULE, "suggest": False}
    )
    assert (
        admin.put(
            "/api/v1/projects/shop/owners", {"source": "x"}, content_type="application/json"
        ).status_code
        == 422
    )
