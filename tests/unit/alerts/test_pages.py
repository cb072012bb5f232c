"""Alerts and Alert rules: the sentence first, why and why not, and forms that work without a script."""

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import processing, pushed, service, verdict
from vedette.alerts.becoming import Seen
from vedette.alerts.store import alerts as store
from vedette.alerts.types import MOST_COUNTED, Counts, Params, Per, RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.signals.types import Severity, Signal, SignalState
from vedette.wire.alertmanager import PushedAlert

pytestmark = pytest.mark.django_db
RULES = "/settings/rules/"
FORM = {
    "name": "Too many", "kind": "threshold", "count": "50", "minutes": "10", "per": "project", "least": "high",
    "project": "", "severity": "critical", "repeat_minutes": "30", "enabled": "on",
}  # fmt: skip


def text(web: Client, path: str) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_empty_installation_says_what_will_be_here(web: Client) -> None:
    assert "Nothing fires, and nothing did in the last 24 hours." in text(web, "/alerts/")
    assert "No rule is switched on" in text(web, RULES)


def test_the_page_tells_who_was_told_and_why_or_why_not(
    web: Client, ports: MemoryPorts, clock: ManualClock, publish: Callable[..., Signal]
) -> None:
    service.ensure_default_rules(clock.now())
    publish("issue.new", "SHOP-1", title="Error <1>")
    service.process(clock.now())
    page = text(web, "/alerts/")
    assert "Error &lt;1&gt;" in page
    assert "<b>Not told</b>: There is no channel to tell" in page
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, clock.now())
    publish("issue.regressed", "SHOP-2")
    publish("check", "shop", room="carts", state=SignalState.FIRING, title="shop is down")
    service.process(clock.now())
    notify.deliver_due(clock.now())
    page = text(web, "/alerts/")
    assert "<b>Told to Mail</b>: A resolved issue came back. Nobody was told yet." in page
    assert "250 2.0.0 Ok" in page
    assert "Met no rule" in page
    assert "New issue: It is carts check, not issue.new." in page


def test_what_fires_stands_in_the_sentence(
    web: Client, ports: MemoryPorts, clock: ManualClock, publish: Callable[..., Signal]
) -> None:
    service.create_rule(SYSTEM, RuleDraft(name="Bad", kind=RuleKind.SEVERITY), clock.now())
    for name, severity in (("api", Severity.HIGH), ("shop", Severity.CRITICAL)):
        publish("check", name, room="m", state=SignalState.FIRING, severity=severity, title=f"{name} is down")
    service.process(clock.now())
    assert "shop is down, and 1 more fire." in text(web, "/alerts/")


def test_sentences_about_what_fires() -> None:
    assert verdict.of_alerts((), Counts(0, 3, 1)).text == "3 alerts and 1 notice in the last 24 hours."
    assert verdict.of_rules((), 0).tone == "off"


def test_a_storm_is_counted_to_a_bound_and_said_so(
    web: Client, clock: ManualClock, publish: Callable[..., Signal]
) -> None:
    service.create_rule(SYSTEM, RuleDraft(name="Bad", kind=RuleKind.SEVERITY), clock.now())
    publish(
        "check", "shop", room="m", state=SignalState.FIRING, severity=Severity.CRITICAL, title="shop is down"
    )
    service.process(clock.now())
    (worst,) = store.firing(None, 2)
    low = msgspec.structs.replace(worst.standing, severity=Severity.LOW)
    others = (f"other {n}" for n in range(MOST_COUNTED))
    store.save([msgspec.structs.replace(worst, fingerprint=name, standing=low) for name in others])
    assert service.counts(0.0) == Counts(MOST_COUNTED + 1, MOST_COUNTED + 1, 0)
    page = text(web, "/alerts/")
    assert f"shop is down, and at least {MOST_COUNTED} more fire." in page
    assert f"More than {MOST_COUNTED} alerts and 0 notices in the last 24 hours." in page


