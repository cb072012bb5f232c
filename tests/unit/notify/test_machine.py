"""Any mixture of notices, failures, deaths and time: nothing is lost, and nothing repeats without its key."""

import contextlib
import dataclasses
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Unavailable
from vedette.core.settings import Settings
from vedette.notify import bound, delivering, service
from vedette.notify.models import ChannelRow, DeliveryRow
from vedette.notify.types import DeliveryState, Notice
from vedette.plumbing.db.models import OutboxRow
from vedette.plumbing.net.memory import Request
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports

HOOK = {"url": "https://hooks.example/x"}


class DeathError(Exception):
    """The process ends here."""


class MortalOutbox(DatabaseOutbox):
    """An outbox whose next commit after a send may be the end of the process."""

    dies = False

    def done(self, item_id: int) -> None:
        if self.dies:
            self.dies = False
            raise Unavailable("the process died before the commit")
        super().done(item_id)


class Delivering(RuleBasedStateMachine):
    """One channel, a receiver that remembers what it accepted, and a process that may die at any seam."""

    def __init__(self) -> None:
        super().__init__()
        DeliveryRow.objects.all().delete()
        ChannelRow.objects.all().delete()
        OutboxRow.objects.all().delete()
        self.clock, self.outbox = ManualClock(), MortalOutbox()
        self.ports = dataclasses.replace(
            memory_ports(self.clock, Settings(base_url="https://v.example")), outbox=self.outbox
        )
        self.ports.net.answer = self.receive
        install(self.ports)
        self.channel = service.create_channel(SYSTEM, "webhook", "Hook", HOOK, 1.0).id
        self.mood = "accepts"
        self.queued: list[str] = []
        self.accepted: list[tuple[float, str]] = []
        self.deaths: Counter[str] = Counter()

    def receive(self, request: Request) -> Response | NetError:
        if self.mood == "dies":
            self.mood = "accepts"
            raise DeathError
        if self.mood == "busy":
            return Response(503, {}, b"")
        if self.mood == "refuses":
            return Response(404, {}, b"")
        key = request.headers["Idempotency-Key"]
        self.accepted.append((self.clock.now(), key))
        self.deaths[key] += self.outbox.dies
        return Response(204, {}, b"")

    @rule(n=st.integers(1, 15))
    def queue(self, n: int) -> None:
        for _ in range(n):
            key = f"k{len(self.queued)}"
            notice = Notice(title=key, text="", severity="high", link="https://v/", at=1.0)
            assert service.queue(self.channel, notice, key, self.clock.now())
            assert not service.queue(self.channel, notice, key, self.clock.now())
            self.queued.append(key)

    @rule(mood=st.sampled_from(["accepts", "busy", "refuses", "dies"]))
    def change_mood(self, mood: str) -> None:
        self.mood = mood

    @rule(seconds=st.sampled_from([1.0, 5.0, delivering.HOLD, bound.WINDOW, 3_600.0]))
    def wait(self, seconds: float) -> None:
        self.clock.forward(seconds)

    @precondition(lambda self: self.mood == "accepts")
    @rule()
    def be_mortal(self) -> None:
        self.outbox.dies = True

    @rule()
    def deliver(self) -> None:
        with contextlib.suppress(DeathError, Unavailable):
            service.deliver_due(self.clock.now())

    def teardown(self) -> None:
        """Let all be well, work everything off, and count."""
        self.mood, self.outbox.dies = "accepts", False
        while (due := service.next_due()) is not None:
            self.clock.forward(max(0.0, due - self.clock.now()))
            service.deliver_due(self.clock.now())
        assert service.lag().waiting == 0
        times = Counter(key for _, key in self.accepted)
        for row in DeliveryRow.objects.select_related("bundle"):
            assert times[row.idempotency_key] <= 1 + self.deaths[row.idempotency_key]
            if row.state == DeliveryState.SENT.value:
                assert times[row.idempotency_key] >= 1
            elif row.state == DeliveryState.BUNDLED.value:
                assert row.bundle is not None
                assert row.bundle.state in {DeliveryState.SENT.value, DeliveryState.FAILED.value}
                assert times[row.idempotency_key] == 0 or self.deaths[row.idempotency_key]
            else:
                assert row.state == DeliveryState.FAILED.value
                assert row.detail
        single = DeliveryRow.objects.filter(is_bundle=False)
        assert sorted(single.values_list("idempotency_key", flat=True)) == sorted(self.queued)


@pytest.mark.django_db
def test_nothing_is_lost_and_nothing_repeats_without_its_key() -> None:
    run_state_machine_as_test(
        Delivering,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
