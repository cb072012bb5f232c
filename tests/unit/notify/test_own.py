"""What a person sets for themselves: nobody else may, nobody sees a secret, and the page works without a script."""

import re

import pytest
from django.test import Client
from tests.support.people import person
from tests.support.push import PushBrowser

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.notify import service
from vedette.notify.types import Notice, Preferences, QuietHours
from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts

HOME = "/settings/my-notifications/"


@pytest.fixture
def anna(ports: MemoryPorts, db: None) -> Actor:
    return person("Anna Berg", ports.clock.now())


def browser(actor: Actor) -> Client:
    from vedette.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(id=actor.id))
    return client


def test_nobody_reaches_the_channel_of_another(ports: MemoryPorts, anna: Actor) -> None:
    now = ports.clock.now()
    mine = service.create_own(anna, "ntfy", "Phone", {"topic": "hush"}, now)
    owner = person("Olga", now, Role.OWNER)
    for reach in (
        lambda: service.channel(mine.id),
        lambda: service.own_channel(owner, mine.id),
        lambda: service.update_own(owner, mine.id, "x", {"topic": "y"}, now),
        lambda: service.update_channel(owner, mine.id, "x", {"topic": "y"}, now),
        lambda: service.delete_channel(owner, mine.id, now),
        lambda: service.delete_own(owner, mine.id, now),
        lambda: service.test(owner, mine.id, now),
    ):
        with pytest.raises(NotFound):
            reach()
    assert service.channels() == ()
    (seen,) = service.people_with_channels()
    assert (seen.name, seen.channels[0].config["topic"]) == ("Anna Berg", "••••••••")
    with pytest.raises(Forbidden):
        service.create_own(SYSTEM, "ntfy", "Phone", {"topic": "hush"}, now)


def test_own_mail_goes_to_ones_own_address_only(ports: MemoryPorts, anna: Actor) -> None:
    with pytest.raises(Invalid, match=r"anna@shop\.example"):
        service.create_own(anna, "email", "Mail", {"recipients": "eve@evil.example"}, ports.clock.now())
    service.create_own(anna, "email", "Mail", {"recipients": "anna@shop.example"}, ports.clock.now())


def test_there_are_ten_channels_of_ones_own_and_ten_tests_a_minute(ports: MemoryPorts, anna: Actor) -> None:
    now = ports.clock.now()
    made = [
        service.create_own(anna, "webhook", f"W{n}", {"url": "https://a.example/"}, now) for n in range(10)
    ]
    with pytest.raises(Conflict):
        service.create_own(anna, "webhook", "more", {"url": "https://a.example/"}, now)
    for _ in range(10):
        service.test_own(anna, made[0].id, now)
    with pytest.raises(Conflict):
        service.test_own(anna, made[0].id, now)
    assert len(service.deliveries(owner=anna.id).deliveries) == 10


def test_a_browser_is_added_told_and_removed_when_it_is_gone(ports: MemoryPorts, anna: Actor) -> None:
    web, now = browser(anna), ports.clock.now()
    page = web.get(f"{HOME}new/webpush/").content.decode()
    assert re.search(r'data-push="[\w-]{87}"', page)
    assert "HTTPS" in page
    answer = web.post(f"{HOME}new/webpush/", {"name": "Phone", "enabled": "on"})
    assert answer.status_code == 422
    assert "The browser gave no subscription" in answer.content.decode()
    answer = web.post(f"{HOME}new/webpush/", {"name": "Phone", "subscription": "nonsense", "enabled": "on"})
    assert answer.status_code == 422
    assert "This is no subscription of a browser" in answer.content.decode()
    given = PushBrowser().subscription("https://push.example/hushhushhush")
    for name in ("Phone", "Laptop"):
        form = {"name": name, "subscription": given, "enabled": "on"}
        assert web.post(f"{HOME}new/webpush/", form).status_code == 302
    _, phone = service.own_channels(anna)
    assert "hush" not in web.get(HOME).content.decode() + web.get(f"{HOME}{phone.id}/").content.decode()
    assert web.post(f"{HOME}{phone.id}/", {"name": "Pocket", "enabled": "on"}).status_code == 302
    ports.net.answer = lambda _: Response(201, {}, b"")
    assert "was accepted" in web.post(f"{HOME}{phone.id}/test/", follow=True).content.decode()
    ports.net.answer = lambda _: Response(410, {}, b"")
    notice = Notice(title="Boom", text="", severity="high", link="https://v/", at=now)
    service.queue(phone.id, notice, "k1", now)
    service.queue(phone.id, notice, "k2", now)
    service.deliver_due(now)
    assert [each.name for each in service.own_channels(anna)] == ["Laptop"]
    page = web.get(HOME).content.decode()
    assert "The browser takes no more notices (HTTP 410); it was removed." in page
    assert "The channel was deleted before it could be told." in page


def test_ones_own_log_is_narrowed_and_says_who_acknowledged(ports: MemoryPorts, anna: Actor) -> None:
    web, now = browser(anna), ports.clock.now()
    mine = service.create_own(anna, "webhook", "Hook", {"url": "https://a.example/"}, now)
    for n in (1, 2):
        notice = Notice(
            title=f"Error {n}", text="", severity="high", link="https://v/", at=now, reason="It is yours."
        )
        service.queue(mine.id, notice, f"k{n}", now)
    service.note_acknowledged(["k1"], "Ben Holt")
    page = web.get(HOME).content.decode()
    assert page.count("Acknowledged by Ben Holt.") == 1
    assert "It is yours." in page
    assert "Error 1" in web.get(f"{HOME}?state=queued").content.decode()
    assert "No notice to you is in this state." in web.get(f"{HOME}?state=failed").content.decode()


