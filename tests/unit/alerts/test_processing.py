"""From a signal to a mail: exactly once, with the reason kept, and silent when there is nothing new."""

from collections.abc import Callable
from typing import Protocol

import pytest
from django.db import transaction

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.alerts import matching, service
from vedette.alerts.store import rules as rule_store
from vedette.alerts.types import Params, Per, Rule, RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, DeliveryState
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Severity, Signal, SignalState

pytestmark = pytest.mark.django_db
Publish = Callable[..., Signal]


class Events(Protocol):
    """The `events` fixture."""

    def add(self, at: float, issue: str, n: int = 1, project: str = "1") -> None: ...


@pytest.fixture
def mail(ports: MemoryPorts) -> ChannelRef:
    return notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "anna@shop.example"}, 1.0)


def make(kind: RuleKind, **changes: object) -> Rule:
    draft = RuleDraft(**{"name": kind.value, "kind": kind, **changes})  # type: ignore[arg-type]
    return service.create_rule(SYSTEM, draft, 1.0)


def turn(clock: ManualClock) -> None:
    """Let the alerter and the notifier each take their turn."""
    service.process(clock.now())
    notify.deliver_due(clock.now())


def subjects(ports: MemoryPorts) -> list[str]:
    return [message["Subject"] for message in ports.mail.sent]


def codes() -> list[tuple[bool, str]]:
    told = service.told(service.firing().alerts + service.past().alerts)
    return [(line.sent, line.code) for alert in told for line, _ in alert.lines]


