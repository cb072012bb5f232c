"""Plans and runs over REST: asked by tokens, refused by field, paged by cursor."""

import json
from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.test import Client
from tests.support.backed import HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import Scope
from vedette.backups import service
from vedette.wire.backup import Entry, Shelf

pytestmark = pytest.mark.django_db(transaction=True)
PLANS = "/api/v1/backups/plans"


@pytest.fixture
def admin(host: int) -> Client:
    assert host
    return bearing(Scope.ADMIN, NOW)


def sent(client: Client, method: str, path: str, body: object = None) -> tuple[int, Any]:
    data = json.dumps({} if body is None else body)
    answer = client.generic(method, path, data, content_type="application/json")
    return answer.status_code, json.loads(answer.content) if answer.content else None


def made(admin: Client) -> int:
    told = msgspec.to_builtins(plan())
    status, found = sent(admin, "POST", PLANS, {"host": "web1", "plan": told})
    assert status == 201, found
    return int(found["id"])


def test_a_plan_is_made_changed_and_taken_away(admin: Client) -> None:
    number = made(admin)
    status, found = sent(admin, "GET", f"{PLANS}/{number}")
    assert (status, found["health"], found["host"], found["missing"]) == (200, "red", "web1", [])
    assert found["spread"].startswith("3-2-1 lacks")
    other = {**found["plan"], "enabled": False}
    assert sent(admin, "PUT", f"{PLANS}/{number}", {"plan": other})[1]["health"] == "off"
    assert sent(admin, "DELETE", f"{PLANS}/{number}")[0] == 204
    assert sent(admin, "GET", f"{PLANS}/{number}")[0] == 404
    assert sent(admin, "GET", PLANS)[1]["items"] == []


def test_a_copy_that_was_left_is_listed_and_forgotten_by_name(admin: Client) -> None:
    number = made(admin)
    assert sent(admin, "DELETE", f"{PLANS}/{number}")[0] == 204
    left = "/api/v1/backups/left"
    (one,) = sent(admin, "GET", left)[1]["items"]
    assert (one["name"], one["copy_name"], one["host"], one["engine"]) == ("shop", "box", "web1", "memory")
    assert sent(admin, "DELETE", f"{left}/{number}/box")[0] == 422
    assert sent(admin, "DELETE", f"{left}/{number}/box?confirm=shop/box")[0] == 204
    assert sent(admin, "GET", left)[1]["items"] == []


def test_what_is_wrong_is_told_by_field(admin: Client) -> None:
    bad = {**msgspec.to_builtins(plan()), "snapshot": "zsf"}
    status, told = sent(admin, "POST", PLANS, {"host": "web1", "plan": bad})
    assert status == 422
    assert "zfs" in json.dumps(told)
    assert sent(admin, "POST", PLANS, {"host": "web1", "plan": {"nam": "x"}})[0] == 422
    assert sent(admin, "POST", PLANS, {"host": "gone", "plan": msgspec.to_builtins(plan())})[0] == 404


def test_acts_wait_for_the_host_and_become_runs(admin: Client, host: int) -> None:
    number = made(admin)
    status, order = sent(admin, "POST", f"{PLANS}/{number}/run")
    assert (status, order["act"]) == (202, "run")
    assert sent(admin, "POST", f"{PLANS}/{number}/run")[0] == 409
    assert len(sent(admin, "GET", f"{PLANS}/{number}/orders")[1]["items"]) == 1
    with transaction.atomic():
        service.take(host, "web1", [saved(NOW, id=order["id"])], NOW)
    assert sent(admin, "GET", f"/api/v1/backups/orders/{order['id']}")[1]["done_at"]
    status, run = sent(admin, "GET", f"/api/v1/backups/runs/{order['id']}")
    assert (status, run["kind"], run["stage"], run["signed"]) == (200, "run", "done", None)
    look = sent(admin, "POST", f"{PLANS}/{number}/list", {"snapshot": "s1", "below": "/srv"})[1]["id"]
    entries = f"/api/v1/backups/orders/{look}/entries"
    assert sent(admin, "GET", entries)[1] == {
        "at": None,
        "snapshot": "s1",
        "below": "/srv",
        "why": "",
        "items": [],
    }
    found = Entry(name="/srv/shop", kind="folder", size=0, at=NOW)
    with transaction.atomic():
        service.take(
            host,
            "web1",
            [Shelf(at=NOW, plan="shop", copy="box", id=look, below="/srv", entries=(found,))],
            NOW,
        )
    assert [one["name"] for one in sent(admin, "GET", entries)[1]["items"]] == ["/srv/shop"]
    for act in ("drill", "unlock", "list", "key"):
        assert sent(admin, "POST", f"{PLANS}/{number}/{act}")[0] == 202
    restore = {"into": "/srv/back", "before": "2026-11-27T14:03:20Z"}
    assert sent(admin, "POST", f"{PLANS}/{number}/restore", restore)[0] == 202
    assert sent(admin, "POST", f"{PLANS}/{number}/restore", {"into": "/x", "before": "soon"})[0] == 422


def test_runs_are_paged(admin: Client, host: int) -> None:
    made(admin)
    with transaction.atomic():
        service.take(host, "web1", [saved(NOW - n * HOUR) for n in range(5)], NOW)
        service.take(host, "web1", [failed(NOW - 9 * HOUR), drilled(NOW - 8 * HOUR)], NOW)
    path, found = "/api/v1/backups/runs?n=3", []
    while path:
        page = sent(bearing(Scope.READ, NOW, f"reads {len(found)}"), "GET", path)[1]
        found += [one["kind"] for one in page["items"]]
        path = f"/api/v1/backups/runs?n=3&cursor={page['cursor']}" if page["cursor"] else ""
    assert found == ["run"] * 5 + ["drill", "run"]
    assert len(sent(admin, "GET", "/api/v1/backups/runs?failed=true")[1]["items"]) == 1
    assert len(sent(admin, "GET", "/api/v1/backups/runs?kind=drill")[1]["items"]) == 1


def test_what_a_token_of_scope_write_may_not(admin: Client) -> None:
    number = made(admin)
    writer = bearing(Scope.WRITE, NOW)
    assert sent(writer, "POST", f"{PLANS}/{number}/run")[0] == 202
    for path, body in (("restore", {"into": "/x"}), ("key", {})):
        assert sent(writer, "POST", f"{PLANS}/{number}/{path}", body)[0] == 403
