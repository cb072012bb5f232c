"""The pages and REST of bans: a sentence first, worst first, and what strangers wrote stays text."""

import pytest
from django.test import Client
from tests.support.intruders import ATTACKER, decision, detection
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import Scope
from vedette.intrusions import service
from vedette.intrusions.service import Judges
from vedette.plumbing.db.sql import transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(judges: Judges) -> Client:
    assert judges
    return bearing(Scope.ADMIN, NOW)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_an_empty_page_says_what_comes_there(web: Client) -> None:
    page = text(web, "/bans/")
    assert "Nobody is banned." in page
    assert "Nobody attacked in the last 24 hours." in page
    assert "Nobody attacked in the last 7 days." in text(web, "/bans/?range=7d")
    assert "vedette hosts token" in page
    assert "Every set of rules only simulates." in text(web, "/bans/rules/")
    assert "198.51.100.7 is not banned." in text(web, "/bans/198.51.100.7/")
    assert web.get("/bans/999.1.1.1/").status_code == 404


def test_the_worst_comes_first_and_hostile_lines_stay_text(web: Client, judges: Judges) -> None:
    hostile = detection(NOW, "192.0.2.9", reason="<script>alert(1)</script>", lines=("<img src=x>",))
    with transaction():
        judges.accept("web1", [detection(NOW - 5), decision(NOW - 5), hostile], NOW)
    page = text(web, "/bans/")
    assert "2 addresses attacked; 1 is banned." in page
    assert page.index("192.0.2.9") < page.index(ATTACKER)
    assert "<script>alert" not in page
    one = text(web, "/bans/192.0.2.9/")
    assert "192.0.2.9 attacks and is not banned." in one
    assert "<img src=x>" not in one


def test_one_click_bans_unbans_and_allows(web: Client) -> None:
    sent = {"value": "192.0.2.9", "lasts": "86400.0", "reason": "spam"}
    assert web.post("/bans/new/", sent).status_code == 302
    assert service.count(NOW) == 1
    back = web.post("/bans/remove/", {"value": "192.0.2.9", "allow": "1", "back": "/bans/192.0.2.9/"})
    assert back["location"] == "/bans/192.0.2.9/"
    assert service.count(NOW) == 0
    assert "192.0.2.9/32" in text(web, "/bans/allowed/")
    assert web.post("/bans/new/", sent).status_code == 422, "who is allowed is not banned"
    outside = web.post("/bans/remove/", {"value": "192.0.2.9", "back": "https://evil.example/"})
    assert outside["location"] == "/bans/"


def test_a_wide_network_is_asked_about_first(web: Client) -> None:
    sent = {"value": "192.0.0.0/16", "lasts": "3600.0", "reason": "all of it"}
    asked = web.post("/bans/new/", sent)
    assert (asked.status_code, service.count(NOW)) == (200, 0)
    assert "Ban all of this network?" in asked.content.decode()
    assert web.post("/bans/new/", {**sent, "confirmed": "192.0.0.0/16"}).status_code == 302
    assert "192.0.0.0/16 is banned by person:" in text(web, "/bans/192.0.0.0_16/")


def test_rest_goes_by_cursor(web: Client, judges: Judges) -> None:
    with transaction():
        judges.accept("web1", [decision(NOW - n, f"192.0.2.{n}", id=str(n)) for n in range(1, 6)], NOW)
        judges.accept("web1", [detection(NOW, id=str(n)) for n in range(5)], NOW)
    for path in ("/bans", "/detections"):
        found, cursor = [], ""
        while cursor is not None:
            page = web.get(f"/api/v1{path}", {"n": 2, "cursor": cursor}).json()
            found += [one.get("id") or one["value"] for one in page["items"]]
            cursor = page["cursor"]
        assert len(found) == len(set(found)) == 5
    assert web.put("/api/v1/rule-sets/ssh", '{"mode": "enforce"}', "application/json").json() == {"modes": {"ssh": "enforce"}}  # fmt: skip
    assert web.put("/api/v1/rule-sets/ssh", '{"mode": "x"}', "application/json").status_code == 422
    assert web.delete("/api/v1/allowlist?value=192.0.2.1").status_code == 404
    assert web.get("/api/v1/bans?cursor=x").status_code == 422
