"""The pages of incidents: read without a script, act by forms, hostile text stays text, secrets stay with who may read them."""

import html
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.support.rooms import bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.incidents import service
from vedette.incidents.types import (
    EntryDraft,
    EntryKind,
    Incident,
    IncidentDraft,
    IncidentRuleDraft,
    IncidentState,
    Sev,
)
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.status import service as status
from vedette.status.types import StatusPageDraft

Fire = Callable[..., None]
EVIL = "<script>alert(1)</script>\"'><img src=x>"


@pytest.fixture
def one(shop: Project, clock: ManualClock) -> Incident:
    return service.declare(SYSTEM, IncidentDraft(title="Checkout returns 500", project=shop.id), clock.now())


def text(web: Client, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, answer.content[-500:]
    return html.unescape(answer.content.decode())


def post(web: Client, path: str, **given: str) -> str:
    answer = web.post(path, given, follow=True)
    assert answer.status_code == 200, answer.content[-500:]
    return html.unescape(answer.content.decode())


def test_the_list_opens_with_a_sentence(web: Client, house: MemoryPorts, clock: ManualClock) -> None:
    assert "No incident is open." in text(web, "/incidents/")
    assert "No rule declares incidents" in text(web, "/incidents/rules/")
    made = service.declare(SYSTEM, IncidentDraft(title="Checkout returns 500"), clock.now())
    assert "1 incident is open: Checkout returns 500." in text(web, "/incidents/")
    service.resolve(SYSTEM, made.id, clock.now() + 90)
    page = text(web, "/incidents/")
    assert "No incident is open." in page
    assert "November 2025" in page
    assert ", lasted 1" in page


def test_declared_by_a_form_with_its_severity_suggested(
    web: Client, shop: Project, clock: ManualClock
) -> None:
    given = {"title": "Cards fail", "impact": "many", "urgency": "now", "project": str(shop.id)}
    page = html.unescape(web.post("/incidents/new/", {**given, "suggest": "1"}).content.decode())
    assert "Many are hit, and nothing goes on without it: SEV 1." in page
    assert not service.open_incidents(clock.now())
    assert "INC-1 is declared." in post(web, "/incidents/new/", **given)
    assert service.open_incidents(clock.now())[0].severity is Sev.ONE
    assert web.post("/incidents/new/", {**given, "title": ""}).status_code == 422


def test_from_the_page_to_its_end(web: Client, one: Incident, clock: ManualClock) -> None:
    base = one.link
    assert 'value="acknowledge"' in text(web, base)
    assert "You take care of it" in post(web, f"{base}act/", act="acknowledge")
    assert "It is mitigated." in post(web, f"{base}act/", act="mitigate")
    assert f'action="{base}reopen/"' in post(web, f"{base}act/", act="resolve")
    assert "It is open again." in post(web, f"{base}reopen/")
    assert "Nothing of this kind" in post(web, f"{base}act/", act="explode")
    assert "It is SEV 1." in post(web, f"{base}severity/", impact="all", urgency="now", severity="1")
    assert "Choose an impact" in post(web, f"{base}severity/", impact="all", urgency="now", severity="9")
    assert "Cards fail" in post(web, f"{base}rename/", title="Cards fail")
    assert service.incident(one.id).state is IncidentState.OPEN


def test_notes_lines_tasks_and_people(web: Client, one: Incident, clock: ManualClock) -> None:
    base = one.link
    post(web, f"{base}notes/", text="Only cards")
    line = next(entry for entry in service.entries(one.id) if entry.kind is EntryKind.NOTE)
    assert f'action="{base}entries/{line.id}/"' in text(web, f"{base}?line={line.id}")
    assert "support saw it" in post(web, f"{base}entries/{line.id}/", act="annotate", text="support saw it")
    assert "Pinned" in post(web, f"{base}entries/{line.id}/", act="pin")
    assert "Only cards" not in post(web, f"{base}entries/{line.id}/", act="hide")
    assert "Only cards" in text(web, f"{base}?show=hidden")
    assert "Replay captures" in post(web, f"{base}tasks/", text="Replay captures")
    post(web, f"{base}tasks/{service.tasks(one.id)[0].id}/", done="1")
    assert service.tasks(one.id)[0].done_at is not None
    ann = accounts.create_user(
        SYSTEM, "Ann Holm", "ann@x.example", "correct horse battery staple", Role.MEMBER, 1.0
    )
    assert "Ann Holm" in post(web, f"{base}responders/", user=str(ann.id), role="lead")
    post(web, f"{base}responders/", user=str(ann.id), act="leave")
    assert service.responders(one.id)[0].left_at is not None
    assert "From 1 to 500 characters." in post(web, f"{base}tasks/", text=" ")


def test_merge_split_and_link(web: Client, one: Incident, fire: Fire, clock: ManualClock) -> None:
    other = service.declare(SYSTEM, IncidentDraft(title="Api"), clock.now())
    assert f"INC-{other.id} is linked." in post(web, f"{one.link}links/", other=other.key, kind="related")
    assert "is parted" in post(web, f"{one.link}links/", other=str(other.id), act="part")
    assert "Choose the alerts" in post(web, f"{one.link}split/")
    assert "names no incident" in post(web, f"{one.link}merge/", into="checkout")
    assert f"{other.key} lives on here." in post(web, f"{other.link}merge/", into=one.key)
    page = text(web, other.link)
    assert f"lives on in {one.key}" in page
    assert 'name="act"' not in page.partition("<main")[2].partition("</header>")[0]


def test_rules_by_form(web: Client, shop: Project, clock: ManualClock) -> None:
    given = {
        "name": "Critical",
        "severity": "critical",
        "impact": "some",
        "urgency": "now",
        "quiet_minutes": "10",
        "group_by": "project, cluster",
        "enabled": "on",
    }
    assert "1 rule declares incidents" in post(web, "/incidents/rules/new/", **given)
    (rule,) = service.rules()
    assert rule.group_by == ("project", "cluster")
    assert web.post("/incidents/rules/new/", given).status_code == 422, "the name is taken"
    assert web.post("/incidents/rules/new/", {**given, "name": "x", "matchers": 'a=~"("'}).status_code == 422
    assert "The rule Critical is off." in post(web, f"/incidents/rules/{rule.id}/switch/", enabled="0")
    post(web, f"/incidents/rules/{rule.id}/", **{**given, "matchers": 'alertname="disk"'})
    assert "alertname=" in text(web, "/incidents/rules/")
    post(web, f"/incidents/rules/{rule.id}/delete/")
    assert service.rules() == ()


def test_hostile_text_stays_text(web: Client, fire: Fire, clock: ManualClock) -> None:
    service.create_rule(SYSTEM, IncidentRuleDraft(name=EVIL[:80]), clock.now())
    clock.forward(10)
    fire(EVIL, f"{EVIL}2")
    service.work(clock.now() + 1)
    (one,) = service.open_incidents(clock.now())
    service.note(SYSTEM, one.id, EVIL, clock.now())
    service.add_task(SYSTEM, one.id, EVIL, clock.now())
    for path in (
        one.link,
        "/incidents/",
        "/incidents/rules/",
        f"/incidents/new/?title={EVIL}",
        f"/status-pages/tell/{one.id}/",
    ):
        body = web.get(path).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_bans_and_hosts_are_told_to_who_may_read_of_them(
    web: Client, one: Incident, clock: ManualClock
) -> None:
    vera = accounts.create_user(
        SYSTEM, "Vera", "vera@x.example", "correct horse battery staple", Role.VIEWER, 1.0
    )
    secret, _ = accounts.create_token(accounts.actor_for(vera.id), "v", [Scope.READ], clock.now())
    viewer = Client(headers={"Authorization": f"Bearer {secret}"})
    service.entry_added(
        one.id,
        EntryDraft(at=clock.now(), kind=EntryKind.BAN, text="banned 203.0.113.9", source="x"),
        clock.now(),
    )
    assert "203.0.113.9" in text(web, one.link)
    page = text(viewer, one.link)
    assert "203.0.113.9" not in page
    assert "Add note" not in page
    assert viewer.post(f"{one.link}notes/", {"text": "x"}).status_code == 403


def test_customers_are_told_after_one_more_look(web: Client, one: Incident, clock: ManualClock) -> None:
    assert "There is no status page yet" in text(web, f"/status-pages/tell/{one.id}/")
    page = status.create(SYSTEM, StatusPageDraft(slug="shop", title="Tidemark"), clock.now())
    assert "The draft is kept" in post(web, f"{one.link}draft/", text="Some card payments fail.")
    assert "Some card payments fail." in text(web, f"/status-pages/tell/{one.id}/")
    assert status.current(page, clock.now()) == ()
    given = {
        "title": "Card payments",
        "text": "Some card payments fail.",
        "progress": "investigating",
        "impact": "slow",
        "tell": "on",
    }
    assert "What was said on shop" in post(web, f"/status-pages/tell/{one.id}/", **given)
    (told,) = status.current(page, clock.now())
    assert service.incident(one.id).announced == ("shop", told.id)
    service.resolve(SYSTEM, one.id, clock.now() + 60)
    follows = text(web, f"/status-pages/tell/{one.id}/")
    assert '<option value="resolved" selected>' in follows
    assert "This is over" in follows
    post(web, f"/status-pages/tell/{one.id}/", **{**given, "progress": "resolved"})
    assert status.incident(page, told.id).ends is not None


def test_a_page_of_five_thousand_lines_reads_them_folded(
    web: Client, one: Incident, clock: ManualClock
) -> None:
    kinds = list(EntryKind)
    drafts = [
        EntryDraft(
            at=clock.now() - n,
            kind=kinds[n % len(kinds)],
            text=f"line {n}",
            source=f"s{n}",
            tone="crit" if n % 3 else "",
        )
        for n in range(5_000)
    ]
    for draft in (drafts[:2_500], drafts[2_500:]):
        from vedette.incidents.store import entries

        entries.add(one.id, draft)
    page = text(web, one.link)
    assert "earlier lines" in page
    assert len(page) < 400_000


def test_there_is_no_such_incident(web: Client, house: MemoryPorts) -> None:
    assert web.get("/incidents/99/").status_code == 404
    assert web.post("/incidents/99/notes/", {"text": "x"}).status_code == 404
    assert bearing(Scope.READ, 1.0, "r").get("/incidents/new/").status_code == 403


def test_the_rest_of_it(web: Client, shop: Project, fire: Fire, clock: ManualClock) -> None:
    fire("checkout")
    (alert,) = alerts.firing().alerts
    asked = {
        "title": "Cards fail",
        "impact": "all",
        "urgency": "later",
        "project": "shop",
        "alerts": [alert.fingerprint],
    }
    status, made = ask(web, "POST", "/incidents", asked)
    assert (status, made["key"], made["severity"], made["state"]) == (201, "INC-1", 2, "open")
    assert ask(web, "POST", "/incidents", {"title": ""})[0] == 422
    assert ask(web, "POST", "/incidents", {"title": "x", "started_at": "yesterday"})[0] == 422
    assert ask(web, "POST", "/incidents/1/acts", {"act": "acknowledge"})[1]["acknowledged_at"] is not None
    assert ask(web, "POST", "/incidents/1/acts", {"act": "explode"})[0] == 422
    assert ask(web, "PUT", "/incidents/1/severity", {"severity": 4})[1]["severity"] == 4
    assert (
        ask(web, "POST", "/incidents/1/notes", {"text": "only cards"})[1]["items"][0]["text"] == "only cards"
    )
    task = ask(web, "POST", "/incidents/1/tasks", {"text": "replay", "due_at": "2026-11-24T02:14:00Z"})[1]
    assert ask(web, "PATCH", f"/incidents/1/tasks/{task['id']}", {"done": True})[1]["done_at"] is not None
    kinds = [entry["kind"] for entry in ask(web, "GET", "/incidents/1/entries")[1]["items"]]
    assert sorted(kinds) == ["act", "act", "act", "alert", "note", "task", "task"]
    other = ask(web, "POST", "/incidents", {"title": "the same"})[1]
    assert ask(web, "POST", f"/incidents/{other['id']}/merge", {"into": 1})[1]["id"] == 1
    assert ask(web, "POST", "/incidents/1/merge", {"into": 1})[0] == 409
    found = ask(web, "GET", "/incidents")[1]
    assert ([one["id"] for one in found["open"]], [one["state"] for one in found["items"]]) == (
        [1],
        ["merged"],
    )
    assert ask(web, "GET", "/incidents/99")[0] == 404


def ask(web: Client, method: str, path: str, body: object = None) -> tuple[int, Any]:
    answer = web.generic(
        method, f"/api/v1{path}", json.dumps(body) if body is not None else "", "application/json"
    )
    return answer.status_code, json.loads(answer.content)


def test_the_overview_opens_with_what_is_broken(web: Client, one: Incident, clock: ManualClock) -> None:
    page = text(web, "/")
    assert "Checkout returns 500." in page
    assert 'href="/incidents/1/"' in page
    assert "Open incidents" in page
    assert web.get("/go/inc-1/")["Location"] == "/incidents/1/"
    assert web.get("/go/INC-99/").status_code == 404
