"""Monitors in the REST API."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing
from tests.unit.monitors.conftest import SITE

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.core.clock import ManualClock, iso
from vedette.monitors import service
from vedette.monitors.types import CheckResult, Config, MonitorDraft, Outcome, Reading
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project

BASE = "/api/v1/monitors"
NIGHTLY = {
    "rhythm": {"schedule": {"kind": "cron", "expression": "0 4 * * *", "zone": "Europe/Berlin"}, "grace": 900}
}


def send(web: Client, method: str, path: str, body: object = None) -> tuple[int, Any]:
    data = "" if body is None else json.dumps(body)
    answer = web.generic(method, BASE + path, data, content_type="application/json")
    return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def web(house: MemoryPorts) -> Client:
    return bearing(Scope.WRITE, NOW)


def test_a_heartbeat_is_made_read_changed_paused_and_removed(web: Client, shop: Project) -> None:
    status, made = send(web, "POST", "", {"name": "Nightly backup", "project": "shop", "config": NIGHTLY})
    assert status == 201
    assert (made["slug"], made["kind"], made["project"], made["state"]) == (
        "nightly-backup",
        "heartbeat",
        "shop",
        "waiting",
    )
    assert made["ping_url"].startswith("https://vedette.example/ping/")
    assert made["config"] == NIGHTLY
    assert send(web, "GET", "/nightly-backup") == (200, made)
    status, changed = send(
        web, "PUT", f"/{made['id']}", {"name": "Backup", "config": {**NIGHTLY, "interval": 60.0}}
    )
    assert (status, changed["name"], changed["slug"]) == (200, "Backup", "nightly-backup")
    assert send(web, "PUT", "/nightly-backup/pause")[1]["paused"]
    assert not send(web, "DELETE", "/nightly-backup/pause")[1]["paused"]
    assert send(web, "DELETE", "/nightly-backup") == (204, None)
    assert send(web, "GET", "/nightly-backup")[0] == 404


def test_the_address_of_heartbeats_is_for_those_who_may_change(web: Client) -> None:
    send(web, "POST", "", {"name": "job", "config": NIGHTLY})
    assert send(bearing(Scope.READ, NOW), "GET", "/job")[1]["ping_url"] is None


def test_secrets_go_in_and_never_come_out(web: Client) -> None:
    body = {
        "name": "API",
        "kind": "http",
        "config": {"request": {"url": "https://a.example"}},
        "secrets": {"password": "hunter2"},
    }
    _, made = send(web, "POST", "", body)
    assert made["config"] == {"request": {"url": "https://a.example"}}
    assert "hunter2" not in json.dumps(send(web, "GET", ""))
    assert service.secrets(service.find("api")) == {"password": "hunter2"}


def test_credentials_in_urls_are_for_those_who_may_change_monitors(web: Client) -> None:
    step = {
        "url": "https://a.example/login?x=1&token=geheim",
        "name": "Token?",
        "options": {"method": "POST"},
    }
    request = {
        "url": "multi://shop",
        "options": {"steps": [step], "variables": {"base": "https://u:geheim@b.example"}},
    }
    proxied = {
        "url": "https://a.example/?api_key=geheim&n=5",
        "options": {"proxy": "http://p.example:1"},
    }
    for name, kind, asked in (("Suite", "multi", request), ("Site", "http", proxied)):
        status, made = send(web, "POST", "", {"name": name, "kind": kind, "config": {"request": asked}})
        assert status == 201, made
        assert made["config"]["request"] == asked
    reader = bearing(Scope.READ, NOW)
    told = send(reader, "GET", "/suite")[1]["config"]["request"]
    assert told["options"]["steps"] == [{**step, "url": "https://a.example/login?x=1&token=••••"}]
    listed = json.dumps(send(reader, "GET", "")[1]["items"], ensure_ascii=False)
    assert "geheim" not in listed
    assert "https://a.example/?api_key=••••&n=5" in listed


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"name": "x", "config": {"rhythm": {"grace": 5}}}, "config", "rhythm"),
        ({"name": "x", "config": {"rhythm": {"schedule": {"kind": "cron", "expression": "x"}, "grace": 5}}}, "rhythm", "five fields"),
        ({"name": "x", "config": {"interval": "soon"}}, "config", "interval"),
        ({"name": "x", "config": {**NIGHTLY, "interval": float("nan")}}, "config", ""),
        ({"name": "x", "config": {**NIGHTLY, "parents": [2**70]}}, "parents", ""),
        ({"name": "x", "config": NIGHTLY, "secrets": {"a": "\ud800"}}, "secrets", ""),
        ({"name": "x"}, "rhythm", "needs a schedule"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field(web: Client, body: dict[str, Any], field: str, said: str) -> None:
    status, told = send(web, "POST", "", body)
    assert status in {400, 422}
    assert said in json.dumps(told)
    assert field in json.dumps(told)


def test_lists_go_on_and_are_narrowed(web: Client, shop: Project) -> None:
    for n in range(5):
        send(web, "POST", "", {"name": f"job {n}", "config": NIGHTLY, "project": "shop" if n % 2 else ""})
    _, first = send(web, "GET", "?n=3")
    _, rest = send(web, "GET", f"?n=3&cursor={first['cursor']}")
    assert [one["slug"] for one in first["items"] + rest["items"]] == [f"job-{n}" for n in range(5)]
    assert rest["cursor"] is None
    assert len(send(web, "GET", "?project=shop")[1]["items"]) == 2
    assert send(web, "GET", "?kind=http")[1]["items"] == []


def test_how_a_monitor_did(web: Client, house: MemoryPorts, clock: ManualClock) -> None:
    config = Config(
        request=SITE, objective=service.config_of(b'{"objective": {"target": 0.5, "days": 1}}').objective
    )
    one = service.create(SYSTEM, 0, MonitorDraft(name="API", kind="http", config=config), NOW)
    for at, reading in ((NOW, Reading.GOOD), (NOW + 60, Reading.BAD), (NOW + 120, Reading.BAD)):
        service.record(
            [CheckResult(monitor=one.id, outcome=Outcome(at=at, reading=reading, cause="refused"))], at
        )
    clock.forward(180)
    _, told = send(web, "GET", "/api/uptime")
    assert (told["up"], told["down"], told["share"]) == (60, 120, pytest.approx(1 / 3))
    assert [change["state"] for change in told["changes"]] == ["up", "down"]
    assert told["budget"] == {"allowed": 43_200, "spent": 120, "left": 43_080}
    _, narrow = send(web, "GET", f"/api/uptime?start={iso(NOW)}&end={iso(NOW + 60)}")
    assert (narrow["up"], narrow["down"]) == (60, 0)
    for wrong in (
        "start=soon",
        f"start={iso(NOW)}&end={iso(NOW - 1)}",
        "start=0001-01-01T00:00:00Z",
        "end=1969-01-01T00:00:00Z",
    ):
        assert send(web, "GET", f"/api/uptime?{wrong}")[0] in {400, 422}


def test_a_monitor_of_a_file_is_changed_there(web: Client) -> None:
    draft = MonitorDraft(name="API", kind="http", config=Config(request=SITE), source="monitors/api.toml")
    service.create(SYSTEM, 0, draft, NOW)
    status, told = send(web, "PUT", "/api", {"name": "x", "config": {}})
    assert (status, "is written in monitors/api.toml" in json.dumps(told)) == (409, True)
    assert send(web, "DELETE", "/api")[0] == 409
