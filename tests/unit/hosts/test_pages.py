"""The pages of hosts, and the same by REST: worst first, a token once, and what a host is."""

import re

import pytest
from django.test import Client
from tests.support import hosted
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import Scope
from vedette.core.clock import ManualClock
from vedette.hosts import service
from vedette.hosts.types import NobodyJudges
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent.batches import Batch
from vedette.wire.agent.types import Happening, Report, Sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None, house: MemoryPorts) -> Client:
    return bearing(Scope.ADMIN, NOW)


def get(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_list_says_the_worst_first_and_a_page_all_of_one(admin: Client, clock: ManualClock) -> None:
    assert "No host is watched yet." in get(admin, "/hosts/")
    hosted.fill(NOW)
    shown = get(admin, "/hosts/")
    assert shown.index("db-1") < shown.index("web-1") < shown.index("web-2-with")
    one = get(admin, f"/hosts/{service.find(hosted.NAMES[0]).id}/?range=6h")
    for said in (
        "/ is nearly full: 96 % used.", "Processors", "Disk /", "authorized-keys root changed.", "postgres", "Root may sign in",
        "openssl", "71 of 100", "6.1.0-18-amd64",
    ):  # fmt: skip
        assert said in one, said
    assert "The unit logrotate.service has failed." in get(
        admin, f"/hosts/{service.find(hosted.NAMES[1]).id}/"
    )


def test_a_token_is_shown_once_and_can_be_revoked(admin: Client) -> None:
    shown = admin.post("/hosts/token/").content.decode()
    assert re.search(r"vedette agent enroll https://vedette.example vde_[\w-]+_[0-9a-f]{32}", shown)
    later = get(admin, "/hosts/")
    assert "vde_" not in later
    (one,) = service.invitations()
    assert one.id[:8] in later
    admin.post(f"/hosts/tokens/{one.id}/revoke/")
    assert one.id[:8] not in get(admin, "/hosts/")


def test_a_host_is_rotated_revoked_and_removed(admin: Client) -> None:
    hosted.fill(NOW)
    host = service.find(hosted.NAMES[1])
    page = f"/hosts/{host.id}/"
    admin.post(f"{page}rotate/")
    assert "It makes a new key" in get(admin, page)
    admin.post(f"{page}revoke/")
    assert "Revoked: it may say nothing any more." in get(admin, page)
    assert admin.post(f"{page}remove/", {"confirm": "no"}).status_code == 422
    admin.post(f"{page}remove/", {"confirm": host.name})
    assert admin.get(page).status_code == 404


def test_a_host_that_runs_well_and_waits_for_updates_is_not_called_fine_alone(admin: Client) -> None:
    hosted.fill(NOW)
    for one in admin.get("/api/v1/hosts").json()["items"][:-1]:
        assert admin.delete(f"/api/v1/hosts/{one['name']}").status_code == 204
    assert "The host is fine, but 1 security update waits." in get(admin, "/hosts/")


def test_the_same_by_rest(admin: Client) -> None:
    made = admin.post("/api/v1/host-tokens").json()
    assert made["command"].endswith(made["token"])
    assert [one["id"] for one in admin.get("/api/v1/host-tokens").json()["items"]] == [
        made["invitation"]["id"]
    ]
    assert admin.delete(f"/api/v1/host-tokens/{made['invitation']['id']}").status_code == 204
    hosted.fill(NOW)
    items = admin.get("/api/v1/hosts").json()["items"]
    assert [one["tone"] for one in items] == ["crit", "warn", "ok"]
    assert items[0]["score"] == 71
    path = f"/api/v1/hosts/{items[0]['name']}"
    assert admin.get(path).json()["security_updates"] == 1
    assert "used" in admin.get(f"{path}/forecasts").json()["items"][0]["sentence"]
    first = admin.get(f"{path}/events?n=1").json()
    assert (
        first["items"][0]["kind"],
        len(admin.get(f"{path}/events?cursor={first['cursor']}").json()["items"]),
    ) == ("oom", 1)
    assert admin.get(f"{path}/events?cursor=x").status_code == 422
    measures = admin.get(f"{path}/measures?series=load&step=600").json()
    assert (list(measures["series"]), len(measures["series"]["load.1"])) == (["load.1"], 6)
    assert admin.get(f"{path}/measures?start=2020-01-01").status_code == 422
    assert admin.put(f"{path}/modes", {"modes": {"ssh": "enforce"}}, content_type="application/json").json()["modes"] == {"ssh": "enforce"}  # fmt: skip
    assert admin.put(f"{path}/modes", {"modes": {"ssh": "maybe"}}, content_type="application/json").status_code == 422  # fmt: skip
    assert admin.post(f"{path}/rotate").json()["rotating"]
    assert admin.post(f"{path}/revoke").json()["state"] == "revoked"
    assert admin.post(f"{path}/rotate").status_code == 409
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_pages_look_again_at_once_when_something_happens_and_now_and_then_for_measures(
    admin: Client, house: MemoryPorts
) -> None:
    hosted.fill(NOW)
    host, taker = service.find(hosted.NAMES[0]).id, service.taker(NobodyJudges())
    heard: list[str] = []
    house.bus.listen(heard.append)

    def take(number: int, now: float, report: Report) -> int:
        taker.take(
            [(host, Batch(origin="b" * 32, first=number, sent_at=now, reports=(report,), version="1"))], now
        )
        return heard.count("live:hosts")

    sample = Sample(at=NOW, values={"cpu.used.percent": 1.0})
    assert take(1, NOW, sample) == 1
    assert take(2, NOW + 1, sample) == 1
    assert take(3, NOW + 2, Happening(at=NOW, kind="note", text="x")) == 2
    assert take(4, NOW + 13, sample) == 3
    assert 'hx-trigger="live:hosts from:body"' in get(admin, "/hosts/")
    assert 'hx-trigger="live:hosts from:body"' in get(admin, f"/hosts/{host}/")
    assert "live:hosts" not in admin.post("/hosts/token/").content.decode(), (
        "a token is shown once: nothing takes it away"
    )
