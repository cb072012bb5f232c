"""Issues and events over REST."""

import pytest
from django.test import Client
from tests.unit.errors.conftest import Journal, error

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.core.clock import ManualClock, iso
from vedette.plumbing.testing import MemoryPorts

JSON = "application/json"
EVENT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def web(ports: MemoryPorts, journal: Journal) -> Client:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.WRITE], ports.clock.now())
    journal.send(error(tags={"a": "b"}, user={"id": 1}), event_id=EVENT)
    journal.send(error(), error("KeyError", level="fatal"))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_list_with_its_search_order_and_pages(web: Client) -> None:
    first = web.get("/api/v1/issues?n=1").json()
    assert [issue["id"] for issue in first["items"]] == ["SHOP-2"]
    second = web.get(f"/api/v1/issues?n=1&cursor={first['cursor']}").json()
    assert ([issue["id"] for issue in second["items"]], second["cursor"]) == (["SHOP-1"], None)
    found = web.get("/api/v1/issues", {"q": "is:open ValueError", "project": "shop", "sort": "events"}).json()
    assert [issue["id"] for issue in found["items"]] == ["SHOP-1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=is:bad", 422),
        ("project=nothing", 404),
        ("sort=colour", 422),
        ("cursor=bad", 422),
        ("n=0", 422),
        ("n=101", 422),
    ],
)
def test_a_list_that_cannot_be(web: Client, query: str, status: int) -> None:
    answer = web.get(f"/api/v1/issues?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_one_issue(web: Client, clock: ManualClock) -> None:
    issue = web.get("/api/v1/issues/shop-1").json()
    assert (issue["id"], issue["project"], issue["state"], issue["events"], issue["users"]) == (
        "SHOP-1",
        "shop",
        "new",
        2,
        1,
    )
    assert issue["first_seen"] == iso(clock.now())
    assert issue["parts"][0] == {"name": "exception type", "value": "ValueError"}
    assert web.get("/api/v1/issues/SHOP-99").status_code == 404
    assert [tag["key"] for tag in web.get("/api/v1/issues/SHOP-1/tags").json()] == ["level", "a", "user"]
    assert [entry["kind"] for entry in web.get("/api/v1/issues/SHOP-1/history").json()] == ["new"]


def test_changes(web: Client, clock: ManualClock) -> None:
    anna = accounts.create_user(SYSTEM, "Anna", "anna@example.org", "kJ8#vQ2!mZ5x", Role.MEMBER, clock.now())
    changed = web.patch(
        "/api/v1/issues/SHOP-1", {"status": "resolved", "assignee": anna.id}, content_type=JSON
    ).json()
    assert (changed["status"], changed["assignee"]) == ("resolved", anna.id)
    changed = web.patch("/api/v1/issues/SHOP-1", {"assignee": None}, content_type=JSON).json()
    assert (changed["status"], changed["assignee"]) == ("resolved", None)
    until = iso(clock.now() + 60)
    muted = web.patch(
        "/api/v1/issues/SHOP-1", {"status": "muted", "mute_until": until, "mute_events": 5}, content_type=JSON
    ).json()
    assert (muted["status"], muted["muted_until"], muted["mute_events"]) == ("muted", until, 5)
    assert (
        web.patch("/api/v1/issues/SHOP-1", {"status": "open"}, content_type=JSON).json()["state"] == "ongoing"
    )
    quiet = {"status": "muted", "mute_until_escalating": True}
    assert web.patch("/api/v1/issues/SHOP-1", quiet, content_type=JSON).json()["mute_usual"] == 2
    fixed = {"status": "resolved", "fixed": "release", "fixed_release": "shop@1.5.0"}
    assert web.patch("/api/v1/issues/SHOP-1", fixed, content_type=JSON).json()["fixed_in"] == "shop@1.5.0"
    waits = {"ids": ["SHOP-1"], "status": "resolved", "fixed": "next_release"}
    assert web.post("/api/v1/issues/bulk", waits, content_type=JSON).json()["changed"] == ["SHOP-1"]
    assert web.get("/api/v1/issues/SHOP-1").json()["fixed_after"] is not None
    for payload in (
        {},
        {"status": "gone"},
        {"status": "resolved", "fixed": "some_day"},
        {"status": "resolved", "fixed": "release"},
        {"status": "muted", "mute_until": "soon"},
        {"assignee": 4711},
        {"assignee": "anna"},
    ):
        assert web.patch("/api/v1/issues/SHOP-1", payload, content_type=JSON).status_code == 422


def test_many_at_once_and_back_again(web: Client) -> None:
    done = web.post(
        "/api/v1/issues/bulk", {"ids": ["SHOP-1", "SHOP-2"], "status": "resolved"}, content_type=JSON
    ).json()
    assert done["changed"] == ["SHOP-1", "SHOP-2"]
    assert web.get("/api/v1/issues?q=is:resolved").json()["items"] != []
    undone = web.post("/api/v1/issues/undo", {"token": done["undo"][0]}, content_type=JSON).json()
    assert undone["changed"] == ["SHOP-1", "SHOP-2"]
    assert web.get("/api/v1/issues?q=is:resolved").json()["items"] == []
    assert (
        web.post("/api/v1/issues/bulk", {"ids": [], "status": "resolved"}, content_type=JSON).status_code
        == 422
    )
    assert (
        web.post("/api/v1/issues/bulk", {"ids": ["NO-1"], "status": "open"}, content_type=JSON).status_code
        == 404
    )


def test_similar_issues(web: Client, journal: Journal) -> None:
    journal.send(
        error(value="no basket for 17"), error("KeyError", value="no basket for 4", function="refund")
    )
    journal.send(error("OSError", value="no basket for 4", function="ship"))
    found = web.get("/api/v1/issues?q=type:OSError").json()["items"][0]["id"]
    (one,) = web.get(f"/api/v1/issues/{found}/similar").json()
    assert (one["reason"], 0 < one["score"] < 1) == ("Same message", True)
    assert web.get(f"/api/v1/issues/{one['id']}/similar").json()[0]["id"] == found
    assert web.get("/api/v1/issues/SHOP-99/similar").status_code == 404


def test_comments(web: Client) -> None:
    made = web.post("/api/v1/issues/SHOP-1/comments", {"text": "I look at it"}, content_type=JSON)
    assert made.status_code == 201
    assert made.json()["text"] == "I look at it"
    assert web.post("/api/v1/issues/SHOP-1/comments", {"text": ""}, content_type=JSON).status_code == 422


def test_events(web: Client) -> None:
    first = web.get("/api/v1/issues/SHOP-1/events?n=1").json()
    second = web.get(f"/api/v1/issues/SHOP-1/events?n=1&cursor={first['cursor']}").json()
    ids = [event["id"] for event in (*first["items"], *second["items"])]
    assert len(set(ids)) == 2
    assert EVENT in ids
    event = web.get(f"/api/v1/issues/SHOP-1/events/{EVENT[:8]}").json()
    assert (event["id"], event["issue"], event["user"], event["kind"]) == (
        EVENT,
        "SHOP-1",
        "id:1",
        "ValueError",
    )
    assert {event["older"], event["newer"]} == {None, next(i for i in ids if i != EVENT)}
    assert web.get("/api/v1/issues/SHOP-1/events/latest").json()["id"] in ids
    assert web.get(f"/api/v1/events/{EVENT}").json() == event
    raw = web.get(f"/api/v1/events/{EVENT}/json").json()
    assert raw == web.get(f"/api/v1/issues/SHOP-1/events/{EVENT}/json").json()
    assert raw["exception"]["values"][0]["type"] == "ValueError"
    for path in (
        "issues/SHOP-1/events/zz",
        "issues/SHOP-2/events/" + EVENT,
        "events/" + "f" * 32,
        "events/x",
    ):
        assert web.get(f"/api/v1/{path}").status_code == 404
    assert web.get("/api/v1/issues/SHOP-1/events?cursor=bad").status_code == 422
