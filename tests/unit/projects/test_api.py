"""Projects and keys over REST."""

import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service
from vedette.projects.types import UsageCount

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_projects_are_made_listed_changed_and_deleted(web: Client) -> None:
    made = web.post("/api/v1/projects", {"name": "Shop", "platform": "python"}, content_type=JSON)
    assert made.status_code == 201
    assert made.json()["slug"] == "shop"
    assert web.get("/api/v1/projects/shop").json() == web.get(f"/api/v1/projects/{made.json()['id']}").json()
    changed = web.patch("/api/v1/projects/shop", {"name": "The Shop"}, content_type=JSON)
    assert (changed.json()["name"], changed.json()["platform"]) == ("The Shop", "python")
    assert web.delete("/api/v1/projects/shop?confirm=no").status_code == 422
    assert web.delete("/api/v1/projects/shop?confirm=The Shop").status_code == 204
    missing = web.get("/api/v1/projects/shop")
    assert missing.status_code == 404
    assert missing.headers["Content-Type"] == "application/problem+json"


def test_the_list_goes_by_cursor(web: Client) -> None:
    for name in ("One", "Two", "Three"):
        service.create_project(SYSTEM, name, "python", 1.0)
    first = web.get("/api/v1/projects?n=2").json()
    second = web.get(f"/api/v1/projects?n=2&cursor={first['cursor']}").json()
    assert [p["slug"] for p in first["items"] + second["items"]] == ["one", "two", "three"]
    assert second["cursor"] is None
    assert web.get("/api/v1/projects?cursor=nonsense").status_code == 422


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"name": "", "platform": "python"}, 422),
        ({"name": "X", "platform": "cobol"}, 422),
        ([], 422),
        ({"name": "Y", "slug": "shop"}, 409),
    ],
)
def test_a_wrong_body_is_a_problem(web: Client, payload: object, status: int) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    answer = web.post("/api/v1/projects", payload, content_type=JSON)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_keys_over_rest(web: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    made = web.post("/api/v1/projects/shop/keys", {"label": "Web", "per_day": 5}, content_type=JSON).json()
    assert made["dsn"].startswith("https://")
    changed = web.put(
        f"/api/v1/projects/shop/keys/{made['id']}",
        {"label": "Site", "origins": ["*.shop.example"]},
        content_type=JSON,
    ).json()
    assert (changed["label"], changed["origins"], changed["per_day"]) == ("Site", ["*.shop.example"], None)
    assert web.post(f"/api/v1/projects/shop/keys/{made['id']}/rotate").status_code == 201
    assert web.delete(f"/api/v1/projects/shop/keys/{made['id']}").status_code == 204
    assert [key["active"] for key in web.get("/api/v1/projects/shop/keys").json()] == [True, False, True]
    assert web.delete("/api/v1/projects/shop/keys/99999999999999999999").status_code == 422


def test_scrubbing_and_usage_over_rest(web: Client) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    rules = {"defaults": True, "mask_addresses": True, "extra_keys": ["pin"], "safe_keys": []}
    assert web.put("/api/v1/projects/shop/scrubbing", rules, content_type=JSON).json() == rules
    assert web.get("/api/v1/projects/shop/scrubbing").json() == rules
    service.add_usage([UsageCount(made.id, "2025-11-24", "session", "not_kept", 7)])
    usage = web.get("/api/v1/projects/shop/usage?since=2025-11-01").json()
    assert usage == [{"day": "2025-11-24", "item_type": "session", "outcome": "not_kept", "count": 7}]
    assert web.get("/api/v1/projects/shop/usage?since=yesterday").status_code == 422


def test_a_token_that_reads_reads_no_more(reader: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert reader.get("/api/v1/projects/shop/keys").status_code == 200
    assert reader.post("/api/v1/projects", {"name": "X"}, content_type=JSON).status_code == 403
    assert Client().get("/api/v1/projects").status_code == 401


def test_the_openapi_document_is_public_and_names_every_operation(ports: MemoryPorts, db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
    assert not [path for path in document["paths"] if path.endswith("/")]
