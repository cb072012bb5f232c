"""The pages of targets, bills and feeds, and their REST."""

import msgspec
import pytest
from django.test import Client
from tests.support.findings import NOW, finding, report
from tests.support.rooms import bearing

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service
from vedette.scans.types import Target
from vedette.wire.scan import Component, Unknown

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/findings/targets/"


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    assert house
    return bearing(Scope.ADMIN, NOW)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def send(release: str, *versions: str) -> int:
    parts = tuple(
        Component(ecosystem="PyPI", name=f"<i>{n}", version=version) for n, version in enumerate(versions)
    )
    told = msgspec.structs.replace(report(finding()), components=parts)
    return service.take_sent(SYSTEM, service.Sent(report=told, target="shop", release=release), NOW).target.id


def test_empty_pages_say_what_comes_there(web: Client) -> None:
    assert "Nothing is scanned yet" in text(web, PAGE)
    assert "vedette feeds add" in text(web, "/findings/feeds/")
    for path in (f"{PAGE}7/", "/findings/bills/7/", "/findings/bills/7/8/"):
        assert web.get(path).status_code == 404


def test_a_target_is_added_changed_run_and_removed(web: Client) -> None:
    said = {
        "scanner": "site",
        "target": "https://shop.example",
        "every": "86400.0",
        "project": "0",
        "enabled": "on",
        "options": "",
    }
    assert "does not" not in text(web, f"{PAGE}new/")
    assert web.post(f"{PAGE}new/", {**said, "options": "no sign"}).status_code == 422
    assert web.post(f"{PAGE}new/", {**said, "target": "a b"}).status_code == 422
    made = web.post(f"{PAGE}new/", said)
    assert made.status_code == 302
    one = made["Location"]
    page = text(web, one)
    assert "It was not scanned yet." in page
    assert "_vedette.shop.example" in page
    assert web.post(f"{one}edit/", {**said, "name": "The shop", "every": "3600.0"}).status_code == 302
    assert service.every()[0].every == 3_600.0
    assert web.post(f"{one}run/").status_code == 302
    assert service.every()[0].next_at == NOW
    assert web.post(f"{one}remove/").status_code == 302
    assert service.every() == []


def test_blind_targets_come_first_and_say_why(web: Client) -> None:
    made = service.add(SYSTEM, Target(scanner="dns", target="shop.example"), NOW)
    send("1.0", "1")
    unknown = Unknown(subject="shop.example", why="<i>No name server answers.", fix="Look whether it is up.")
    service.take(made.id, report(unknown=[unknown]), NOW)
    errand = service.claim(NOW + 60)
    assert errand is not None
    service.finish(errand, msgspec.structs.replace(report(unknown=[unknown]), scanner="dns"), NOW)
    page = text(web, PAGE)
    assert "1 scan could not know" in page
    assert page.index("shop.example") < page.index(">shop<")
    one = text(web, f"{PAGE}{made.id}/")
    assert "&lt;i&gt;No name server answers." in one
    assert "Look whether it is up." in one


def test_bills_tell_what_changed_and_strangers_names_stay_text(web: Client) -> None:
    number = send("1.0", "1", "2")
    send("1.1", "1.5")
    now, before = service.bills(number)
    assert "what changed" in text(web, f"{PAGE}{number}/")
    assert "&lt;i&gt;1" in text(web, f"/findings/bills/{before.id}/?q=1")
    told = text(web, f"/findings/bills/{before.id}/{now.id}/")
    assert "Upgraded" in told
    assert "Removed" in told
    assert "<i>" not in told


def test_rest_takes_reports_and_tells_of_targets(web: Client) -> None:
    sent = msgspec.json.encode({"target": "shop", "report": report(finding())})
    answer = web.post("/api/v1/scans", sent, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["scan"]["new"] == 1
    number = answer.json()["scan"]["target"]
    assert web.get("/api/v1/scans/targets").json()["items"][0]["outcome"] == "found"
    assert web.get(f"/api/v1/scans/targets/{number}/scans").json()["items"][0]["found"] == 1
    assert web.get(f"/api/v1/scans/targets/{number}/bills").json()["items"] == []
    assert web.post(f"/api/v1/scans/targets/{number}/run").status_code == 409
    assert web.post("/api/v1/scans", b"{", content_type="application/json").status_code in {400, 422}
    assert (
        web.post(
            "/api/v1/scans",
            msgspec.json.encode({"project": "none", "report": report()}),
            content_type="application/json",
        ).status_code
        == 404
    )
    assert web.delete(f"/api/v1/scans/targets/{number}").status_code == 204
