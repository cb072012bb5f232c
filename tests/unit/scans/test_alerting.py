"""What cannot wait, and scans that could not know, reach people by the rules that are there from the beginning."""

import pytest
from tests.support.findings import finding, report
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service as alerts
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import service
from vedette.wire.scan import Unknown

pytestmark = pytest.mark.django_db(transaction=True)
BLIND = Unknown(subject="feed of PyPI", why="It is nine days old.", fix="vedette feeds update")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def turns(clock: ManualClock, seconds: int) -> None:
    """Let the alerter and the notifier take their turns."""
    for _ in range(seconds // 10):
        clock.forward(10)
        alerts.process(clock.now())
        notify.deliver_due(clock.now())


def test_what_cannot_wait_and_what_is_blind_is_told_and_the_rest_is_not(
    target: int, house: MemoryPorts, clock: ManualClock
) -> None:
    alerts.ensure_default_rules(NOW)
    alerts.resume(NOW - 3_600)
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, NOW)
    used = finding("CVE-2025-2", risk=5.0, exploited=True)
    service.take(target, report(finding("CVE-2025-1"), used, finding("CVE-2025-3", risk=7.5)), clock.now())
    turns(clock, 120)
    told = "\n".join(mail.as_string() for mail in house.mail.sent)
    assert ("CVE-2025-1" in told, "CVE-2025-2" in told, "CVE-2025-3" in told) == (True, True, False)
    service.take(target, report(unknown=[BLIND]), clock.now())
    turns(clock, 120)
    assert "could not know" in str(house.mail.sent[-1]["Subject"])
