"""What monitors find reaches people: once for many that fail together, and once again when they are back."""

from email.message import EmailMessage

import pytest
from django.urls import resolve
from tests.support.rooms import NOW
from tests.unit.monitors.conftest import SITE

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.monitors import service, signal
from vedette.monitors.types import CheckResult, Config, Monitor, MonitorDraft, Outcome, Reading, Tolerance
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals


@pytest.fixture
def mail(house: MemoryPorts) -> list[EmailMessage]:
    alerts.ensure_default_rules(NOW)
    alerts.resume(NOW - 3_600)
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, NOW)
    return house.mail.sent


def turns(clock: ManualClock, seconds: int) -> None:
    """Let the alerter and the notifier take their turns."""
    for _ in range(seconds // 10):
        clock.forward(10)
        alerts.process(clock.now())
        notify.deliver_due(clock.now())


def found(many: list[Monitor], reading: Reading, at: float) -> None:
    one = {"cause": "refused", "sentence": "Nobody listens there."} if reading is Reading.BAD else {}
    service.record(
        [CheckResult(monitor=m.id, outcome=Outcome(at=at, reading=reading, **one)) for m in many], at
    )  # type: ignore[arg-type]


def test_what_is_told_leads_to_a_page_there_is(mail: list[EmailMessage], clock: ManualClock) -> None:
    config = Config(request=SITE, tolerance=Tolerance(failures=1))
    one = service.create(SYSTEM, 0, MonitorDraft(name="site", kind="http", config=config), NOW)
    found([one], Reading.GOOD, clock.now())
    found([one], Reading.BAD, clock.now())
    told = [each.signal.link for each in signals.after(0, 9)]
    told += [moment.link for moment in signals.moments(0.0, clock.now() + 1)]
    told.append(signal.of_surroundings("Vedette itself is offline.", over=False, now=NOW).link)
    assert len(told) == 3
    for link in told:
        resolve(link)


def test_many_that_fail_together_are_one_notice_and_so_is_their_end(
    mail: list[EmailMessage], clock: ManualClock
) -> None:
    config = Config(request=SITE, tolerance=Tolerance(failures=1))
    many = [
        service.create(SYSTEM, 0, MonitorDraft(name=f"site {n}", kind="http", config=config), NOW)
        for n in range(64)
    ]
    found(many, Reading.GOOD, clock.now())
    turns(clock, 60)
    assert mail == []
    found(many[:56], Reading.BAD, clock.now())
    turns(clock, 120)
    assert len(mail) == 1
    assert "is down, and 55 more" in str(mail[0]["Subject"])
    found(many[:56], Reading.BAD, clock.now())
    turns(clock, 120)
    assert len(mail) == 1
    found(many[:56], Reading.GOOD, clock.now())
    turns(clock, 600)
    assert len(mail) == 2
