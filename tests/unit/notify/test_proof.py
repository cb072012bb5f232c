"""A test page for real: by the steps of one's important rule, acknowledged by its link or in the page, and nobody else is told."""

import itertools
import json

import pytest
from django.test import Client
from tests.support.people import person
from tests.unit.notify.test_own import browser

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Throttled
from vedette.notify import proof, service
from vedette.notify.types import DeliveryState, Preferences, Proof, Step
from vedette.plumbing.testing import MemoryPorts

PAGE = "/settings/my-notifications/proof/"
BASE = "https://vedette.example"
TEXT = {"Accept": "text/plain"}
ADDRESSES = itertools.count(1)  # each test has its own share of requests


@pytest.fixture
def nobody(ports: MemoryPorts) -> Client:
    """Return a browser without a session that checks CSRF as a real one does."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=f"198.51.100.{next(ADDRESSES)}")


@pytest.fixture
def anna(ports: MemoryPorts, db: None) -> Actor:
    """Return a person who is told at once by her phone, and two minutes later by another."""
    anna, now = person("Anna Berg", ports.clock.now()), ports.clock.now()
    phone = service.create_own(anna, "webhook", "Phone", {"url": "https://phone.example/"}, now)
    other = service.create_own(anna, "webhook", "Other", {"url": "https://other.example/"}, now)
    steps = (Step(channel=phone.id), Step(channel=other.id, wait=2))
    service.set_preferences(anna, Preferences(important=steps), now)
    return anna


def link(ports: MemoryPorts) -> str:
    body = json.loads(ports.net.requests[-1].body or b"{}")
    (action,) = body["vedette"]["actions"]
    return str(action["url"]).removeprefix(BASE)


def test_the_page_is_sent_acknowledged_by_its_link_and_stops(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, nobody: Client
) -> None:
    web = browser(anna)
    assert "You never sent yourself a page for real." in web.get(PAGE).content.decode()
    page = web.post(f"{PAGE}start/", follow=True).content.decode()
    assert "Waiting for your acknowledgement." in page
    service.deliver_due(clock.now())
    assert [request.url for request in ports.net.requests] == ["https://phone.example/"]
    address = link(ports)
    clock.forward(10)
    assert "It waits for your acknowledgement" in nobody.get(address).content.decode()
    assert "Waiting for your acknowledgement." in web.get(PAGE).content.decode(), "a GET changes nothing"
    clock.forward(4)
    answer = nobody.post(address, headers=TEXT)
    assert answer.content.decode() == "Acknowledged after 14 s, by the link in Phone.\n"
    assert nobody.post(address, headers=TEXT).content == answer.content, "twice is once"
    assert "Step 2 of important was not sent" in web.get(PAGE).content.decode(), "said at once"
    clock.forward(120)
    service.deliver_due(clock.now())
    page = web.get(PAGE).content.decode()
    assert "Acknowledged after 14 s, by the link in Phone." in page
    assert "Step 2 of important was not sent: Acknowledged after 14 s" in page
    assert len(ports.net.requests) == 1
    assert "Last proven" in web.get("/settings/my-notifications/").content.decode()
    actions = [each.action for each in accounts.audit_page().entries]
    assert actions[:2] == ["notifications.proof_acknowledged", "notifications.proof"]


def test_nobody_acknowledges_and_every_step_went(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, nobody: Client
) -> None:
    web = browser(anna)
    service.start_proof(anna, clock.now())
    service.deliver_due(clock.now())
    address = link(ports)
    clock.forward(120)
    service.deliver_due(clock.now())
    assert [request.url for request in ports.net.requests][-1] == "https://other.example/"
    assert json.loads(ports.net.requests[-1].body or b"")["vedette"]["severity"] == "critical"
    clock.forward(500)
    page = web.get(PAGE).content.decode()
    assert "Nobody acknowledged." in page
    assert "This is what would have happened at night." in page
    assert "What to check" in page
    assert "is over; nothing was changed" in nobody.post(address).content.decode()
    assert (
        "Nobody acknowledged your last test page." in web.get("/settings/my-notifications/").content.decode()
    )


def test_it_is_one_at_a_time_six_an_hour_and_for_who_can_be_told(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    for _ in range(proof.MOST_AN_HOUR):
        service.start_proof(anna, clock.now())
        with pytest.raises(Conflict, match="already"):
            service.start_proof(anna, clock.now())
        service.acknowledge_proof(anna, clock.now())
        clock.forward(1)
    with pytest.raises(Throttled):
        service.start_proof(anna, clock.now())
    clock.forward(3_600)
    service.set_preferences(anna, Preferences(quiet_until=clock.now() + 60), clock.now())
    with pytest.raises(Conflict, match="quiet"):
        service.start_proof(anna, clock.now())
    with pytest.raises(Conflict, match="no channel"):
        service.start_proof(person("Ben", clock.now()), clock.now())
    with pytest.raises(Conflict, match="No test page waits"):
        service.acknowledge_proof(anna, clock.now())


def test_a_link_that_was_changed_or_lost_its_person_does_nothing(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, nobody: Client
) -> None:
    service.start_proof(anna, clock.now())
    service.deliver_due(clock.now())
    address = link(ports)
    for wrong in (address.replace("/t/", "/t/1"), "/t/x/", f"/t/1-1-{'0' * 32}/"):
        assert nobody.post(wrong).status_code == 403
    (_, phone) = service.own_channels(anna)
    service.delete_own(anna, phone.id, clock.now())
    assert nobody.post(address).status_code == 403
    last = service.last_proof(anna)
    assert last is not None
    assert last.acknowledged_at is None
    with pytest.raises(Forbidden):
        service.seen_link("1-1-ffff", clock.now())


def test_links_are_slowed_down(ports: MemoryPorts, db: None, nobody: Client) -> None:
    codes = [nobody.get("/t/x/").status_code for _ in range(35)]
    assert codes[0] == 403
    assert codes[-1] == 429


def test_an_incident_is_closed_when_the_test_is_over(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    ben = person("Ben", clock.now())
    service.create_own(ben, "pagerduty", "Duty", {"key": "a" * 32}, clock.now())
    service.start_proof(ben, clock.now())
    service.deliver_due(clock.now())
    clock.forward(proof.LIFE)
    service.deliver_due(clock.now())
    sent = [json.loads(request.body or b"{}")["event_action"] for request in ports.net.requests]
    assert sent == ["trigger", "resolve"]


def test_the_rules_are_chosen_by_minutes_and_kept_only_when_unusual(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    web = browser(anna)
    other, phone = service.own_channels(anna)
    page = "/settings/my-notifications/rules/"
    assert "When you are told" in web.get(page).content.decode()
    form = {
        "important_from": "high", f"important_{phone.id}": "0", f"important_{other.id}": "5",
        f"default_{phone.id}": "0", f"default_{other.id}": "0",
    }  # fmt: skip
    assert web.post(page, form).status_code == 302
    wants = service.preferences(anna)
    assert wants.important == (Step(channel=phone.id), Step(channel=other.id, wait=5))
    assert (wants.important_from, wants.default) == ("high", None)
    assert (
        "5 min without an acknowledgement: Other" in web.get("/settings/my-notifications/").content.decode()
    )
    late = web.post(page, {**form, f"important_{phone.id}": "3"})
    assert late.status_code == 422
    assert "at least one channel is told at once" in late.content.decode()
    none = {**form, f"default_{phone.id}": "never", f"default_{other.id}": "never"}
    assert "One to 10 steps" in web.post(page, none).content.decode()
    web.post("/settings/my-notifications/", {"severity": "low", "quiet": "off"})
    assert service.preferences(anna).important == wants.important, "the other form leaves the rules alone"


def test_rest_tells_and_takes_the_same(ports: MemoryPorts, clock: ManualClock, anna: Actor) -> None:
    web = browser(anna)
    (_, phone) = service.own_channels(anna)
    kept = web.get("/api/v1/me/notifications").json()
    assert kept["important"][1]["wait"] == 2
    body = {**kept, "default": [{"channel": phone.id, "wait": 0}], "important": None}
    answer = web.put("/api/v1/me/notifications", body, content_type="application/json")
    assert answer.json()["default"] == body["default"]
    foreign = {**body, "default": [{"channel": 4_711, "wait": 0}]}
    assert web.put("/api/v1/me/notifications", foreign, content_type="application/json").status_code == 422
    assert web.get("/api/v1/me/proof").json()["steps"] == []
    assert web.post("/api/v1/me/proof").status_code == 201
    assert web.post("/api/v1/me/proof").status_code == 409
    seen = web.post("/api/v1/me/proof/acknowledge").json()
    assert (seen["waits"], seen["how"], len(seen["steps"])) == (False, "on the page", 2)
    assert seen["steps"][0]["state"] == DeliveryState.QUEUED


def test_a_clock_that_went_back_tells_no_negative_seconds() -> None:
    made = Proof(id=1, user=1, started_at=100.0, ends_at=700.0, acknowledged_at=40.0, how="on the page")
    assert proof.took(made) == "Acknowledged after 0 s, on the page."
