"""A person's important rule through the whole path: the later step goes once, or not at all when somebody takes care."""

from collections.abc import Callable

import pytest
from tests.support.people import person

from vedette.accounts.permissions import SYSTEM, Actor
from vedette.alerts import governing, processing, service
from vedette.alerts.becoming import Seen
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.telling import Story
from vedette.alerts.types import Standing
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.notify.types import Delivery, DeliveryState, Preferences, QuietHours
from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, SignalState

PHONE, SMS = "https://phone.example/", "https://sms.example/"


@pytest.fixture
def anna(ports: MemoryPorts, db: None) -> Actor:
    """Return a person with a phone and a gateway of her own."""
    anna, now = person("Anna Berg", ports.clock.now()), ports.clock.now()
    notify.create_own(anna, "webhook", "Phone", {"url": PHONE}, now)
    sms = {"url": SMS, "to": "+49170", "method": "POST", "form": "json", "body": '{"text": "{text}"}'}
    notify.create_own(anna, "gateway", "SMS", sms, now)
    return anna


def push(clock: ManualClock, *, over: bool = False, severity: Severity = Severity.CRITICAL) -> None:
    now = clock.now()
    state = SignalState.RESOLVED if over else SignalState.FIRING
    standing = Standing(state=state, severity=severity, change=0, starts=now, ends=now + 1e6)
    labels = {"alertname": "Down", "project": "shop"}
    story = Story(
        labels=labels, annotations={}, seen=standing, title="The shop is down",
        text="", link="/alerts/", subject="shop", project=None,
    )  # fmt: skip
    processing.push([Seen(story, (), "It was pushed.")], now)
    turn(clock)


def turn(clock: ManualClock, seconds: float = 0.0) -> None:
    clock.forward(seconds)
    service.process(clock.now())
    notify.deliver_due(clock.now(), service.settled)


def places(ports: MemoryPorts) -> list[str]:
    return [request.url for request in ports.net.requests]


def sms(anna: Actor) -> list[Delivery]:
    return [each for each in notify.deliveries(owner=anna.id).deliveries if each.channel == "SMS"]


def settle_by_ack(clock: ManualClock) -> str:
    (alert,) = service.firing().alerts
    governing.acknowledge(SYSTEM, [alert.id], clock.now())
    return "Acknowledged by "


def settle_by_end(clock: ManualClock) -> str:
    push(clock, over=True)
    return "It is over."


def settle_by_silence(clock: ManualClock) -> str:
    now = clock.now()
    shop = Matcher("alertname", Operator.EQUAL, "Down")
    draft = SilenceDraft(matchers=(shop,), starts=now, ends=now + 3_600, comment="Known")
    governing.add_silence(SYSTEM, draft, now)
    return "vedette silenced it until "


def test_nobody_acknowledges_so_the_second_step_goes_once(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock)
    assert places(ports) == [PHONE]
    (waits,) = sms(anna)
    assert waits.state is DeliveryState.WAITING
    assert notify.lag().waiting == 0, "what waits for its step is not late"
    turn(clock, 59)
    assert places(ports) == [PHONE]
    turn(clock, 1)
    turn(clock, 60)
    assert places(ports) == [PHONE, SMS]
    (sent,) = sms(anna)
    assert sent.state is DeliveryState.SENT
    assert sent.reason.endswith("Step 2 of important: 1 min without an acknowledgement.")


@pytest.mark.parametrize("settle", [settle_by_ack, settle_by_end, settle_by_silence])
def test_who_takes_care_before_the_minute_is_over_gets_no_sms(
    ports: MemoryPorts, clock: ManualClock, anna: Actor, settle: Callable[[ManualClock], str]
) -> None:
    push(clock)
    clock.forward(30)
    why = settle(clock)
    turn(clock, 31)
    turn(clock, 600)
    assert SMS not in places(ports)
    (stopped,) = sms(anna)
    assert stopped.state is DeliveryState.STOPPED
    assert stopped.detail.startswith(f"Step 2 of important was not sent: {why}")


def test_an_acknowledgement_between_two_tries_stops_the_second(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock)
    ports.net.answer = lambda _: Response(503, {}, b"")
    turn(clock, 60)
    assert places(ports)[-1] == SMS
    settle_by_ack(clock)
    tries = places(ports).count(SMS)
    turn(clock, 600)
    assert places(ports).count(SMS) == tries
    assert sms(anna)[0].state is DeliveryState.STOPPED


def test_the_end_is_told_where_the_step_was_sent_and_only_there(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock)
    turn(clock, 61)
    push(clock, over=True)
    turn(clock, 600)
    assert places(ports) == [PHONE, SMS, PHONE, SMS]


def test_the_clock_goes_back_and_the_step_goes_once_all_the_same(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock)
    for seconds in (-7_200.0, 30.0, 7_200.0, 40.0, -50.0, 50.0):
        turn(clock, seconds)
    assert places(ports).count(SMS) == 1


def test_quiet_that_begins_meanwhile_stops_the_step(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock)
    all_day = QuietHours(start="00:00", end="23:59", critical=True)
    notify.set_preferences(anna, Preferences(hours=all_day), clock.now())
    turn(clock, 60)
    assert places(ports) == [PHONE]
    assert "They have quiet hours until" in sms(anna)[0].detail


def test_what_is_not_important_goes_to_all_at_once_as_ever(
    ports: MemoryPorts, clock: ManualClock, anna: Actor
) -> None:
    push(clock, severity=Severity.HIGH)
    turn(clock, 60)
    assert sorted(places(ports)) == [PHONE, SMS]
