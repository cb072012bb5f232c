"""Infrastructure over REST: connected, read, planned, carried out by tokens; the project's token is never told."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.support.rooms import bearing
from tests.support.watched_shop import FILES, SAID, WRITES, Watched

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.errors import VedetteError
from vedette.deploy import service
from vedette.deploy.models import ProjectRow

pytestmark = pytest.mark.django_db(transaction=True)
ALL = "/api/v1/infrastructure/projects"
SHOP = f"{ALL}/shop"


@pytest.fixture
def admin(shop: Watched) -> Client:
    return bearing(Scope.ADMIN, shop.now)


def sent(client: Client, method: str, path: str, body: object = None) -> tuple[int, Any]:
    data = "" if body is None else json.dumps(body)
    answer = client.generic(method, path, data, content_type="application/json")
    assert WRITES not in answer.content.decode()
    return answer.status_code, json.loads(answer.content) if answer.content else None


def test_a_project_is_connected_said_applied_and_forgotten(admin: Client, shop: Watched) -> None:
    wanted = {"name": "shop", "token": WRITES, "endpoint": shop.place.endpoint}
    status, made = sent(admin, "POST", ALL, wanted)
    assert (status, made["hint"], made["condition"]) == (201, WRITES[-4:], "unknown")
    assert sent(admin, "POST", ALL, wanted)[0] == 409
    assert sent(admin, "PUT", f"{SHOP}/files", {"files": FILES})[0] == 200
    assert sent(admin, "GET", f"{SHOP}/files")[1]["files"] == FILES
    assert sent(admin, "POST", f"{SHOP}/plan", {"act": "apply"})[0] == 409  # nobody looked yet
    service.look_due(shop.now, shop.place.clock.forward)
    status, plan = sent(admin, "POST", f"{SHOP}/plan", {"act": "apply"})
    assert (status, len(plan["changes"]), plan["typed"]) == (200, 4, False)
    assert sent(admin, "POST", f"{SHOP}/runs", {"act": "apply", "mark": "other"})[0] == 409
    status, run = sent(admin, "POST", f"{SHOP}/runs", {"act": "apply", "mark": plan["mark"]})
    assert (status, run["state"]) == (202, "asked")
    service.work(shop.place.clock.now, shop.place.clock.forward)
    done = sent(admin, "GET", f"/api/v1/infrastructure/runs/{run['id']}")[1]
    assert (done["state"], len(done["steps"])) == ("done", 5)
    assert (
        sent(admin, "GET", f"/api/v1/infrastructure/runs/{run['id']}?after=4")[1]["steps"]
        == done["steps"][4:]
    )
    assert sent(admin, "GET", SHOP)[1]["condition"] == "good"
    things = sent(admin, "GET", f"{SHOP}/things")[1]["items"]
    assert {one["state"] for one in things} == {"right"}
    assert sent(admin, "GET", f"{SHOP}/picture")[1]["svg"].startswith("<svg")
    assert len(sent(admin, "GET", f"{SHOP}/runs")[1]["items"]) == 1
    assert sent(admin, "GET", f"{SHOP}/drifts")[1]["items"] == []
    assert 'project = "shop"' in sent(admin, "GET", f"{SHOP}/proposal")[1]["text"]
    assert sent(admin, "DELETE", f"{SHOP}?confirm=ship")[0] == 422
    assert sent(admin, "DELETE", f"{SHOP}?confirm=shop")[0] == 204
    assert sent(admin, "GET", SHOP)[0] == 404


def test_faults_of_files_are_told_by_place(admin: Client, shop: Watched) -> None:
    shop.connect()
    status, told = sent(
        admin, "PUT", f"{SHOP}/files", {"files": {"infra/shop.toml": SAID.replace("cx23", "cx2e")}}
    )
    assert status == 422
    assert "infra/shop.toml:10" in json.dumps(told)
    assert service.project("shop").files == FILES


def test_neither_token_nor_files_stand_in_the_database_as_they_are(shop: Watched) -> None:
    shop.connect()
    row = ProjectRow.objects.get(name="shop")
    assert WRITES not in row.token
    assert "cx23" not in row.files


@pytest.mark.parametrize("token", ["", "two words", "t" * 600, "tök"])
def test_what_is_no_token_is_refused_and_not_said(admin: Client, shop: Watched, token: str) -> None:
    status, told = sent(admin, "POST", ALL, {"name": "shop", "token": token, "endpoint": shop.place.endpoint})
    assert status == 422
    assert len(token) < 4 or token not in json.dumps(told, ensure_ascii=False)
    assert shop.place.calls() == []


def test_the_address_of_the_api_is_one(shop: Watched) -> None:
    for odd in ("ftp://api.example", "https://ann:pw@api.example/v1", "file:///etc/passwd", "api.example"):
        with pytest.raises(VedetteError, match="is no address of an API"):
            service.connect(SYSTEM, "shop", WRITES, odd, shop.now)
