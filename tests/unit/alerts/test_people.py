"""People told by channels of their own: by what they want, what is theirs, and what a rule asks; nobody is lost."""

from collections.abc import Callable

import pytest
from tests.support.people import person

from vedette.accounts.permissions import SYSTEM, Actor
from vedette.alerts import service
from vedette.alerts.types import RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.notify.types import DeliveryState, Preferences
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, Signal

Publish = Callable[..., Signal]


@pytest.fixture
def anna(ports: MemoryPorts, db: None) -> Actor:
    """Return a person with a webhook of her own."""
    anna = person("Anna Berg", ports.clock.now())
    notify.create_own(anna, "webhook", "Phone", {"url": "https://anna.example/"}, ports.clock.now())
    return anna


def told(ports: MemoryPorts, clock: ManualClock) -> list[tuple[str, str]]:
    """Process, deliver, and return where each notice went, with its reason."""
    service.process(clock.now())
    notify.deliver_due(clock.now())
    places = [request.url for request in ports.net.requests]  # type: ignore[attr-defined]
    return sorted(zip(places, [each.reason for each in _log()], strict=True))


def _log() -> list:  # type: ignore[type-arg]
    own = [d for user in range(1, 20) for d in notify.deliveries(owner=user).deliveries]
    return sorted([*notify.deliveries().deliveries, *own], key=lambda delivery: delivery.id)


def rule(now: float, **changes: object) -> None:
    draft = {"name": "New", "kind": RuleKind.NEW_ISSUE, **changes}
    service.create_rule(SYSTEM, RuleDraft(**draft), now)  # type: ignore[arg-type]


def test_a_person_hears_what_they_want_beside_everybodys_channels(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    notify.create_channel(SYSTEM, "webhook", "All", {"url": "https://all.example/"}, clock.now())
    rule(clock.now())
    publish()
    places = told(ports, clock)
    assert [place for place, _ in places] == ["https://all.example/", "https://anna.example/"]
    assert places[1][1].endswith("They want everything from high on.")
    assert "They want" not in places[0][1]
    (mine,) = notify.deliveries(owner=anna.id).deliveries
    assert mine.state is DeliveryState.SENT
    assert [each.channel for each in notify.deliveries().deliveries] == ["All"], "not in everybody's log"


def test_what_a_person_does_not_want_is_not_told_and_leaves_no_trace(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    rule(clock.now())
    publish(severity=Severity.LOW)
    assert told(ports, clock) == []
    ((_, lines),) = [(each.alert, each.lines) for each in service.told(service.past().alerts)]
    assert [line.code for line, _ in lines] == ["no_channel"]


def test_the_quiet_stands_in_the_trace(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    notify.set_preferences(anna, Preferences(quiet_until=clock.now() + 60), clock.now())
    rule(clock.now(), people=(anna.id,))
    publish()
    assert told(ports, clock) == []
    (alert,) = service.told(service.past().alerts)
    assert {(line.code, line.channel) for line, _ in alert.lines} >= {("quiet", "Anna Berg")}
    clock.forward(61)
    publish(subject="SHOP-2")
    assert len(told(ports, clock)) == 1


def test_a_rule_that_names_people_tells_them_alone(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    notify.create_channel(SYSTEM, "webhook", "All", {"url": "https://all.example/"}, clock.now())
    notify.set_preferences(anna, Preferences(severity=None), clock.now())
    rule(clock.now(), people=(anna.id,))
    publish(severity=Severity.INFO)
    ((place, reason),) = told(ports, clock)
    assert place == "https://anna.example/"
    assert reason.endswith("The rule names them.")


def test_where_nobody_it_names_can_be_told_the_default_channels_are(
    ports: MemoryPorts, clock: ManualClock, publish: Publish, db: None
) -> None:
    ben = person("Ben", clock.now())
    notify.create_channel(SYSTEM, "webhook", "All", {"url": "https://all.example/"}, clock.now())
    rule(clock.now(), people=(ben.id,))
    rule(clock.now(), name="Whose", assignee=True)
    publish()
    assert [place for place, _ in told(ports, clock)] == ["https://all.example/"] * 2


def test_an_issue_one_follows_is_told_below_ones_severity(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    notify.follow(anna, "SHOP-1", clock.now())
    rule(clock.now())
    publish(severity=Severity.INFO)
    publish(severity=Severity.INFO, subject="SHOP-2")
    ((_, reason),) = told(ports, clock)
    assert reason.endswith("They follow it.")


@pytest.mark.parametrize(
    ("kind", "labels", "comment", "reason"),
    [
        ("issue.assigned", {"assignee": "me", "by": "99"}, "", "It is assigned to them."),
        ("issue.assigned", {"assignee": "me", "by": "me"}, "", None),
        ("issue.assigned", {"assignee": "98", "by": "99"}, "", None),
        ("issue.commented", {"by": "99"}, "look, @anna", "The comment mentions them."),
        ("issue.commented", {"by": "99"}, "look", None),
        ("issue.commented", {"assignee": "me", "by": "99"}, "look", "It is assigned to them."),
    ],
)
def test_what_others_do_to_ones_issues_is_told_by_no_rule(  # noqa: PLR0917
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish,
    kind: str, labels: dict[str, str], comment: str, reason: str | None,
) -> None:  # fmt: skip
    rule(clock.now(), kind=RuleKind.SEVERITY, severity=Severity.INFO)
    mine = {key: str(anna.id) if value == "me" else value for key, value in labels.items()}
    publish(kind, labels=mine, annotations={"act": "a1", "comment": comment}, severity=Severity.LOW)
    assert [why for _, why in told(ports, clock)] == ([] if reason is None else [reason])
    assert service.unmatched(0.0) == ()


def test_a_channel_switched_off_or_a_person_who_left_is_not_told(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, publish: Publish
) -> None:
    from vedette.accounts import service as accounts

    rule(clock.now())
    accounts.set_active(SYSTEM, anna.id, False, clock.now())
    publish()
    assert told(ports, clock) == []
