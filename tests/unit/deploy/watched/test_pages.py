"""The pages of infrastructure: how it stands first, the picture with a table, the wizard, drift with both ways out, and who may."""

import pytest
from django.test import Client
from tests.support.deploying import READS
from tests.support.rooms import bearing
from tests.support.watched_shop import SAID, Watched

from vedette.accounts.permissions import Scope
from vedette.deploy import service

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(shop: Watched) -> Client:
    return bearing(Scope.ADMIN, shop.now)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return answer.content.decode()


def test_empty_pages_say_what_comes_there(web: Client) -> None:
    assert "No infrastructure is watched yet." in text(web, "/infrastructure/")
    assert "Let a project be read first." in text(web, "/infrastructure/drift/")
    assert "Nothing ran yet." in text(web, "/infrastructure/runs/")
    assert "No host is watched yet." in text(web, "/infrastructure/hosts/")
    for path in ("7/", "7/start/", "7/files/", "7/token/", "7/changes/", "runs/a/", "hosts/7/"):
        assert web.get(f"/infrastructure/{path}").status_code == 404, path


def test_a_token_that_only_reads_leads_from_the_wizard_to_the_picture(shop: Watched, web: Client) -> None:
    assert not shop.place.apply(service_desired()).problems
    answer = web.post(
        "/infrastructure/new/", {"name": "shop", "token": "unknown", "endpoint": shop.place.endpoint}
    )
    assert answer.status_code == 200
    assert "unknown" not in answer.content.decode().split("<form")[1]
    answer = web.post(
        "/infrastructure/new/", {"name": "shop", "token": READS, "endpoint": shop.place.endpoint}
    )
    one = service.project("shop").id
    assert answer.headers["Location"] == f"/infrastructure/{one}/start/"
    assert "is being read" in text(web, f"/infrastructure/{one}/start/")
    shop.look()
    page = text(web, f"/infrastructure/{one}/start/")
    assert "shop has 2 servers" in page
    assert "internet cannot reach db:*" in page
    assert READS not in page
    begun = service.beginning(one)
    assert begun is not None
    web.post(f"/infrastructure/{one}/start/", {"text": begun.text, "assert": ["internet cannot reach db:*"]})
    page = text(web, f"/infrastructure/{one}/")
    assert '<svg class="infra"' in page
    assert "Show as table" in page
    assert "internet cannot reach db:*" in page
    assert "read only" in page or "read" in page


def service_desired():
    from vedette.deploy.desired.reading import File, desired

    return desired([File("infra/shop.toml", SAID)])
