"""Channels as people set them up: checked, sealed, shown as dots, audited."""

import hashlib
import hmac

import pytest

from vedette.accounts.permissions import ANONYMOUS, SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from vedette.notify import service
from vedette.notify.models import ChannelRow
from vedette.notify.sealing import DOTS
from vedette.notify.types import ChannelError, DeliveryState
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.net.port import Response
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db
HOOK = {"url": "https://hooks.example/x", "secret": "s3cret-planted"}
VIEWER = Actor(kind=ActorKind.USER, id=7, name="Vi", role=Role.VIEWER)


def test_a_secret_is_sealed_at_rest_and_dots_on_the_page(ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    assert made.config == {"url": HOOK["url"], "secret": DOTS}
    assert "planted" not in str(ChannelRow.objects.get().config)
    assert "planted" not in repr(service.channels())


def test_a_blank_secret_stays_and_a_new_one_replaces_it(ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)

    def signature() -> str:
        service.test(SYSTEM, made.id, 1.0)
        asked = ports.net.requests[-1]
        for secret in ("s3cret-planted", "other"):
            if asked.headers["X-Vedette-Signature"] == (
                "sha256=" + hmac.new(secret.encode(), asked.body, hashlib.sha256).hexdigest()
            ):
                return secret
        return "none"

    assert signature() == "s3cret-planted"
    service.update_channel(SYSTEM, made.id, "Hook", {"url": HOOK["url"], "secret": ""}, 2.0)
    assert signature() == "s3cret-planted"
    service.update_channel(SYSTEM, made.id, "Hook", {"url": HOOK["url"], "secret": DOTS}, 2.0)
    assert signature() == "s3cret-planted"
    service.update_channel(SYSTEM, made.id, "Hook", {"url": HOOK["url"], "secret": "other"}, 2.0)
    assert signature() == "other"


@pytest.mark.parametrize(
    ("kind", "name", "config", "field"),
    [
        ("email", "Mail", {"recipients": ""}, "recipients"),
        ("email", "Mail", {"recipients": "nobody"}, "recipients"),
        ("email", "Mail", {"recipients": "a@b.c, two words@x.y"}, "recipients"),
        ("email", "", {"recipients": "a@b.c"}, "name"),
        ("email", "x" * 81, {"recipients": "a@b.c"}, "name"),
        ("webhook", "Hook", {"url": ""}, "url"),
        ("webhook", "Hook", {"url": "ftp://x.example"}, "url"),
        ("webhook", "Hook", {"url": "http://"}, "url"),
        ("webhook", "Hook", {"url": "http://[bad"}, "url"),
        ("webhook", "Hook", {"url": "https://user:pw@x.example"}, "url"),
        ("pigeon", "Bird", {}, "kind"),
    ],
)
def test_a_wrong_field_is_named(
    ports: MemoryPorts, kind: str, name: str, config: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        service.create_channel(SYSTEM, kind, name, config, 1.0)
    assert field in wrong.value.fields
    assert service.channels() == ()


def test_two_channels_cannot_bear_one_name(ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    with pytest.raises(Invalid):
        service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    service.update_channel(SYSTEM, made.id, "Hook", HOOK, 1.0)


def test_who_may_change_channels(ports: MemoryPorts) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    with pytest.raises(Forbidden):
        service.delete_channel(VIEWER, made.id, 1.0)
    with pytest.raises(Unauthenticated):
        service.test(ANONYMOUS, made.id, 1.0)
    service.delete_channel(SYSTEM, made.id, 1.0)
    with pytest.raises(NotFound):
        service.channel(made.id)


def test_the_test_button_gives_the_receipt_and_leaves_a_line_in_the_log(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    made = service.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example; c@d.example"}, 1.0)
    receipt = service.test(SYSTEM, made.id, clock.now())
    assert receipt.detail == "250 2.0.0 Ok: kept in memory"
    assert ports.mail.sent[0]["To"] == "a@b.example, c@d.example"
    line = service.deliveries().deliveries[0]
    assert (line.state, line.detail, line.attempts[0].ok) == (DeliveryState.SENT, receipt.detail, True)
    assert "vedette pressed the test button" in line.reason


def test_the_test_button_gives_the_exact_error(ports: MemoryPorts, clock: ManualClock) -> None:
    made = service.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    ports.mail.error = MailError("550 5.1.1 No such user", permanent=True)
    with pytest.raises(ChannelError, match=r"550 5\.1\.1 No such user"):
        service.test(SYSTEM, made.id, clock.now())
    line = service.deliveries().deliveries[0]
    assert (line.state, line.next_at) == (DeliveryState.FAILED, None)
    assert line.detail == "550 5.1.1 No such user. A test is not repeated."
    assert service.lag().waiting == 0


def test_a_channel_that_fails_again_and_again_is_shown_until_it_works(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    began = clock.now()
    ports.net.answer = lambda _: Response(503, {}, b"")
    for _ in range(3):
        assert service.failing_channels(service.channels(), clock.now()) == ()
        with pytest.raises(ChannelError):
            service.test(SYSTEM, made.id, clock.now())
        clock.forward(10)
    (failing,) = service.failing_channels(service.channels(), clock.now())
    assert (failing.failures, failing.failing_since) == (3, began)
    assert "503" in failing.last_error
    ports.net.answer = lambda _: Response(200, {}, b"")
    service.test(SYSTEM, made.id, clock.now())
    assert service.failing_channels(service.channels(), clock.now()) == ()


def test_one_refusal_for_good_is_enough_to_be_shown(ports: MemoryPorts, clock: ManualClock) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    ports.net.answer = lambda _: Response(404, {}, b"")
    with pytest.raises(ChannelError):
        service.test(SYSTEM, made.id, clock.now())
    assert len(service.failing_channels(service.channels(), clock.now())) == 1
    service.update_channel(SYSTEM, made.id, "Hook", HOOK, 1.0, enabled=False)
    assert service.failing_channels(service.channels(), clock.now()) == ()


def test_a_secret_that_cannot_be_opened_says_so_and_can_be_entered_again(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    made = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0)
    ChannelRow.objects.update(config={"url": HOOK["url"], "secret": "v1.broken"})
    with pytest.raises(ChannelError, match="enter the secret again") as error:
        service.test(SYSTEM, made.id, clock.now())
    assert error.value.permanent
    service.update_channel(SYSTEM, made.id, "Hook", HOOK, 2.0)
    service.test(SYSTEM, made.id, clock.now())
