"""Alerts make, join and reopen incidents; moments fill the timeline; quiet ends them; a storm stays one incident."""

from collections.abc import Callable

import pytest
from tests.support.alerting import hush

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.deploys import service as deploys
from vedette.deploys.types import DeployDraft
from vedette.incidents import service
from vedette.incidents.types import (
    Declared,
    EntryKind,
    Incident,
    IncidentRule,
    IncidentRuleDraft,
    IncidentState,
    Sev,
)
from vedette.oncall.types import DECLARE
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.signals.types import Moment, Severity, Signal, SignalState

Fire = Callable[..., None]


@pytest.fixture
def rule(house: MemoryPorts, clock: ManualClock) -> IncidentRule:
    return service.create_rule(SYSTEM, IncidentRuleDraft(name="What is critical"), clock.now())


def settle(clock: ManualClock, seconds: float = 0.0) -> None:
    clock.forward(seconds)
    for _ in range(50):
        if not service.work(clock.now()):
            return
    raise AssertionError("it never comes to rest")


def only(clock: ManualClock) -> Incident:
    (found,) = service.open_incidents(clock.now())
    return found


def texts(number: int, kind: EntryKind) -> list[str]:
    return [entry.text for entry in service.entries(number) if entry.kind is kind]


def test_alerts_of_one_rule_are_one_incident(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(60)
    fire("checkout", "api")
    fire("disk", severity=Severity.LOW)
    settle(clock, 1)
    one = only(clock)
    assert (one.declared, one.declared_by, one.title) == (Declared.RULE, "What is critical", "checkout fires")
    assert service.standing(one.id) == (2, 2)
    fire("queue")
    settle(clock, 5)
    assert service.standing(only(clock).id) == (3, 3)
    assert sorted(texts(one.id, EntryKind.ALERT)) == ["api fires", "checkout fires", "queue fires"]
    assert [entry.action for entry in accounts.audit_page(action="incident.").entries] == ["incident.declare"]


def test_nothing_is_declared_without_a_rule_or_by_what_is_over_or_silenced(
    house: MemoryPorts, fire: Fire, clock: ManualClock
) -> None:
    fire("checkout")
    settle(clock, 1)
    assert not service.open_incidents(clock.now())
    service.create_rule(SYSTEM, IncidentRuleDraft(name="What is critical"), clock.now())
    hush(clock, "alertname=silent")
    clock.forward(10)
    fire("checkout", over=True)
    fire("silent")
    settle(clock, 1)
    assert not service.open_incidents(clock.now())


def test_quiet_ends_it_and_what_fires_anew_opens_it_again(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("checkout")
    settle(clock, 1)
    one = only(clock)
    clock.forward(60)
    fire("checkout", over=True)
    settle(clock, 1)
    assert service.incident(one.id).quiet_since is not None
    settle(clock, 300)
    assert only(clock).id == one.id
    settle(clock, 301)
    over = service.incident(one.id)
    assert (over.state, over.acked_at) == (IncidentState.RESOLVED, None)
    (line,) = [entry for entry in service.entries(one.id) if entry.text == "resolved it by itself"]
    assert line.detail == "No alert fired for 10 min."
    clock.forward(3_600)
    fire("checkout")
    settle(clock, 1)
    assert only(clock).id == one.id
    clock.forward(60)
    fire("checkout", over=True)
    settle(clock, 1)
    settle(clock, 700)
    clock.forward(90_000)
    fire("checkout")
    settle(clock, 1)
    assert only(clock).id != one.id, "more than a day later it is another one"


def test_what_fired_already_when_somebody_resolved_it_stays_so(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("checkout")
    settle(clock, 1)
    service.resolve(Actor(ActorKind.USER, 1, "Mira", Role.ADMIN), only(clock).id, clock.now())
    clock.forward(30)
    fire("checkout")  # told again: it goes on
    settle(clock, 1)
    assert not service.open_incidents(clock.now())


def test_the_story_around_it_is_told_once(
    rule: IncidentRule, fire: Fire, shop: Project, clock: ManualClock
) -> None:
    now = clock.now()
    deploys.record(SYSTEM, shop, DeployDraft(version="1.2", finished=now), now)
    signals.record(
        [
            Moment(
                at=now - 5_000,
                room="monitors",
                kind="monitor.down",
                subject="checkout",
                text="long ago",
                project=shop.id,
            )
        ]
    )
    clock.forward(120)
    fire("checkout")
    settle(clock, 1)
    ban = Moment(
        at=clock.now(),
        room="intrusions",
        kind="intrusions.ban",
        subject="203.0.113.9",
        text="sshd banned 203.0.113.9: x",
    )
    signals.record([ban])
    settle(clock, 10)
    settle(clock, 10)
    one = only(clock)
    assert texts(one.id, EntryKind.DEPLOY) == ["shop 1.2 went out"]
    assert texts(one.id, EntryKind.BAN) == ["sshd banned 203.0.113.9: x"]
    assert texts(one.id, EntryKind.CHECK) == []
    (cause,) = service.likely_causes(one, service.entries(one.id), service.alerts_of(one.id))
    assert cause.sentence == "Likely the deploy 1.2: it went out 2 min before the first alert."


def test_who_takes_an_alert_on_its_own_page_stands_on_the_timeline(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("checkout", "api", "queue")
    settle(clock, 1)
    one = only(clock)
    here = {alert.title: alert for alert in alerts.firing().alerts}
    clock.forward(30)
    alerts.acknowledge(SYSTEM, [here["checkout fires"].id], clock.now())
    settle(clock, 10)
    (line,) = [entry for entry in service.entries(one.id) if entry.text == "acknowledged checkout fires"]
    assert (line.kind, line.at, line.link) == (
        EntryKind.ACT,
        clock.now() - 10,
        f"/alerts/{here['checkout fires'].id}/",
    )
    alerts.acknowledge(SYSTEM, [here["api fires"].id, here["queue fires"].id], clock.now())
    settle(clock, 10)
    settle(clock, 10)
    assert sorted(texts(one.id, EntryKind.ACT))[:2] == [
        "acknowledged 2 alerts",
        "acknowledged checkout fires",
    ]


def test_alerts_that_are_taken_with_the_incident_are_told_by_it_alone(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("checkout", "api")
    settle(clock, 1)
    service.acknowledge(SYSTEM, only(clock).id, clock.now())
    assert all(alert.acked_at for alert in alerts.firing().alerts)
    settle(clock, 10)
    taken = [text for text in texts(only(clock).id, EntryKind.ACT) if text.startswith("acknowledged")]
    assert taken == ["acknowledged"]


def test_an_escalation_declares_with_its_alerts_and_once(
    house: MemoryPorts, fire: Fire, clock: ManualClock
) -> None:
    fire("checkout")
    (alert,) = alerts.firing().alerts
    signal = Signal(
        room="oncall", kind=DECLARE, subject="checkout", severity=Severity.HIGH, state=SignalState.INFO, at=clock.now(),
        title="Nobody answered for checkout", labels={"thread": alert.groups[0], "policy": "web", "severity": "1"},
    )  # fmt: skip
    signals.publish([signal], clock.now())
    settle(clock)
    one = only(clock)
    assert (one.severity, one.declared, one.declared_by) == (Sev.ONE, Declared.ESCALATION, "web")
    assert service.standing(one.id) == (1, 1)
    signals.publish([signal], clock.now())
    settle(clock)
    assert only(clock).id == one.id


def test_a_storm_of_a_thousand_alerts_is_one_incident(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire(*(f"node-{n}" for n in range(1_000)))
    settle(clock, 3)
    one = only(clock)
    assert service.standing(one.id) == (1_000, 1_000)
    assert len(texts(one.id, EntryKind.ALERT)) == 1_000