def test_a_browser_is_nobodys_but_ones_own(ports: MemoryPorts, anna: Actor) -> None:
    given = {"subscription": PushBrowser().subscription("https://push.example/x")}
    with pytest.raises(Invalid, match="own"):
        service.create_channel(SYSTEM, "webpush", "Browser", given, ports.clock.now())
    owner = browser(person("Olga", ports.clock.now(), Role.OWNER))
    assert owner.get("/settings/notifications/new/webpush/").status_code == 404
    assert "new/webpush" not in owner.get("/settings/notifications/").content.decode()


def test_the_worker_is_served_to_everybody_with_a_policy_of_its_own(ports: MemoryPorts, db: None) -> None:
    answer = Client().get("/sw.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Content-Security-Policy"] == "default-src 'none'; img-src 'self'; connect-src 'self'"
    assert answer["Cache-Control"] == "no-cache"
    assert b"showNotification" in answer.content


def test_two_people_may_give_their_channels_the_same_name(ports: MemoryPorts, anna: Actor) -> None:
    now = ports.clock.now()
    for who in (anna, person("Ben", now)):
        service.create_own(who, "ntfy", "Phone", {"topic": "t"}, now)
    with pytest.raises(Invalid):
        service.create_own(anna, "ntfy", "Phone", {"topic": "t"}, now)


def test_each_change_is_audited_without_a_secret(ports: MemoryPorts, anna: Actor) -> None:
    now = ports.clock.now()
    service.create_own(anna, "ntfy", "Phone", {"topic": "hush-hush"}, now)
    service.set_preferences(anna, Preferences(severity=None), now)
    service.follow(anna, "SHOP-1", now)
    service.follow(anna, "SHOP-1", now)
    service.unfollow(anna, "SHOP-1", now)
    entries = accounts.audit_page().entries
    assert [each.action for each in entries if each.actor_id == anna.id] == [
        "issue.unfollow", "issue.follow", "notifications.own", "channel.create",
    ]  # fmt: skip
    assert "hush-hush" not in str(entries)


def test_the_page_adds_a_channel_and_keeps_what_is_wanted(ports: MemoryPorts, anna: Actor) -> None:
    web = browser(anna)
    assert "You hear nothing by a channel of your own." in web.get(HOME).content.decode()
    assert "anna@shop.example" in web.get(f"{HOME}new/email/").content.decode()
    answer = web.post(f"{HOME}new/ntfy/", {"name": "Phone", "topic": "hush-hush", "enabled": "on"})
    assert answer.status_code == 302
    page = web.get(HOME).content.decode()
    assert "You hear of everything from high on." in page
    assert "hush-hush" not in page
    web.post(HOME, {"severity": "", "assigned": "on", "quiet": "3600"})
    wants = service.preferences(anna)
    assert (wants.severity, wants.assigned, wants.followed) == (None, True, False)
    assert wants.quiet_until == pytest.approx(ports.clock.now() + 3_600, abs=1)
    assert "You want quiet." in web.get(HOME).content.decode()
    web.post(HOME, {"severity": "low", "quiet": "keep"})
    assert service.preferences(anna).quiet_until == wants.quiet_until
    web.post(HOME, {"severity": "low", "quiet": "off"})
    assert service.preferences(anna).quiet_until is None
    hours = {
        "hours_from": "22:00",
        "hours_to": "07:00",
        "hours_days": ["0", "4"],
        "hours_zone": "Europe/Berlin",
    }
    web.post(HOME, {"severity": "low", "quiet": "off", **hours})
    kept = QuietHours(start="22:00", end="07:00", days=(0, 4), zone="Europe/Berlin")
    assert service.preferences(anna).hours == kept
    refused = web.post(HOME, {"severity": "low", "quiet": "off", **hours, "hours_zone": "Nowhere"})
    assert refused.status_code == 422
    assert "There is no time zone" in refused.content.decode()


def test_the_page_tests_changes_and_deletes_a_channel(ports: MemoryPorts, anna: Actor) -> None:
    mine = service.create_own(anna, "webhook", "Hook", {"url": "https://a.example/"}, ports.clock.now())
    web = browser(anna)
    assert "was accepted" in web.post(f"{HOME}{mine.id}/test/", follow=True).content.decode()
    assert re.search(r"anna berg pressed the test button", web.get(HOME).content.decode(), re.IGNORECASE)
    web.post(f"{HOME}{mine.id}/", {"name": "New", "url": "https://b.example/", "enabled": "on"})
    assert service.own_channel(anna, mine.id).config["url"] == "https://b.example/"
    assert web.post(f"{HOME}{mine.id}/", {"name": "New", "url": "nonsense"}).status_code == 422
    web.post(f"{HOME}{mine.id}/delete/")
    assert service.own_channels(anna) == ()


def test_administrators_see_who_has_channels(ports: MemoryPorts, anna: Actor) -> None:
    service.create_own(anna, "ntfy", "Phone", {"topic": "hush-hush"}, ports.clock.now())
    page = browser(person("Ada", ports.clock.now(), Role.OWNER)).get("/settings/notifications/")
    assert "Anna Berg" in page.content.decode()
    assert "hush-hush" not in page.content.decode()
    assert 'id="h-people"' not in browser(anna).get("/settings/notifications/").content.decode()
