"""The main walk, hours of it, without a wall clock: an event comes in, an issue is made, the right people hear of it."""

import dataclasses
import json

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service as alerts
from vedette.alerts.types import Params, RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.core.ids import new_id
from vedette.core.settings import Settings
from vedette.errors import service as errors
from vedette.errors.types import Resolve
from vedette.notify import service as notify
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports
from vedette.projects import service as projects
from vedette.wire import delivery

pytestmark = pytest.mark.django_db


class World:
    """An installation whose clock a test moves; every move lets each loop of the house take its turn."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        made = memory_ports(self.clock, Settings(base_url="https://vedette.example"))
        self.ports = dataclasses.replace(made, outbox=DatabaseOutbox())
        install(self.ports)
        alerts.ensure_default_rules(self.clock.now())
        self.shop = projects.create_project(SYSTEM, "Shop", "python", self.clock.now())
        notify.create_channel(SYSTEM, "email", "Anna", {"recipients": "anna@shop.example"}, self.clock.now())

    def event(self, kind: str = "ZeroDivisionError", n: int = 1) -> None:
        """Let `n` events of a kind arrive."""
        frame = {"function": "total", "module": "shop.cart", "filename": "shop/cart.py", "in_app": True}
        exception = {"values": [{"type": kind, "value": "no", "stacktrace": {"frames": [frame]}}]}
        for _ in range(n):
            body = json.dumps({"platform": "python", "exception": exception}).encode()
            event_id = new_id()
            arrived = delivery.Delivery(self.shop.id, event_id, self.clock.now(), body)
            self.ports.log.publish("event", delivery.encode(arrived), event_id, self.clock.now()).result(5)
        self.turn()

    def forward(self, *, minutes: float) -> None:
        """Let time pass, minute by minute."""
        for _ in range(int(minutes)):
            self.clock.forward(60)
            self.turn()

    def turn(self) -> None:
        """Digest, judge, send."""
        batch = self.ports.log.pull("errors", 256, self.clock.now())
        errors.digest(batch, self.clock.now())
        self.ports.log.ack("errors", [message.seq for message in batch])
        alerts.process(self.clock.now())
        notify.deliver_due(self.clock.now())

    def mails(self) -> list[str]:
        """Return the subjects of the mails since the last look."""
        found = [str(message["Subject"]) for message in self.ports.mail.sent]
        self.ports.mail.sent.clear()
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_issue_is_told_once_however_often_it_happens(world: World) -> None:
    world.event(n=3)
    (told,) = world.mails()
    assert told.startswith("[shop] New: ZeroDivisionError")
    world.event(n=5)
    world.forward(minutes=300)
    assert world.mails() == []


def test_what_was_resolved_and_comes_back_is_told_again(world: World) -> None:
    world.event()
    world.mails()
    (issue,) = errors.issues().issues
    world.forward(minutes=10)
    errors.act(SYSTEM, [issue.short_id], Resolve(), world.clock.now())
    world.forward(minutes=10)
    assert world.mails() == []
    world.event()
    (told,) = world.mails()
    assert told.startswith("[shop] Came back: ZeroDivisionError")
    (alert, *_) = alerts.past().alerts
    assert alert.rule == "Regression"


def test_many_events_in_few_minutes_are_told_by_their_number(world: World) -> None:
    params = Params(count=20, minutes=5)
    draft = RuleDraft(name="Many", kind=RuleKind.THRESHOLD, project=world.shop.id, params=params)
    alerts.create_rule(SYSTEM, draft, world.clock.now())
    world.event(n=20)
    assert len(world.mails()) == 1, "the new issue"
    world.event()
    (told,) = world.mails()
    (issue,) = errors.issues().issues
    assert told == f"[shop] {issue.short_id}: 21 events in 5 minutes, more than 20"
    (alert,) = alerts.firing().alerts
    assert alert.link == f"/issues/{issue.short_id}/"
    world.forward(minutes=10)
    assert world.mails() == []
    assert alerts.firing().alerts == ()
    world.event(n=30)
    assert world.mails() == [f"[shop] {issue.short_id}: 30 events in 5 minutes, more than 20"]


def test_a_mail_server_that_is_down_loses_nothing(world: World) -> None:
    from vedette.plumbing.mail.port import MailError

    world.ports.mail.error = MailError("451 try later", permanent=False)
    world.event()
    world.forward(minutes=30)
    assert world.mails() == []
    world.ports.mail.error = None
    world.forward(minutes=65)
    assert len(world.mails()) == 1
