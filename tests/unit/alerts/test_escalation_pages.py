"""The pages and the REST of policies and escalations: a policy made without a script, tried, kept, at work, answered."""

import json
import re
from collections.abc import Mapping

import pytest
from django.test import Client
from tests.support.forward import Night, page, wait
from tests.support.rotas import instant

from vedette.alerts import service
from vedette.core.clock import ManualClock
from vedette.oncall import service as oncall
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db
NIGHT = instant("2026-11-24T02:00", "Europe/Berlin")
POLICIES = "/on-call/policies/"
HEAD = {"name": "Night", "repeats": "1", "ack_minutes": "60", "secret": ""}


@pytest.fixture
def night(ports: MemoryPorts, clock: ManualClock, db: None) -> Night:
    return Night(ports, clock).begin(NIGHT)


def form(night: Night, act: str = "save", **more: object) -> Mapping[str, object]:
    mira, jonas = night.ids("Mira", "Jonas")
    steps = {
        "s0-kind": "notify_users", "s0-users": [str(jonas)], "s0-important": "on",
        "s1-kind": "wait", "s1-minutes": "5",
        "s2-kind": "if_time", "s2-spans": "Mon-Fri 00:00-06:00", "s2-zone": "Europe/Berlin", "s2-skips": "1",
        "s3-kind": "round_robin", "s3-users": [str(mira), str(jonas)],
    }  # fmt: skip
    return {**HEAD, **steps, "act": act, **more}


def kinds(html: str) -> list[str]:
    return re.findall(r'name="s\d+-kind" value="(\w+)"', html)


def test_a_policy_is_made_tried_and_kept_without_a_script(night: Night, web: Client) -> None:
    assert "No policy yet" in web.get(POLICIES).text
    assert kinds(web.get(f"{POLICIES}new/").text) == ["notify_users", "wait", "notify_team", "wait"]
    tried = web.post(f"{POLICIES}new/", form(night, "preview"))
    assert tried.status_code == 200
    assert "Step 1: Jonas is paged." in tried.text
    assert not oncall.policies()
    assert web.post(f"{POLICIES}new/", form(night, secret="a secret")).status_code == 302
    (made,) = oncall.policies()
    listed = web.get(POLICIES).text
    assert "Pages Jonas at once; after 5 min without an answer goes on Mon-Fri from 00:00 to 06:00" in listed
    assert "a secret" not in web.get(f"{POLICIES}{made.id}/").text
    assert "A secret is set." in web.get(f"{POLICIES}{made.id}/").text


def test_steps_are_added_moved_and_left_out_before_anything_is_saved(night: Night, web: Client) -> None:
    def after(act: str, **more: object) -> list[str]:
        answer = web.post(f"{POLICIES}new/", form(night, act, **more))
        assert answer.status_code == 200
        return kinds(answer.text)

    assert after("add", new_kind="webhook")[-1] == "webhook"
    assert after("up-1") == ["wait", "notify_users", "if_time", "round_robin"]
    assert after("down-0") == ["wait", "notify_users", "if_time", "round_robin"]
    assert after("drop-2") == ["notify_users", "wait", "round_robin"]
    assert (
        after("drop-99")
        == after("add", new_kind="nonsense")
        == ["notify_users", "wait", "if_time", "round_robin"]
    )
    assert not oncall.policies()


def test_what_is_wrong_stands_at_its_step(night: Night, web: Client) -> None:
    answer = web.post(f"{POLICIES}new/", form(night, **{"s0-users": [], "s2-spans": "whenever"}))
    assert answer.status_code == 422
    assert "write days and times like Mon-Fri 08:30-17:30" in answer.text
    answer = web.post(f"{POLICIES}new/", form(night, **{"s0-users": []}))
    assert "Choose at least one person." in answer.text


def test_what_escalates_is_shown_and_taken(night: Night, web: Client) -> None:
    steps = (page(night, "Jonas"), wait(5), page(night, "Mira"), wait(5))
    night.lead_to(night.policy(*steps, ack_minutes=120))
    assert "Nothing escalates" in web.get("/on-call/escalations/").text
    night.fire()
    (running,) = oncall.live([service.firing().alerts[0].groups[0]])
    listed = web.get("/on-call/escalations/").text
    assert "1 thing escalates" in listed
    assert "I take it" in listed
    one = web.get(f"/on-call/escalations/{running.id}/").text
    assert "Step 1: Jonas is paged." in one
    assert "Step 3: Mira is paged: nobody answered in 5 min." in one, "what comes next"
    alert = web.get(f"/alerts/{service.firing().alerts[0].id}/").text
    assert "Step 1: Jonas is paged." in alert
    assert web.post(f"/alerts/escalations/{running.id}/take/").status_code == 302
    rests = web.get(f"/on-call/escalations/{running.id}/").text
    assert rests.index("When the acknowledgement is over") < rests.rindex("Step 1: Jonas is paged")
    night.forward(hours=1)
    assert night.paged() == ["Jonas"]
    assert "Nothing escalates" not in web.get("/on-call/escalations/").text, "it rests"
    assert web.get("/alerts/escalations/999/take/").status_code == 405
    assert web.post("/alerts/escalations/999/take/").status_code == 404


def test_policies_in_rest_and_who_was_paged(night: Night, web: Client) -> None:
    steps = [{"kind": "notify_users", "users": ["jonas@shop.example"]}, {"kind": "wait", "minutes": 5}]
    body = {"name": "Night", "steps": steps, "repeats": 1, "secret": "x" * 20}
    made = web.post("/api/v1/escalation-policies", json.dumps(body), content_type="application/json").json()
    assert made["steps"][0]["users"] == ["jonas@shop.example"]
    assert made["signed"]
    assert "x" * 20 not in json.dumps(web.get("/api/v1/escalation-policies").json())
    wrong = web.put(
        f"/api/v1/escalation-policies/{made['id']}",
        json.dumps({**body, "steps": []}),
        content_type="application/json",
    )
    assert wrong.status_code == 422
    night.lead_to(*oncall.policies())
    night.fire()
    (listed,) = web.get("/api/v1/escalations?live=true").json()["items"]
    assert listed["state"] == "running"
    (paged,) = web.get("/api/v1/pages").json()["items"]
    assert (paged["user"], paged["state"]) == ("jonas@shop.example", "open")
    assert web.put(f"/api/v1/escalations/{listed['id']}/acknowledgement").status_code == 204
    whole = web.get(f"/api/v1/escalations/{listed['id']}").json()
    assert whole["state"] == "acknowledged"
    assert whole["lines"][1]["text"] == "Step 1: Jonas is paged."
    assert web.delete(f"/api/v1/escalation-policies/{made['id']}").status_code == 409
    night.lead_to()
    assert web.delete(f"/api/v1/escalation-policies/{made['id']}").status_code == 204


def test_a_reader_sees_and_changes_nothing(night: Night, reader: Client) -> None:
    policy = night.policy(page(night, "Jonas"))
    assert reader.get(POLICIES).status_code == 200
    assert reader.post(f"{POLICIES}{policy.id}/delete/", {"confirm": policy.name}).status_code == 403
    assert oncall.policies()