def test_a_rule_is_added_changed_switched_and_deleted_by_its_forms(web: Client, clock: ManualClock) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    mail = notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, clock.now())
    assert web.post(f"{RULES}new/", {**FORM, "channels": [str(mail.id)]})["Location"] == RULES
    (rule,) = service.rules()
    assert rule.params == Params(count=50, minutes=10, per=Per.PROJECT)
    assert (rule.severity, rule.channels, rule.repeat_minutes) == (Severity.CRITICAL, (mail.id,), 30)
    page = text(web, RULES)
    assert "When more than 50 events in 10 minutes, per project, in every project" in page
    assert "Tells Mail" in page
    assert 'value="50"' in text(web, f"{RULES}{rule.id}/")
    web.post(f"{RULES}{rule.id}/", {**FORM, "project": str(shop.id), "severity": ""})
    changed = service.rule(rule.id)
    assert (changed.project, changed.severity, changed.channels) == (shop.id, None, ())
    web.post(f"{RULES}{rule.id}/switch/", {"enabled": "0"})
    assert not service.rule(rule.id).enabled
    assert "No rule is switched on" in text(web, RULES)
    web.post(f"{RULES}{rule.id}/switch/", {"enabled": "1"})
    assert service.rule(rule.id).enabled
    assert "is deleted" in web.post(f"{RULES}{rule.id}/delete/", follow=True).content.decode()
    assert service.rules() == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"count": "-1"}, "greater than or equal to 0"),
        ({"project": "99"}, "Select a valid choice"),
        ({"kind": "horoscope"}, "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_told_beside_it(web: Client, changes: dict[str, str], said: str) -> None:
    answer = web.post(f"{RULES}new/", {**FORM, **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert service.rules() == ()


def test_the_old_address_leads_to_the_rules(web: Client) -> None:
    assert web.get("/alerts/rules/")["Location"] == RULES


def test_who_may_only_read_sees_no_forms(reader: Client, clock: ManualClock) -> None:
    service.ensure_default_rules(clock.now())
    page = text(reader, RULES)
    assert "/switch/" not in page
    assert reader.get(f"{RULES}new/").status_code == 403
    assert reader.post(f"{RULES}{service.rules()[0].id}/delete/").status_code == 403


API = "/api/v1"


def test_rules_by_rest(web: Client, reader: Client, clock: ManualClock) -> None:
    wanted = {"name": "Many", "kind": "threshold", "count": 5, "minutes": 1}
    made = web.post(f"{API}/rules", wanted, content_type="application/json")
    assert made.status_code == 201, made.content
    rule = made.json()
    assert (rule["per"], rule["channels"], rule["enabled"]) == ("issue", [], True)
    assert web.get(f"{API}/rules").json() == {"items": [rule], "cursor": None}
    assert web.get(f"{API}/rules/{rule['id']}").json() == rule
    patch = {"enabled": False, "severity": "low", "name": None}
    changed = web.patch(f"{API}/rules/{rule['id']}", patch, content_type="application/json").json()
    assert changed == {**rule, "enabled": False, "severity": "low"}
    cleared = web.patch(
        f"{API}/rules/{rule['id']}", {"severity": None}, content_type="application/json"
    ).json()
    assert cleared["severity"] is None
    wrong = web.post(f"{API}/rules", {**wanted, "minutes": 0}, content_type="application/json")
    assert wrong.status_code in {400, 422}
    assert "minutes" in wrong.content.decode()
    assert reader.delete(f"{API}/rules/{rule['id']}").status_code == 403
    assert web.delete(f"{API}/rules/{rule['id']}").status_code == 204
    assert web.get(f"{API}/rules/{rule['id']}").status_code == 404


def test_alerts_by_rest(web: Client, clock: ManualClock, publish: Callable[..., Signal]) -> None:
    service.ensure_default_rules(clock.now())
    for n in range(3):
        publish("issue.new", f"SHOP-{n}")
    service.process(clock.now())
    first = web.get(f"{API}/alerts?limit=2").json()
    second = web.get(f"{API}/alerts?limit=2&cursor={first['cursor']}").json()
    assert [alert["title"] for alert in first["items"] + second["items"]] == [
        f"Error in SHOP-{n}" for n in (2, 1, 0)
    ]
    assert second["cursor"] is None
    assert web.get(f"{API}/alerts?firing=true").json() == {"items": [], "cursor": None}


def test_what_fires_comes_in_pages_worst_first(web: Client, clock: ManualClock) -> None:
    severities = ["low", "critical", "info", "high"] * 4
    for n, severity in enumerate(severities):
        labels = {"alertname": f"Alert{n:02}", "severity": severity}
        story = pushed.story(PushedAlert(labels, {}, clock.now(), clock.now() + 60, ""), None, clock.now())
        processing.push([Seen(story, (), "It was pushed.")], clock.now() + n % 3)
    found, cursor = [], ""
    while cursor is not None:
        asked = f"&cursor={cursor}" if cursor else ""
        page = web.get(f"{API}/alerts?firing=true&limit=3{asked}").json()
        found += page["items"]
        cursor = page["cursor"]
    assert len({each["id"] for each in found}) == len(severities)
    assert [each["severity"] for each in found] == sorted(
        severities, key=["critical", "high", "low", "info"].index
    )
    assert web.get(f"{API}/alerts?firing=true&cursor=x").status_code == 422
