"""Inhibitions by hand: a sentence each, what each would mute now, saved with the routes and not over somebody's change."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.alerting import lead, push

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM
from vedette.alerts import builtin, governing, inhibition, service
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import parse
from vedette.alerts.standing_out import Place
from vedette.app import filing
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, SignalState

NEW, LIST = "/alerts/inhibitions/new/", "/alerts/routes/"
FORM = {"source": "alertname=db", "target": 'team="shop"', "equal": "cluster, cluster"}
RULE = Inhibition(source=parse("alertname=db"), target=parse("team=shop"), equal=("cluster",))


@pytest.fixture
def tree(ports: MemoryPorts, db: None) -> None:
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    lead()


def text(web: Client, path: str) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def version() -> str:
    return str(builtin.version())


def test_one_is_added_changed_and_deleted_and_the_log_says_which(
    web: Client, tree: None, clock: ManualClock
) -> None:
    assert "No inhibition yet." in text(web, LIST)
    assert web.post(NEW, {**FORM, "version": version()})["Location"] == LIST
    assert governing.routing().inhibitions == (RULE,)
    assert "While alertname=&quot;db&quot; fires, team=&quot;shop&quot; is muted, where cluster agree." in text(web, LIST)  # fmt: skip
    page = text(web, "/alerts/inhibitions/0/")
    assert 'value="cluster"' in page
    web.post("/alerts/inhibitions/0/", {**FORM, "equal": "", "version": version()})
    assert governing.routing().inhibitions[0].equal == ()
    assert len(governing.routing().tree.routes) == 2, "the routes stay"
    gone = web.post("/alerts/inhibitions/0/delete/", {"version": version()}, follow=True).content.decode()
    assert "The inhibition is deleted" in gone
    assert governing.routing().inhibitions == ()
    assert web.get("/alerts/inhibitions/0/").status_code == 404
    said = [entry.detail.get("what", "") for entry in accounts.audit_page(action="routing.update").entries]
    assert [each.partition(":")[0] for each in said[:3]] == ["deleted", "changed", "added"]


def test_the_form_says_what_would_be_muted_now(web: Client, tree: None, clock: ManualClock) -> None:
    push(clock, "db", cluster="a")
    push(clock, "slow", team="shop", cluster="a")
    push(clock, "late", team="shop", cluster="b")
    query = {"source": "alertname=db", "target": "team=shop", "equal": "cluster"}
    count = web.get("/alerts/inhibitions/count/", query).content.decode()
    assert "1 alert that fires now" in count
    assert "slow fires" in count
    assert "by db fires" in count
    assert "2 alerts that fire now" in web.get("/alerts/inhibitions/count/", {**query, "equal": ""}).content.decode()  # fmt: skip
    asked = web.post(NEW, {**FORM, "version": version(), "act": "count"})
    assert (asked.status_code, "1 alert that fires now" in asked.content.decode()) == (200, True)
    assert governing.routing().inhibitions == ()
    web.post(NEW, {**FORM, "version": version()})
    service.process(clock.now())
    muted = service.listing(clock.now()).alerts(Place.INHIBITED)
    assert [alert.title for alert in muted] == ["slow fires"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": "team"}, "comes =, !=, =~ or !~"),
        ({"target": ""}, "This field is required"),
        ({"target": ","}, "at least one matcher"),
        ({"version": "0"}, "Somebody changed the routes meanwhile"),
    ],
)
def test_a_wrong_one_changes_nothing(web: Client, tree: None, changes: dict[str, str], said: str) -> None:
    answer = web.post(NEW, {**FORM, "version": version(), **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert governing.routing().inhibitions == ()


FILE = """
[[inhibit]]
source = 'alertname="db"'
target = 'team="shop"'
"""


def test_those_of_files_are_read_only(web: Client, ports: MemoryPorts, db: None, clock: ManualClock) -> None:
    assert filing.apply(SYSTEM, [("alerts/inhibit.toml", FILE)], clock.now()).faults == ()
    page = text(web, LIST)
    assert "are written in alerts/inhibit.toml" in page
    assert "/alerts/inhibitions/" not in page
    assert "/alerts/routes/new/" not in page
    refused = web.post(NEW, {**FORM, "version": version()})
    assert "written in alerts/inhibit.toml" in refused.content.decode()
    kept = web.post("/alerts/inhibitions/0/delete/", {"version": version()}, follow=True).content.decode()
    assert "written in alerts/inhibit.toml" in kept
    assert len(governing.routing().inhibitions) == 1


def test_who_may_only_read_sees_no_forms(reader: Client, tree: None) -> None:
    assert "/alerts/inhibitions/new/" not in text(reader, LIST)
    assert reader.get(NEW).status_code == 403


def test_an_alert_of_our_own_rules_mutes_by_its_severity(
    web: Client, tree: None, clock: ManualClock, publish
) -> None:  # type: ignore[no-untyped-def]
    lead(inhibitions=[Inhibition(source=parse("severity=critical"), target=parse("severity=low"))])
    service.create_rule(SYSTEM, service.RuleDraft(name="Any", kind="severity"), clock.now())
    for name, severity in (("shop", Severity.CRITICAL), ("blog", Severity.LOW)):
        publish("check", name, room="m", state=SignalState.FIRING, severity=severity, title=f"{name} is down")
    push(clock, "quiet", severity="low")
    service.process(clock.now())
    assert "quiet fires" in text(web, "/alerts/?state=inhibited")


LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["", "x", "y"]), max_size=2)


@given(st.dictionaries(st.sampled_from("pqrs"), LABELS, max_size=4), st.sampled_from(["a", ""]))
def test_what_a_preview_mutes_the_engine_mutes(firing: dict[str, dict[str, str]], equal: str) -> None:
    rule = Inhibition(source=parse("a=x"), target=parse("b=~'x|y'"), equal=(equal,) if equal else ())
    kept = [(name, each) for name, labels in firing.items() for each in inhibition.sources((rule,), labels)]

    def sources(key: str, same: str) -> list[tuple[str, bool]]:
        return [(name, each.two_sided) for name, each in kept if (each.rule, each.equal) == (key, same)]

    found = {name for name, labels in firing.items() if inhibition.muted((rule,), labels, sources)}
    assert inhibition.would_mute(rule, firing).keys() == found
