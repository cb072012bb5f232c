"""A whole group is taken care of from its head, and given back: exactly what stood there, each in the audit log."""

import pytest
from django.test import Client
from tests.support.alerting import hush, lead, push

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM
from vedette.alerts import governing, service
from vedette.alerts.standing_out import Place
from vedette.core.clock import ManualClock
from vedette.core.errors import NotFound
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def group(ports: MemoryPorts, db: None, clock: ManualClock) -> int:
    """Return a group of three alerts that fire."""
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    lead()
    for name in ("one", "two", "three"):
        push(clock, name, team="db", cluster="a")
    push(clock, "other", team="db", cluster="b")
    found = service.listing(clock.now()).bundles[Place.OPEN]
    (bundle,) = service.named([each for each in found if len(each.alerts) == 3])
    return bundle.group


def taken() -> list[str]:
    return sorted(
        alert.labels["alertname"] for alert in service.firing().alerts if alert.acked_at is not None
    )


def test_all_of_a_group_is_taken_by_one_button_and_given_back_by_another(
    web: Client, group: int, clock: ManualClock
) -> None:
    page = web.get("/alerts/").content.decode()
    assert page.count("Acknowledge all") == 2, "the button and its name, on the head of the group alone"
    done = web.post(f"/alerts/groups/{group}/acknowledge/", {"next": "/alerts/?state=open"}, follow=True)
    assert done.redirect_chain == [("/alerts/?state=open", 302)]
    page = done.content.decode()
    assert "You take care of 3 alerts: nobody is reminded of them." in page
    assert taken() == ["one", "three", "two"]
    entries = accounts.audit_page(action="alert.acknowledge").entries
    assert len({each.subject for each in entries}) == 3
    undo = page.partition('action="/alerts/groups/')[2].partition('"')[0]
    freed = web.post(f"/alerts/groups/{undo}", {"next": "//evil.example/"}, follow=True)
    assert freed.redirect_chain == [("/alerts/", 302)]
    assert "Nobody takes care of them now" in freed.content.decode()
    assert taken() == []
    again = web.post(f"/alerts/groups/{undo}", follow=True).content.decode()
    assert "Nothing of this group was acknowledged then" in again


def test_giving_back_leaves_what_somebody_took_before(group: int, clock: ManualClock) -> None:
    first = next(alert for alert in service.firing().alerts if alert.labels["alertname"] == "one")
    governing.acknowledge(SYSTEM, [first.id], clock.now())
    clock.forward(5)
    at = clock.now()
    assert len(governing.acknowledge_group(SYSTEM, group, at)) == 2
    clock.forward(5)
    assert governing.acknowledge_group(SYSTEM, group, clock.now()) == ()
    governing.unacknowledge_group(SYSTEM, group, at, clock.now())
    assert taken() == ["one"]


def test_what_is_kept_quiet_is_nobodys_care(web: Client, group: int, clock: ManualClock) -> None:
    hush(clock, "alertname=two")
    service.process(clock.now())
    web.post(f"/alerts/groups/{group}/acknowledge/")
    assert taken() == ["one", "three"]


def test_who_may_not_cannot_and_what_is_gone_is_said(reader: Client, web: Client, group: int, clock: ManualClock) -> None:  # fmt: skip
    assert "Acknowledge all" not in reader.get("/alerts/").content.decode()
    assert reader.post(f"/alerts/groups/{group}/acknowledge/").status_code == 403
    assert reader.post(f"/alerts/groups/{group}/unacknowledge/1.0/").status_code == 403
    assert web.post("/alerts/groups/999/acknowledge/").status_code == 404
    assert web.post(f"/alerts/groups/{group}/unacknowledge/nan/").status_code == 302
    assert web.post(f"/alerts/groups/{group}/unacknowledge/x/").status_code == 404
    assert taken() == []
    with pytest.raises(NotFound):
        governing.acknowledge_group(SYSTEM, 999, clock.now())
