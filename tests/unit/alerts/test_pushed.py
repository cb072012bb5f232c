"""Pushed alerts: what they tell, in which order, and that taking them in twice is taking them in once."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts import identity, ordering, pushed, service
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.types import Alert
from vedette.app import crew
from vedette.plumbing.log.port import Message
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.signals.types import Severity, SignalState
from vedette.wire import alertmanager, delivery
from vedette.wire.alertmanager import PushedAlert
from vedette.wire.delivery import Delivery

NOW = 1_764_000_000.0


def alert(
    ends: float = NOW + 300, link: str = "", told: dict[str, str] | None = None, **labels: str
) -> PushedAlert:
    return PushedAlert(labels, told or {}, NOW, ends, link)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.CRITICAL), ("Page", Severity.CRITICAL), ("warning", Severity.LOW), ("error", Severity.HIGH),
        (" info ", Severity.INFO), ("", Severity.HIGH), ("mauve", Severity.HIGH), ("high", Severity.HIGH), ("low", Severity.LOW),
    ],
)  # fmt: skip
def test_words_for_severity(word: str, severity: Severity) -> None:
    assert pushed.severity(word) is severity


def test_the_story_of_a_pushed_alert() -> None:
    told = {"summary": "Disk\nfull\x00", "description": "of web-1"}
    story = pushed.story(
        alert(alertname="DiskFull", severity="page", told=told, link="https://p/g?x=1"), 3, NOW
    )
    assert (story.title, story.text, story.link) == ("Disk full", "of web-1", "https://p/g?x=1")
    assert (story.subject, story.project, story.seen.severity) == ("DiskFull", 3, Severity.CRITICAL)
    assert story.labels == {"alertname": "DiskFull", "severity": "page"}, "the labels stay as they were sent"
    assert pushed.story(alert(alertname="DiskFull"), None, NOW).title == "DiskFull"
    assert pushed.story(alert(b="2", a="1"), None, NOW).title == "a=1, b=2"
    assert pushed.story(alert(ends=NOW), None, NOW).seen.state is SignalState.RESOLVED


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/x",
        "",
        "http://a b",
        "https://x\n",
        "http://" + "x" * 600,
    ],
)
def test_a_link_nobody_should_follow_leads_to_the_page_of_alerts(address: str) -> None:
    assert pushed.link(address) == "/alerts/"


def test_the_order_in_which_alerts_are_told() -> None:
    wanted = [
        {"job": "a", "instance": "1", "z": "9"},
        {"job": "a", "instance": "2"},
        {"job": "a"},
        {"job": "b"},
        {"instance": "1", "q": "1"},
        {"b": "1"},
        {"a": "1"},
        {"a": "2"},
        {"a": "1", "b": "1"},
    ]
    shuffled = random.Random(7).sample(wanted, len(wanted))
    assert sorted(shuffled, key=ordering.key) == wanted


labels = st.dictionaries(st.sampled_from("ab") | st.sampled_from(["job", "instance"]), st.sampled_from("12"))


@given(st.lists(labels, max_size=6))
def test_the_order_is_one_whatever_came_first(given_: list[dict[str, str]]) -> None:
    backwards = given_[::-1]
    assert sorted(given_, key=ordering.key) == sorted(backwards, key=ordering.key)


def message(*alerts: PushedAlert, seq: int = 1, project: int = 0) -> Message:
    body = Delivery(project, "e" * 32, NOW, alertmanager.encode(alerts), "Prometheus/2.42.0")
    return Message(seq, "alert", delivery.encode(body), str(seq), NOW)


def only() -> Alert:
    [found] = store.firing_after(0, 10)
    return found


@pytest.mark.django_db
def test_a_pushed_alert_fires_with_the_labels_it_came_with(ports: MemoryPorts) -> None:
    sent = alert(alertname="Down", instance="web-1")
    assert service.take([message(sent, project=7)], NOW) == 1
    found = only()
    assert (found.labels, found.project) == ({"alertname": "Down", "instance": "web-1"}, 7)
    assert found.fingerprint == identity.fingerprint(sent.labels)
    assert identity.fingerprint({"a": "b"}) == "d2b371819297f98a", "what Alertmanager gives"
    assert (found.why, found.pushed) == ("Prometheus/2.42.0 pushed it.", True)
    assert found.groups == ('{}:{alertname="Down"}',)


@pytest.mark.django_db
def test_a_delivery_that_comes_again_changes_nothing(ports: MemoryPorts) -> None:
    both = [message(alert(alertname="Down")), message(alert(alertname="Slow"), seq=2)]
    assert service.take(both, NOW) == 2
    before = store.firing_after(0, 10)
    assert service.take(both, NOW + 1) == 0
    assert [(a.id, a.standing) for a in store.firing_after(0, 10)] == [(a.id, a.standing) for a in before]
    assert len(signals.moments(0, NOW + 10, room="alerts")) == 2


@pytest.mark.django_db
def test_a_refresh_is_no_news_and_lets_no_group_look(ports: MemoryPorts) -> None:
    service.take([message(alert(alertname="Down", told={"summary": "90 %"}))], NOW)
    service.resume(NOW)
    service.process(NOW + 30)
    due = group_store.next_due()
    again = alert(alertname="Down", ends=NOW + 600, told={"summary": "95 %"})
    assert service.take([message(again, seq=2)], NOW + 60) == 0
    assert (only().standing.ends, only().title) == (NOW + 600, "95 %")
    assert group_store.next_due() == due
    assert len(signals.moments(0, NOW + 100, room="alerts", kind="alert.firing")) == 1


@pytest.mark.django_db
def test_what_nobody_keeps_up_is_over_at_its_end(ports: MemoryPorts) -> None:
    service.resume(NOW)
    service.take([message(alert(alertname="Down"))], NOW)
    service.process(NOW + 299)
    assert only().standing.state is SignalState.FIRING
    service.process(NOW + 301)
    assert not store.firing_after(0, 10)
    kinds = [moment.kind for moment in signals.moments(0, NOW + 999, room="alerts")]
    assert kinds == ["alert.resolved", "alert.firing"]


@pytest.mark.django_db
def test_a_signal_of_our_own_about_it_makes_no_second_alert(ports: MemoryPorts) -> None:
    service.resume(NOW)
    service.ensure_default_rules(NOW)
    service.take([message(alert(alertname="Down"))], NOW)
    service.process(NOW + 1)
    assert len(store.firing_after(0, 10)) == 1
    assert service.unmatched(0) == ()


@pytest.mark.django_db
def test_the_alerter_takes_runs_and_acknowledges_each(ports: MemoryPorts) -> None:
    for n in range(5):
        body = message(alert(n=str(n), told={"summary": "x" * 60_000})).body
        ports.log.publish("alert", body, str(n), ports.clock.now()).result()
    assert crew.take_pushed(ports) == 5
    assert ports.log.lag("alerts").waiting == 0
    assert len(store.firing_after(0, 10)) == 5


@pytest.mark.django_db
def test_what_cannot_be_read_holds_nothing_up(ports: MemoryPorts) -> None:
    ports.log.publish("alert", b"junk", "1", NOW).result()
    ports.log.publish("alert", message(alert(alertname="Down")).body, "2", NOW).result()
    assert crew.take_pushed(ports) == 2
    assert only().labels == {"alertname": "Down"}
