"""Claim, send, write down: nothing lost, nothing repeated without its key, no flood."""

import dataclasses

import msgspec
import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Unavailable
from vedette.notify import delivering, service
from vedette.notify.types import ChannelRef, Delivery, DeliveryState, Notice
from vedette.plumbing.net.memory import Request
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db


def notice(n: int = 1, **changes: object) -> Notice:
    given = {
        "title": f"Error {n}",
        "text": "boom",
        "severity": "high",
        "link": f"https://v/issues/{n}/",
        "at": 1.0,
    }
    return Notice(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def hook(ports: MemoryPorts) -> ChannelRef:
    return service.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/x"}, 1.0)


def keys(ports: MemoryPorts) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in ports.net.requests]


def only() -> Delivery:
    (delivery,) = service.deliveries().deliveries
    return delivery


def test_a_queued_notice_is_sent_once(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> None:
    assert service.queue(hook.id, notice(), "k1", clock.now())
    assert service.lag() == type(service.lag())(1, clock.now())
    assert service.next_due() == clock.now()
    assert service.deliver_due(clock.now()) == 1
    assert service.deliver_due(clock.now() + 9999) == 0
    assert keys(ports) == ["k1"]
    assert (only().state, only().detail) == (DeliveryState.SENT, "HTTP 204")
    assert service.lag().waiting == 0
    assert service.channel(hook.id).last_success_at == clock.now()


def test_the_same_key_is_queued_once(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> None:
    assert service.queue(hook.id, notice(1), "k1", clock.now())
    assert not service.queue(hook.id, notice(2), "k1", clock.now())
    service.deliver_due(clock.now())
    assert not service.queue(hook.id, notice(3), "k1", clock.now())
    service.deliver_due(clock.now())
    assert keys(ports) == ["k1"]


def test_a_failure_is_retried_under_the_same_key(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    ports.net.answer = lambda _: Response(503, {}, b"busy")
    service.queue(hook.id, notice(), "k1", clock.now())
    service.deliver_due(clock.now())
    assert only().state is DeliveryState.RETRYING
    assert only().next_at == pytest.approx(clock.now() + 5, abs=1.1)
    assert service.deliver_due(clock.now() + 1) == 0, "not before it is due"
    clock.forward(7)
    ports.net.answer = lambda _: Response(200, {}, b"")
    service.deliver_due(clock.now())
    assert keys(ports) == ["k1", "k1"]
    assert [(a.number, a.ok, a.detail) for a in only().attempts] == [
        (1, False, "The receiver answered HTTP 503: busy"), (2, True, "HTTP 200"),
    ]  # fmt: skip


def test_a_flood_is_not_bundled_for_what_opens_and_closes_by_name(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    pager = service.create_channel(SYSTEM, "pagerduty", "Pager", {"key": "a" * 32}, 1.0)
    ports.net.answer = lambda _: Response(202, {}, b"")
    for n in range(15):
        service.queue(pager.id, notice(n, group=f"1.{n}", state="resolved"), f"k{n}", clock.now())
    service.deliver_due(clock.now())
    assert len(ports.net.requests) == 15


def test_what_steers_a_terminal_reaches_no_channel(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    evil = notice(
        title="a\x1b[31m\r\nb", text="x\x07\r\ny\u202ez\x9b", labels={"l\x00": "v\x7f"}, reason="r\x1b"
    )
    service.queue(hook.id, evil, "k", clock.now())
    service.deliver_due(clock.now())
    told = msgspec.json.decode(ports.net.requests[0].body)
    assert told["vedette"]["title"] == "a[31m b"
    assert told["vedette"]["text"] == "x\nyz"
    assert told["groupLabels"] == {"l": "v"}
    assert told["vedette"]["reason"] == "r"


def test_retry_after_is_honoured(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> None:
    ports.net.answer = lambda _: Response(429, {"retry-after": "120"}, b"")
    service.queue(hook.id, notice(), "k1", clock.now())
    service.deliver_due(clock.now())
    assert only().next_at == clock.now() + 120


def test_a_permanent_error_fails_at_once(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> None:
    ports.net.answer = lambda _: NetError("10.0.0.1 is a private address", permanent=True)
    service.queue(hook.id, notice(), "k1", clock.now())
    service.deliver_due(clock.now())
    assert only().state is DeliveryState.FAILED
    assert only().detail.startswith("10.0.0.1 is a private address")
    assert service.next_due() is None


def test_after_a_day_of_failures_it_is_given_up(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    ports.net.answer = lambda _: Response(500, {}, b"")
    service.queue(hook.id, notice(), "k1", clock.now())
    end = clock.now() + 86_400
    while (due := service.next_due()) is not None:
        assert due <= end
        clock.forward(due - clock.now())
        service.deliver_due(clock.now())
    assert only().state is DeliveryState.FAILED
    assert 15 <= len(only().attempts) <= 20


def test_a_channel_that_was_switched_off_or_deleted_ends_what_waits(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    service.queue(hook.id, notice(1), "k1", clock.now())
    service.update_channel(SYSTEM, hook.id, "Hook", {"url": "https://hooks.example/x"}, 1.0, enabled=False)
    service.deliver_due(clock.now())
    service.queue(hook.id, notice(2), "k2", clock.now())
    service.delete_channel(SYSTEM, hook.id, 1.0)
    service.deliver_due(clock.now())
    told = {d.idempotency_key: (d.state, d.detail, d.channel) for d in service.deliveries().deliveries}
    assert told == {
        "k1": (DeliveryState.FAILED, "The channel is switched off.", "Hook"),
        "k2": (DeliveryState.FAILED, "The channel was deleted before it could be told.", "Hook"),
    }
    assert keys(ports) == []


class _DiesOnDone(DatabaseOutbox):
    """An outbox whose commit after a send fails as often as it is told to."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def done(self, item_id: int) -> None:
        if self.deaths:
            self.deaths -= 1
            raise Unavailable("the process died here")
        super().done(item_id)


def test_death_between_send_and_commit_repeats_under_the_same_key_and_loses_nothing(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    install(dataclasses.replace(ports, outbox=_DiesOnDone(1)))
    service.queue(hook.id, notice(), "k1", clock.now())
    with pytest.raises(Unavailable):
        service.deliver_due(clock.now())
    assert only().attempts == (), "the log line went back with the transaction"
    assert service.deliver_due(clock.now()) == 0, "held"
    clock.forward(delivering.HOLD)
    service.deliver_due(clock.now())
    assert keys(ports) == ["k1", "k1"]
    assert (only().state, len(only().attempts)) == (DeliveryState.SENT, 1)


def test_death_between_claim_and_send_loses_nothing(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    class DeathError(Exception):
        pass

    def die(_: Request) -> Response:
        raise DeathError

    ports.net.answer = die
    service.queue(hook.id, notice(), "k1", clock.now())
    with pytest.raises(DeathError):
        service.deliver_due(clock.now())
    ports.net.answer = lambda _: Response(204, {}, b"")
    clock.forward(delivering.HOLD)
    service.deliver_due(clock.now())
    assert only().state is DeliveryState.SENT


def test_a_notice_that_kills_the_process_every_time_is_given_up(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    class DeathError(Exception):
        pass

    def die(_: Request) -> Response:
        raise DeathError

    ports.net.answer = die
    service.queue(hook.id, notice(), "k1", clock.now())
    for _ in range(delivering.MOST_UNFINISHED):
        with pytest.raises(DeathError):
            service.deliver_due(clock.now())
        clock.forward(delivering.HOLD)
    service.deliver_due(clock.now())
    assert only().state is DeliveryState.FAILED
    assert "not tried again" in only().detail


def test_a_flood_is_ten_notices_and_one_bundle(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    for n in range(50):
        service.queue(hook.id, notice(n), f"k{n}", clock.now())
    assert service.deliver_due(clock.now()) == 50
    assert keys(ports) == [f"k{n}" for n in range(10)]
    assert service.next_due() == clock.now() + 60
    service.queue(hook.id, notice(50), "k50", clock.now() + 30)
    service.deliver_due(clock.now() + 30)
    clock.forward(60)
    assert service.deliver_due(clock.now()) == 1
    assert len(keys(ports)) == 11
    assert b"Error 10, and 40 more" in ports.net.requests[-1].body
    states = [d.state for d in service.deliveries(n=100).deliveries]
    assert states.count(DeliveryState.BUNDLED) == 41
    assert states.count(DeliveryState.SENT) == 11
    assert service.lag().waiting == 0


def test_a_bundle_that_fails_says_the_same_on_its_next_try(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    for n in range(12):
        service.queue(hook.id, notice(n), f"k{n}", clock.now())
    service.deliver_due(clock.now())
    clock.forward(60)
    ports.net.answer = lambda _: Response(503, {}, b"")
    service.deliver_due(clock.now())
    for n in range(20, 40):
        service.queue(hook.id, notice(n), f"k{n}", clock.now())
    ports.net.answer = lambda _: Response(204, {}, b"")
    clock.forward(10)
    service.deliver_due(clock.now())
    tries = [r for r in ports.net.requests if r.headers["Idempotency-Key"].startswith("bundle.")]
    assert len(tries) == 2
    assert tries[0] == tries[1]


def test_one_flooded_channel_does_not_hold_back_another(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    mail = service.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    for n in range(20):
        service.queue(hook.id, notice(n), f"k{n}", clock.now())
    service.queue(mail.id, notice(99), "m", clock.now())
    service.deliver_due(clock.now())
    assert [message["Subject"] for message in ports.mail.sent] == ["[Vedette] Error 99"]


def test_a_retry_is_never_bundled_for_it_may_have_been_sent(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    install(dataclasses.replace(ports, outbox=_DiesOnDone(1)))
    service.queue(hook.id, notice(), "first", clock.now())
    with pytest.raises(Unavailable):
        service.deliver_due(clock.now())
    clock.forward(delivering.HOLD - 1)
    for n in range(15):
        service.queue(hook.id, notice(n), f"k{n}", clock.now())
    service.deliver_due(clock.now())
    clock.forward(1)
    service.deliver_due(clock.now())
    assert keys(ports).count("first") == 2


def test_work_of_another_room_or_of_a_forgotten_delivery_is_put_away(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    ports.outbox.add("other", b"x", "o1", clock.now())
    ports.outbox.add("notify", b"987", "o2", clock.now())
    service.deliver_due(clock.now())
    assert service.next_due() is None


def test_the_log_is_read_in_pages_and_narrowed(
    ports: MemoryPorts, clock: ManualClock, hook: ChannelRef
) -> None:
    for n in range(5):
        service.queue(hook.id, notice(n), f"k{n}", clock.now() + n)
    service.deliver_due(clock.now())
    first = service.deliveries(n=3)
    second = service.deliveries(n=3, cursor=first.cursor)
    assert [d.idempotency_key for d in first.deliveries + second.deliveries] == ["k4", "k3", "k2", "k1", "k0"]
    assert second.cursor is None
    assert [d.idempotency_key for d in service.deliveries(state=DeliveryState.SENT).deliveries] == ["k0"]
    assert service.deliveries(channel_id=hook.id + 1).deliveries == ()
    assert service.deliveries_of(["k0", "nope"])["k0"].state is DeliveryState.SENT
    assert service.delivery_counts(0.0) == {DeliveryState.SENT: 1, DeliveryState.QUEUED: 4}


def test_old_lines_go_and_what_waits_stays(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> None:
    service.queue(hook.id, notice(1), "k1", clock.now())
    service.deliver_due(clock.now())
    service.queue(hook.id, notice(2), "k2", clock.now())
    assert service.drop_before(clock.now() + 1) == 1
    assert only().idempotency_key == "k2"