def test_an_event_becomes_a_mail(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    service.ensure_default_rules(clock.now())
    publish("issue.new", "SHOP-1", text="ZeroDivisionError: division by zero")
    assert service.process(clock.now()) == 1
    notify.deliver_due(clock.now())
    (sent,) = ports.mail.sent
    assert sent["Subject"] == "[Vedette] Error in SHOP-1"
    assert sent["To"] == "anna@shop.example"
    body = sent.get_body(("plain",)).get_content()
    assert "https://vedette.example/issues/SHOP-1/" in body
    assert "ZeroDivisionError" in body
    assert "Rule “New issue”: A new issue. Nobody was told yet." in body


def test_nothing_is_told_twice(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    service.ensure_default_rules(clock.now())
    publish()
    for _ in range(3):
        turn(clock)
        clock.forward(600)
    assert len(ports.mail.sent) == 1


def test_a_crash_before_the_commit_loses_nothing_and_repeats_nothing(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    service.ensure_default_rules(clock.now())
    publish()
    with transaction.atomic():
        service.process(clock.now())
        transaction.set_rollback(True)
    assert notify.deliveries().deliveries == ()
    turn(clock)
    turn(clock)
    (sent,) = notify.deliveries().deliveries
    assert sent.state is DeliveryState.SENT


def test_the_key_is_made_of_group_look_and_channel(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.REGRESSION)
    publish("issue.regressed")
    turn(clock)
    publish("issue.regressed")
    turn(clock)
    found = sorted(d.idempotency_key for d in notify.deliveries().deliveries)
    assert found == [f"{group}.1.{mail.id}" for group in (1, 2)], "a happening's group is gone once it looked"
    assert ports.mail.sent[0]["Message-ID"] == f"<{found[0]}@vedette.example>"


def test_the_default_rules_are_made_once_in_a_lifetime(ports: MemoryPorts, clock: ManualClock) -> None:
    service.ensure_default_rules(clock.now())
    assert [rule.kind for rule in service.rules()] == [
        RuleKind.NEW_ISSUE,
        RuleKind.REGRESSION,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.ANOMALY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
    ]
    service.delete_rule(SYSTEM, service.rules()[0].id, clock.now())
    service.ensure_default_rules(clock.now())
    assert [rule.kind for rule in service.rules()] == [
        RuleKind.REGRESSION,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.ANOMALY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
        RuleKind.SEVERITY,
    ]


def test_an_installation_that_is_older_gets_the_rules_that_came_later(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    rule_store.set_mark("defaults", 1)
    service.ensure_default_rules(clock.now())
    assert [matching.written(rule.matchers) for rule in service.rules()] == [
        'room="monitors"',
        'room="certificates"',
        'room="hosts"',
        'room="intrusions"',
        "",
        'room="scans", alertname=~"finding.new|finding.worse"',
        'room="scans", alertname="scan.blind"',
        'room="backups"',
        'room="deploy"',
    ]


def test_without_a_channel_nobody_is_told_and_that_is_said(
    ports: MemoryPorts, clock: ManualClock, publish: Publish
) -> None:
    service.ensure_default_rules(clock.now())
    publish("issue.new", "SHOP-1")
    turn(clock)
    assert codes() == [(False, "no_channel")]
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    turn(clock)
    assert ports.mail.sent == [], "what is past is not told"
    publish("issue.new", "SHOP-2")
    turn(clock)
    assert subjects(ports) == ["[Vedette] Error in SHOP-2"]


def test_a_rule_tells_its_own_channels_or_else_the_default_ones_that_are_on(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    hook = {"url": "https://hooks.example/a"}
    quiet = notify.create_channel(SYSTEM, "webhook", "Quiet", hook, 1.0, default=False)
    off = notify.create_channel(SYSTEM, "webhook", "Off", hook, 1.0, enabled=False)
    make(RuleKind.NEW_ISSUE, channels=(quiet.id, off.id))
    make(RuleKind.REGRESSION)
    publish("issue.new")
    publish("issue.regressed")
    turn(clock)
    assert subjects(ports) == ["[Vedette] Error in SHOP-1"]
    assert len(ports.net.requests) == 1
    assert (False, "channel_off") in codes()


def test_a_signal_that_meets_no_rule_leaves_the_reason(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.NEW_ISSUE, name="Fresh")
    publish("issue.regressed", "SHOP-9")
    turn(clock)
    assert ports.mail.sent == []
    (line,) = service.unmatched(0.0)
    assert line.title == "Error in SHOP-9"
    assert line.reason == "Fresh: It is errors issue.regressed, not issue.new."


def test_a_rule_may_say_how_bad_it_is(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.NEW_ISSUE, severity=Severity.CRITICAL)
    publish()
    turn(clock)
    assert notify.deliveries().deliveries[0].severity == "critical"


def test_a_lasting_state_is_told_when_it_starts_gets_worse_lasts_and_ends(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.SEVERITY, repeat_minutes=60, send_resolved=True)

    def tell(state: SignalState, severity: Severity = Severity.HIGH) -> int:
        publish("check", "shop", room="monitors", state=state, severity=severity, title="shop is down")
        turn(clock)
        clock.forward(300)
        turn(clock)
        return len(ports.mail.sent)

    assert tell(SignalState.FIRING) == 1
    assert tell(SignalState.FIRING) == 1, "unchanged"
    assert tell(SignalState.FIRING, Severity.CRITICAL) == 2, "worse"
    clock.forward(3600)
    assert tell(SignalState.FIRING, Severity.CRITICAL) == 3, "still"
    assert len(service.firing().alerts) == 1
    assert tell(SignalState.RESOLVED) == 4
    assert tell(SignalState.RESOLVED) == 4
    assert subjects(ports)[-1] == "[Vedette] Over: shop is down"
    assert service.firing().alerts == ()
    assert len({message["References"] for message in ports.mail.sent}) == 1, "one thread"
    assert len({message["Message-ID"] for message in ports.mail.sent}) == 4


def test_an_end_is_not_told_unless_the_rule_says_so(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.SEVERITY)
    for state in (SignalState.FIRING, SignalState.RESOLVED):
        publish("check", "shop", room="monitors", state=state)
        turn(clock)
        clock.forward(300)
        turn(clock)
    assert len(ports.mail.sent) == 1
    assert codes() == [(False, "resolved_quietly"), (True, "first")]


def test_what_ends_by_itself_ends(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.SEVERITY, send_resolved=True)
    publish("check", "shop", room="monitors", state=SignalState.FIRING, ends=clock.now() + 100)
    turn(clock)
    clock.forward(99)
    turn(clock)
    assert len(service.firing().alerts) == 1
    clock.forward(1)
    turn(clock)
    assert service.firing().alerts == ()
    assert len(ports.mail.sent) == 1, "the group looks at its interval"
    clock.forward(299)
    turn(clock)
    assert len(ports.mail.sent) == 2


def test_a_long_stream_is_worked_off_in_batches(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.NEW_ISSUE)
    for n in range(250):
        publish("issue.new", f"SHOP-{n}")
    assert service.process(clock.now()) == 250
    assert service.process(clock.now()) == 0
    assert len(notify.deliveries(n=100).deliveries) == 100
    notify.deliver_due(clock.now())
    clock.forward(60)
    notify.deliver_due(clock.now())
    assert len(ports.mail.sent) == 11
    assert subjects(ports)[-1] == "[Vedette] Error in SHOP-10, and 239 more"


def test_own_signals_are_not_met_again(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.SEVERITY, params=Params(severity=Severity.INFO))
    publish("alert.firing", room="alerts")
    assert service.process(clock.now()) == 1
    assert service.past().alerts == ()


def test_telling_somebody_is_a_moment_of_the_story(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.NEW_ISSUE)
    publish()
    turn(clock)
    (moment,) = signals.moments(0.0, clock.now() + 1, room="alerts")
    assert moment.text == "Told Mail: Error in SHOP-1"


THRESHOLD = Params(count=5, minutes=5, per=Per.ISSUE)


def test_a_threshold_fires_once_rearms_and_fires_again(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    make(RuleKind.THRESHOLD, params=THRESHOLD)
    events.add(clock.now(), "SHOP-1", 5)
    turn(clock)
    assert subjects(ports) == [], "five is not more than five"
    events.add(clock.now(), "SHOP-1")
    events.add(clock.now(), "SHOP-2", 3)
    turn(clock)
    assert subjects(ports) == ["[Vedette] SHOP-1: 6 events in 5 minutes, more than 5"]
    assert service.firing().alerts[0].link == "/issues/SHOP-1/"
    for _ in range(4):
        clock.forward(30)
        turn(clock)
    assert len(ports.mail.sent) == 1, "it lasts, and nothing is new"
    clock.forward(600)
    turn(clock)
    assert service.firing().alerts == ()
    events.add(clock.now(), "SHOP-1", 9)
    turn(clock)
    assert len(ports.mail.sent) == 2
    assert codes() == [(True, "first"), (False, "resolved_quietly"), (True, "first")]


def test_a_threshold_that_lasts_is_told_again_after_the_repeat_interval(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    make(RuleKind.THRESHOLD, params=THRESHOLD, repeat_minutes=60)
    sent = []
    for minute in range(0, 200, 5):
        events.add(clock.now(), "SHOP-1", 20)
        turn(clock)
        if len(ports.mail.sent) > len(sent):
            sent.append(minute)
        clock.forward(300)
    assert sent == [0, 65, 130, 195]
    assert len({message["Message-ID"] for message in ports.mail.sent}) == 4


def test_a_threshold_per_project_adds_up_its_issues(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", 1.0)
    make(RuleKind.THRESHOLD, params=Params(count=5, minutes=5, per=Per.PROJECT))
    events.add(clock.now(), "A", 3, project=str(shop.id))
    events.add(clock.now(), "B", 3, project=str(shop.id))
    events.add(clock.now(), "C", 3, project=str(shop.id + 1))
    turn(clock)
    assert subjects(ports) == ["[shop] shop: 6 events in 5 minutes, more than 5"]
    assert service.firing().alerts[0].link == "/issues/?project=shop"


def test_a_quiet_threshold_writes_nothing(
    ports: MemoryPorts, clock: ManualClock, events: Events, django_assert_num_queries: Callable[[int], object]
) -> None:
    make(RuleKind.THRESHOLD, params=THRESHOLD)
    service.process(clock.now())
    with django_assert_num_queries(11):  # type: ignore[attr-defined]
        service.process(clock.now())


def test_a_series_nobody_offers_is_quiet(ports: MemoryPorts, clock: ManualClock) -> None:
    with pytest.raises(Invalid) as refused:
        make(RuleKind.THRESHOLD, params=Params(series="nobody.knows"))
    assert "There is no series 'nobody.knows'" in refused.value.fields["series"]
    gone = RuleDraft(name="r", kind=RuleKind.THRESHOLD, params=Params(series="nobody.knows"))
    rule_store.add(gone, 1.0)
    assert service.process(clock.now()) == 0


def test_a_rule_that_looks_for_something_else_now_starts_afresh(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    rule = make(RuleKind.THRESHOLD, params=THRESHOLD, send_resolved=True)
    events.add(clock.now(), "SHOP-1", 9)
    turn(clock)
    service.enable_rule(SYSTEM, rule.id, clock.now(), enabled=False)
    assert service.firing().alerts == ()
    turn(clock)
    assert len(ports.mail.sent) == 1, "its end is not told"
    service.enable_rule(SYSTEM, rule.id, clock.now(), enabled=True)
    turn(clock)
    assert len(ports.mail.sent) == 2
    service.delete_rule(SYSTEM, rule.id, clock.now())
    turn(clock)
    assert [alert.rule_id for alert in service.past().alerts] == [None], "the history stays"


def test_what_is_wrong_with_a_rule_is_named(ports: MemoryPorts) -> None:
    with pytest.raises(Invalid) as wrong:
        make(RuleKind.THRESHOLD, name="", project=99, channels=(99,))
    assert set(wrong.value.fields) == {"name", "project", "channels"}
    with pytest.raises(NotFound):
        service.rule(99)


def test_a_viewer_may_not_change_rules(ports: MemoryPorts) -> None:
    viewer = Actor(kind=ActorKind.USER, id=7, name="Vi", role=Role.VIEWER)
    rule = make(RuleKind.NEW_ISSUE)
    for act in (
        lambda: service.create_rule(viewer, RuleDraft(name="r", kind=RuleKind.NEW_ISSUE), 1.0),
        lambda: service.enable_rule(viewer, rule.id, 1.0, enabled=False),
        lambda: service.delete_rule(viewer, rule.id, 1.0),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_projects_rules_go_with_it(ports: MemoryPorts) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", 1.0)
    make(RuleKind.NEW_ISSUE, project=shop.id)
    make(RuleKind.REGRESSION)
    service.forget_project(shop.id)
    assert [rule.kind for rule in service.rules()] == [RuleKind.REGRESSION]


def test_the_history_is_read_in_pages_and_dropped_when_old(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    make(RuleKind.NEW_ISSUE)
    for n in range(5):
        publish("issue.new", f"SHOP-{n}")
    turn(clock)
    first = service.past(n=3)
    second = service.past(first.cursor, n=3)
    assert [a.subject for a in first.alerts + second.alerts] == [f"SHOP-{n}" for n in (4, 3, 2, 1, 0)]
    assert second.cursor is None
    assert service.counts(0.0) == type(service.counts(0.0))(0, 5, 5)
    assert service.drop_before(clock.now() + 1) == 10
    assert service.past().alerts == ()


def test_what_must_last_is_told_once_it_did_and_begins_anew_after_a_pause(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    make(RuleKind.THRESHOLD, params=Params(count=5, minutes=1, hold=3))
    for minute in range(9):
        events.add(clock.now(), "SHOP-1", 0 if minute in {2, 3} else 30)
        clock.forward(40)
        turn(clock)
        assert len(ports.mail.sent) == (minute >= 7), minute
        clock.forward(20)
    assert service.firing().alerts[0].why.endswith("events in 1 minute, more than 5.")


def test_who_sent_yesterday_and_is_silent_now_is_missed_and_nobody_else(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    projects.create_project(SYSTEM, "Quiet", "python", clock.now())
    draft = RuleDraft(
        name="Silence", kind="absence", params=Params(minutes=30, per=Per.PROJECT), send_resolved=True
    )
    service.create_rule(SYSTEM, draft, 1.0)
    events.add(clock.now(), "SHOP-1", project=str(shop.id))
    for _ in range(45):
        clock.forward(60)
        turn(clock)
    assert subjects(ports) == ["[shop] shop: No value of errors.events for 30 minutes"]
    events.add(clock.now(), "SHOP-1", project=str(shop.id))
    clock.forward(60)
    turn(clock)
    assert service.firing().alerts == ()
    assert subjects(ports)[1:] == ["[shop] Over: shop: No value of errors.events for 30 minutes"]
    assert service.past().alerts[0].why == "1 × value of errors.events in 30 minutes."


def test_a_signal_that_does_not_come_is_missed(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, publish: Publish
) -> None:
    service.create_rule(
        SYSTEM,
        RuleDraft(
            name="No backup", kind="absence", params=Params(signal="backup.done", minutes=60, per=Per.ALL)
        ),
        1.0,
    )
    publish("backup.done", "db", room="jobs")
    clock.forward(50 * 60)
    turn(clock)
    assert service.firing().alerts == ()
    clock.forward(20 * 60)
    turn(clock)
    (alert,) = service.firing().alerts
    assert alert.title == "No backup: No signal backup.done for 60 minutes"
    assert alert.link == "/alerts/"


def test_matchers_say_which_part_of_a_series_is_read(
    ports: MemoryPorts, clock: ManualClock, mail: ChannelRef, events: Events
) -> None:
    make(
        RuleKind.THRESHOLD,
        params=Params(count=5, minutes=5),
        matchers=matching.parse('issue=~"SHOP-.*", project="1"'),
    )
    events.add(clock.now(), "SHOP-1", 6)
    events.add(clock.now(), "BLOG-1", 6)
    events.add(clock.now(), "SHOP-2", 6, project="2")
    turn(clock)
    assert [alert.subject for alert in service.firing().alerts] == ["SHOP-1"]
