"""A certificate that is not renewed reaches people: once, again when it gets worse, and when it is over; pages show it."""

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing, house_with_kv
from tests.unit.certificates import test_telling
from tests.unit.certificates.test_telling import certificate

from vedette.accounts.permissions import SYSTEM, Scope
from vedette.alerts import service as alerts
from vedette.certificates import service
from vedette.certificates.keeping import Folder
from vedette.certificates.types import Certificate, Standing, Wanted
from vedette.core.clock import ManualClock
from vedette.core.settings import PUBLIC_ACME
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals

DAY = 86_400.0


def aged(days: float) -> Certificate:
    return certificate(days + (test_telling.NOW - NOW) / DAY)


def put(folder: Folder, house: MemoryPorts, days: float, failures: int) -> None:
    folder.install(aged(days), "", "", house.seal)
    standing = Standing(
        wanted=Wanted(("watch.example.com",), PUBLIC_ACME),
        failures=failures,
        error="It is away.",
        next_at=NOW + 300,
    )
    folder.keep(standing)


def told() -> list[tuple[str, str, str]]:
    return [(each.signal.state, each.signal.severity, each.signal.subject) for each in signals.after(0, 20)]


def test_each_change_is_one_signal(folder: Folder, house: MemoryPorts) -> None:
    expected: list[tuple[str, str, str]] = []
    for days, failures, now_told in (
        (10, 0, None),
        (65, 2, ("firing", "high")),
        (66, 3, None),
        (85, 9, ("firing", "critical")),
        (85, 10, None),
        (1, 0, ("resolved", "high")),
        (2, 0, None),
    ):
        put(folder, house, days, failures)
        assert service.notice(NOW) is (now_told is not None)
        expected += [(*now_told, "watch.example.com")] if now_told else []
        assert told() == expected


def test_people_hear_of_it_and_that_it_is_over(
    folder: Folder, house: MemoryPorts, clock: ManualClock
) -> None:
    alerts.ensure_default_rules(NOW)
    alerts.resume(NOW - 3_600)
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, NOW)
    subjects = []
    for days, failures in ((85, 3), (1, 0)):
        put(folder, house, days, failures)
        service.notice(clock.now())
        for _ in range(60):
            clock.forward(10)
            alerts.process(clock.now())
            notify.deliver_due(clock.now())
        subjects.append([str(message["Subject"]) for message in house.mail.sent])
    assert len(subjects[0]) == 1
    assert "The certificate for watch.example.com could not be renewed" in subjects[0][0]
    assert len(subjects[1]) == 2


@pytest.mark.parametrize(("days", "failures"), [(10, 0), (85, 3)])
def test_the_page_of_the_server_shows_it(
    folder: Folder, house: MemoryPorts, days: float, failures: int
) -> None:
    put(folder, house, days, failures)
    page = _page()
    assert "Let&#x27;s Encrypt R13" in page
    assert ("In trouble" in page) is bool(failures)
    assert ("It is away." in page) is bool(failures)
    assert service.trouble(NOW).startswith("The certificate") is bool(failures)


def test_without_domains_nothing_is_shown_or_looked_for(db: None, house: MemoryPorts) -> None:
    house_with_kv(ManualClock(NOW))
    assert service.report(NOW) is None
    assert not service.notice(NOW)
    assert "h-cert" not in _page()


def _page() -> str:
    web: Client = bearing(Scope.ADMIN, NOW)
    return web.get("/settings/about/").content.decode()
