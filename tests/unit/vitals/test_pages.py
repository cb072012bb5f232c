"""The page and the REST resource of web vitals."""

import pytest
from django.test import Client
from tests.unit.vitals.conftest import Browsers

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Scope
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project


@pytest.fixture
def web(ports: MemoryPorts, shop: Project) -> Client:
    secret, _ = accounts.create_token(SYSTEM, "ci", [Scope.READ], ports.clock.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_an_empty_page_says_what_comes_there(web: Client) -> None:
    page = web.get("/vitals/").content.decode()
    assert "No browser measured a page in the last 24 hours." in page
    assert "data-vitals" in page


def test_the_page_and_rest_tell_the_worst_first(web: Client, browsers: Browsers, ports: MemoryPorts) -> None:
    projects.create_project(SYSTEM, "Idle", "python", ports.clock.now())
    browsers.load(60, "/pay", lcp=2_000.0)
    browsers.clock.forward(3 * 86_400.0)
    browsers.load(60, "/pay", lcp=4_800.0)
    browsers.load(1, "/<b>", inp=90.0)
    page = web.get("/vitals/?project=shop").content.decode()
    assert "<h1>LCP of /pay became worse: 4." in page
    assert page.index("/pay</span>") < page.index("/&lt;b&gt;</span>")
    assert "2.5 s" in page
    first, second = web.get("/api/v1/projects/shop/vitals").json()["items"]
    assert (first["page"], first["vital"], first["rating"], first["samples"], first["worse"]) == (
        "/pay",
        "lcp",
        "poor",
        60,
        True,
    )
    assert first["change"] == pytest.approx(1.4, rel=0.05)
    assert (second["vital"], second["before_p75"], second["change"]) == ("inp", None, None)
    assert "No browser measured" in web.get("/vitals/?project=idle").content.decode()
    assert web.get("/vitals/?project=nobody").status_code == 404
