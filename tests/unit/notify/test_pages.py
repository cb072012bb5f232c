"""Settings, Notifications: every form works without a script, no secret leaves, errors stand at their field."""

import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.notify import service
from vedette.notify.types import Notice
from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db
HOME = "/settings/notifications/"
HOOK = {"url": "https://hooks.example/x", "secret": "s3cret-planted"}


def text(web: Client, path: str = HOME) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_empty_installation_says_what_to_do(web: Client) -> None:
    page = text(web)
    assert "Nobody is told of anything." in page
    assert f"{HOME}new/email/" in page
    assert f"{HOME}new/webhook/" in page


def test_a_channel_is_added_by_its_form(web: Client) -> None:
    form = {"name": "On duty", "recipients": "anna@shop.example", "enabled": "on", "default": "on"}
    answer = web.post(f"{HOME}new/email/", form)
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    page = text(web)
    assert "On duty is added. Send it a test." in page
    assert "anna@shop.example" in page
    assert "Not tried yet" in page


def test_a_wrong_field_is_told_beside_it_and_nothing_is_lost(web: Client) -> None:
    answer = web.post(f"{HOME}new/email/", {"name": "On duty", "recipients": "nobody", "enabled": "on"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "nobody is not an e-mail address." in page
    assert 'value="On duty"' in page
    assert service.channels() == ()


def test_a_secret_never_comes_back_and_stays_when_left_blank(web: Client, ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    page = text(web, f"{HOME}{made.id}/")
    assert "planted" not in page
    assert "••••••••" in page
    answer = web.post(
        f"{HOME}{made.id}/", {"name": "Hook 2", "url": HOOK["url"], "secret": "", "enabled": "on"}
    )
    assert answer.status_code == 302
    changed = service.channel(made.id)
    assert (changed.name, changed.default, changed.config["secret"]) == ("Hook 2", False, "••••••••")
    web.post(f"{HOME}{made.id}/test/")
    assert "X-Vedette-Signature" in ports.net.requests[0].headers


def test_a_slack_channel_shows_the_address_slack_asks_for_once_it_has_a_signing_secret(web: Client) -> None:
    config = {"url": "https://hooks.slack.com/services/x"}
    made = service.create_channel(SYSTEM, "slack", "Ops", config, 1.0)
    assert "/api/hooks/slack/" not in text(web, f"{HOME}{made.id}/")
    service.update_channel(SYSTEM, made.id, "Ops", {**config, "signing_secret": "a" * 32}, 2.0)
    page = text(web, f"{HOME}{made.id}/")
    assert f"/api/hooks/slack/{made.id}</code>" in page
    assert "a" * 32 not in page


def test_the_test_button_shows_the_receipt_or_the_exact_error(web: Client, ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    page = web.post(f"{HOME}{made.id}/test/", follow=True).content.decode()
    assert "The test to Hook was accepted: HTTP 204" in page
    ports.net.answer = lambda _: Response(500, {}, b"out of <cheese>")
    page = web.post(f"{HOME}{made.id}/test/", follow=True).content.decode()
    assert "The test to Hook did not arrive: The receiver answered HTTP 500: out of &lt;cheese&gt;" in page


def test_the_log_tells_state_reason_and_tries(web: Client, ports: MemoryPorts, clock: ManualClock) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    notice = Notice(
        title="Error <1>", text="", severity="high", link="https://v/", at=1.0, reason="Rule “New issue”."
    )
    ports.net.answer = lambda _: Response(503, {}, b"")
    service.queue(made.id, notice, "k", clock.now())
    service.deliver_due(clock.now())
    page = text(web)
    for part in ("Error &lt;1&gt;", "Rule “New issue”.", "Retrying", "HTTP 503", "Next try"):
        assert part in page
    assert "Error &lt;1&gt;" not in text(web, f"{HOME}?state=sent")
    assert "No notice is in this state." in text(web, f"{HOME}?state=sent")
    assert "Error &lt;1&gt;" in text(web, f"{HOME}?state=nonsense")


def test_a_channel_is_deleted_by_its_button(web: Client) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    assert "Delete Hook?" in text(web, f"{HOME}{made.id}/")
    page = web.post(f"{HOME}{made.id}/delete/", follow=True).content.decode()
    assert "Hook is deleted." in page
    assert web.get(f"{HOME}{made.id}/").status_code == 404


def test_a_log_longer_than_a_page_has_a_next_one(web: Client, clock: ManualClock) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    for n in range(30):
        notice = Notice(title=f"Error {n}", text="", severity="high", link="https://v/", at=1.0)
        service.queue(made.id, notice, f"k{n}", clock.now())
    first = text(web)
    assert "Error 29" in first
    assert "Error 4<" not in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Error 4<" in text(web, HOME + following)


def test_who_may_only_read_sees_no_forms(reader: Client) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    page = text(reader)
    assert f"{made.id}/test/" not in page
    assert "new/email" not in page
    for path in (f"{HOME}new/email/", f"{HOME}{made.id}/"):
        assert reader.get(path).status_code == 403
    assert reader.post(f"{HOME}{made.id}/test/").status_code == 403


def test_a_kind_nobody_knows_is_not_found(web: Client) -> None:
    assert web.get(f"{HOME}new/pigeon/").status_code == 404
    assert web.get(f"{HOME}987654321987654321987654321/").status_code == 404
