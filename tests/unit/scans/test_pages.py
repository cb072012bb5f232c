"""The pages and REST of findings: what must be fixed this week first, and what strangers wrote stays text."""

import pytest
from django.test import Client
from tests.support.findings import finding, report
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import Scope
from vedette.plumbing.db.sql import transaction
from vedette.scans import service
from vedette.scans.models import TargetRow
from vedette.scans.running import settle
from vedette.scans.types import Asked, Life
from vedette.wire.scan import ScanReport, Unknown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(target: int) -> Client:
    assert target
    return bearing(Scope.ADMIN, NOW)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_an_empty_page_says_what_comes_there(web: Client) -> None:
    page = text(web, "/findings/")
    assert "Nothing was scanned yet" in page
    assert "vedette scan all ." in page
    assert web.get("/findings/7/").status_code == 404


def test_the_overview_says_the_same_and_calls_nothing_clean_that_nobody_saw(web: Client, target: int) -> None:
    assert "Nothing was scanned yet." in text(web, "/")
    blind = ScanReport(scanner="deps", target="shop", at=NOW, unknown=(Unknown(subject="a", why="b"),))
    with transaction():
        one = service.target(target)
        settle(one, blind, NOW)
    for page in ("/", "/findings/"):
        assert "1 scan could not know." in text(web, page), page


def test_the_worst_of_the_week_comes_first_and_hostile_text_stays_text(web: Client, target: int) -> None:
    bad = finding("XSS", title="<script>alert(1)</script>", risk=7.0, evidence="<img src=x>")
    service.take(target, report(finding(exploited=True), bad, finding("LATER", risk=1.0)), NOW)
    page = text(web, "/findings/")
    assert "1 must be fixed this week; the worst: CVE-2024-3094 in xz" in page
    assert "3 are open in all." in page
    assert page.index("CVE-2024-3094") < page.index("&lt;script&gt;")
    assert "<script>alert" not in page
    found = {one.finding.check: one.id for one in service.findings(Asked())[0]}
    one = text(web, f"/findings/{found['XSS']}/")
    assert "<img src=x>" not in one
    assert "It is high (7.0 of 10)." in one
    assert "Upgrade xz to 5.6.2." in one
    assert "No finding is like this." in text(web, "/findings/?severity=medium&q=nothing")
    assert web.get("/findings/?cursor=x").status_code in {400, 422}


def test_forms_decide_and_undo(web: Client, target: int) -> None:
    service.take(target, report(finding()), NOW)
    one = service.findings(Asked())[0][0].id
    sent = {
        "ids": [str(one)],
        "act": "accept",
        "reason": "behind the VPN",
        "days": "90",
        "next": f"/findings/{one}/",
    }
    assert web.post("/findings/act/", sent)["location"] == f"/findings/{one}/"
    assert service.finding(one).life is Life.ACCEPTED
    assert "behind the VPN" in text(web, f"/findings/{one}/")
    web.post(f"/findings/reopen/{one}/")
    assert service.finding(one).life is Life.OPEN
    web.post("/findings/act/", {**sent, "reason": ""})
    assert service.finding(one).life is Life.OPEN, "without a reason nothing is accepted"
    web.post("/findings/act/", {"act": "accept", "ids": ["x"], "next": "https://evil.example/"})
    web.post("/findings/act/", {**sent, "act": "false"})
    assert service.finding(one).life is Life.FALSE
    web.post(f"/findings/{one}/note/", {"text": "asked the vendor"})
    assert "asked the vendor" in text(web, f"/findings/{one}/")


def test_rest_lists_reads_and_decides(web: Client, target: int) -> None:
    service.take(target, report(finding(), finding("DEBUG", risk=5.0)), NOW)
    first = web.get("/api/v1/findings?n=1").json()
    (one,) = first["items"]
    assert (one["check"], one["severity"], one["state"], one["reachable"]) == (
        "CVE-2024-3094",
        "critical",
        "open",
        None,
    )
    rest = web.get("/api/v1/findings", {"n": 1, "cursor": first["cursor"]}).json()
    assert [each["check"] for each in rest["items"]] == ["DEBUG"]
    assert web.get(f"/api/v1/findings/{one['id']}").json()["fix"] == "Upgrade xz to 5.6.2."

    def post(verb: str, **body: object) -> tuple[int, object]:
        answer = web.post(f"/api/v1/findings/{verb}", {"ids": [one["id"]], **body}, "application/json")
        return answer.status_code, answer.json().get("done")

    assert post("accept", reason="VPN", until="2025-12-01T00:00:00Z") == (200, 1)
    assert post("accept", reason="VPN", until="soon")[0] == 422
    assert post("reopen") == (200, 1)
    assert post("false", reason="a test file") == (200, 1)
    assert post("assign", owner=None) == (200, 1)
    assert web.get("/api/v1/findings?state=false-positive").json()["items"][0]["reason"] == "a test file"


def test_hosts_and_targets_of_what_is_shown_are_ways_to_narrow(web: Client, target: int) -> None:
    other = TargetRow.objects.create(scanner="deps", target="/srv/api", body={"name": "api"}).id
    host = TargetRow.objects.create(scanner="host", target="db-1", host=3, body={"name": "db-1"}).id
    for number in (target, other, host):
        service.take(number, report(finding()), NOW)
    page = text(web, "/findings/")
    assert all(each in page for each in ("On db-1", "In shop", "In api", "?host=3", f"?target={target}"))
    narrow = text(web, f"/findings/?target={target}")
    assert "In shop ×" in narrow
    assert "In api" not in narrow
    assert "On db-1 ×" in text(web, "/findings/?host=3")
    assert "a host that is gone ×" in text(web, "/findings/?host=9")
