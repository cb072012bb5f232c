"""The page and REST resources of browsers' reports, and the command that proposes a policy."""

import json

import pytest
from django.test import Client
from tests.unit.errors.conftest import Journal
from tests.unit.errors.test_reported import failed, refused

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects


@pytest.fixture
def web(ports: MemoryPorts, journal: Journal) -> Client:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.READ], ports.clock.now())
    for n in range(2):
        journal.send(
            refused("https://cdn.example/a.png"), failed(sampling_fraction=0.1), address=f"198.51.100.{n}"
        )
    journal.send(
        refused("inline", "script-src", disposition="report"),
        {"browser_report": {"type": "crash", "reason": "oom"}},
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_the_page_tells_the_worst_first_and_what_it_justifies(web: Client, ports: MemoryPorts) -> None:
    projects.create_project(SYSTEM, "Idle", "python", ports.clock.now())
    page = web.get("/reports/").content.decode()
    assert (
        "<h1>Browsers sent 6 reports in the last 14 days; the worst: DNS failed for cdn.example: dns.name_not_resolved, seen by 2 browsers.</h1>"
        in page
    )
    assert "2 reports, about 20 failures" in page
    assert "img-src refused https://cdn.example on /orders/*, seen by 2 browsers" in page
    assert "script-src would refuse what is inline on /orders/*" in page
    assert "Pages crashed: oom" in page
    assert (
        "default-src &#x27;self&#x27;; object-src &#x27;none&#x27;; base-uri &#x27;self&#x27;; img-src &#x27;self&#x27; https://cdn.example"
        in page
    )
    assert "give the element a nonce" in page
    assert "No browser reported anything" in web.get("/reports/?project=idle&days=1").content.decode()
    assert web.get("/reports/?days=91").status_code == 422
    assert web.get("/reports/?project=nobody").status_code == 404


def test_without_a_project_the_page_says_what_comes_there(ports: MemoryPorts, transactional_db: None) -> None:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.READ], ports.clock.now())
    page = Client(headers={"Authorization": f"Bearer {secret}"}).get("/reports/").content.decode()
    assert "No browser reported anything" in page


def test_rest_tells_lines_and_the_proposal(web: Client) -> None:
    lines = web.get("/api/v1/projects/shop/reports?days=1").json()["items"]
    by_kind = {one["kind"]: one for one in lines if one["source"] != "inline"}
    assert (by_kind["network-error"]["reports"], by_kind["network-error"]["failures"]) == (2, 20)
    assert by_kind["csp-violation"]["browsers"] == 2
    found = web.get("/api/v1/projects/shop/csp-proposal").json()
    assert found["directives"]["img-src"] == ["'self'", "https://cdn.example"]
    assert found["toml"].startswith("[guard.headers.csp]\n")
    image = next(one for one in found["sources"] if one["source"] == "https://cdn.example")
    assert (image["added"], image["reports"], image["browsers"]) == (True, 2, 2)
    assert json.loads(web.get("/api/v1/projects/shop/reports?days=91").content)["status"] == 422
