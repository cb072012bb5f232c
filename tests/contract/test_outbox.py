"""Every Outbox takes a key once, hands work out to one claimer at a time, and never forgets what is open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction
from found import adapters
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from vedette.plumbing.db import sql
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.outbox.memory import MemoryOutbox
from vedette.plumbing.outbox.port import Outbox, OutboxState, OutboxStatus

MAKERS: dict[str, Callable[[], Outbox]] = {"MemoryOutbox": MemoryOutbox, "DatabaseOutbox": DatabaseOutbox}


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("outbox", Outbox) == set(MAKERS)


@pytest.fixture(params=sorted(MAKERS))
def outbox(request: pytest.FixtureRequest, core_db: Path) -> Outbox:
    return MAKERS[request.param]()


def test_work_is_claimed_as_it_was_added(outbox: Outbox) -> None:
    assert outbox.add("email", b"\x00payload", "key-1", 100)
    assert outbox.claim(5, 99.9, 60) == []
    (item,) = outbox.claim(5, 100, 60)
    assert (item.topic, item.payload, item.idempotency_key, item.attempt) == (
        "email",
        b"\x00payload",
        "key-1",
        1,
    )
    assert item.not_before == 160


def test_a_key_is_taken_once_even_when_its_work_is_done(outbox: Outbox) -> None:
    assert outbox.add("email", b"1", "key", 100)
    assert not outbox.add("webhook", b"2", "key", 50)
    (item,) = outbox.claim(5, 100, 60)
    assert item.payload == b"1"
    outbox.done(item.id)
    assert not outbox.add("email", b"3", "key", 100)
    assert outbox.next_due() is None


def test_claimed_work_is_hidden_and_comes_back_when_nobody_finishes_it(outbox: Outbox) -> None:
    outbox.add("email", b"1", "key", 100)
    outbox.claim(1, 100, 60)
    assert outbox.claim(1, 159, 60) == []
    assert outbox.next_due() == 160
    (again,) = outbox.claim(1, 160, 60)
    assert (again.attempt, again.idempotency_key) == (2, "key")


def test_the_earliest_due_comes_first(outbox: Outbox) -> None:
    for key, due in (("c", 102), ("a", 100), ("b", 101), ("a2", 100), ("later", 200)):
        outbox.add("email", b"", key, due)
    assert [item.idempotency_key for item in outbox.claim(3, 150, 60)] == ["a", "a2", "b"]
    assert [item.idempotency_key for item in outbox.claim(3, 150, 60)] == ["c"]


def test_retry_puts_it_back_with_the_reason(outbox: Outbox) -> None:
    outbox.add("email", b"1", "key", 100)
    (item,) = outbox.claim(1, 100, 60)
    outbox.retry(item.id, 130, "451 later")
    assert outbox.status(item.id) == OutboxStatus(OutboxState.OPEN, 1, "451 later")
    assert outbox.claim(1, 129, 60) == []
    assert outbox.claim(1, 130, 60)[0].attempt == 2


def test_what_failed_or_is_done_stays_so(outbox: Outbox) -> None:
    outbox.add("email", b"1", "bad", 100)
    outbox.add("email", b"1", "good", 101)
    bad, good = outbox.claim(2, 101, 60)
    outbox.fail(bad.id, "550 no such user")
    outbox.done(good.id)
    for item in (bad, good):
        outbox.retry(item.id, 0, "too late")
    outbox.done(bad.id)
    outbox.fail(good.id, "too late")
    assert outbox.status(bad.id) == OutboxStatus(OutboxState.FAILED, 1, "550 no such user")
    assert outbox.status(good.id) == OutboxStatus(OutboxState.DONE, 1, "")
    assert outbox.claim(9, 1e9, 60) == []


def test_old_work_that_ended_is_forgotten_and_open_work_never(outbox: Outbox) -> None:
    for key in ("done", "open"):
        outbox.add("email", b"1", key, 100)
    first, second = outbox.claim(2, 100, 60)
    outbox.done(first.id)
    assert outbox.forget_before(160) == 0
    assert outbox.forget_before(161) == 1
    assert outbox.status(first.id) is None
    assert outbox.status(second.id) is not None
    assert outbox.add("email", b"1", "done", 300)


def test_added_work_vanishes_with_its_transaction(core_db: Path) -> None:
    outbox = DatabaseOutbox()

    with transaction.atomic():
        assert outbox.add("email", b"1", "key", 100)
        transaction.set_rollback(True)
    assert outbox.next_due() is None
    with sql.transaction():
        outbox.add("email", b"1", "key", 100)
    (item,) = outbox.claim(1, 100, 60)
    with transaction.atomic():
        outbox.done(item.id)
        transaction.set_rollback(True)
    assert outbox.status(item.id) == OutboxStatus(OutboxState.OPEN, 1, "")


def test_an_idle_claim_takes_no_write_lock(core_db: Path) -> None:
    outbox = DatabaseOutbox()
    outbox.add("email", b"1", "key", 100)

    def claim() -> int:
        got = len(outbox.claim(1, 50, 60))
        connection.close()
        return got

    with sql.transaction(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(claim).result(3) == 0


def test_racing_claimers_share_the_work(core_db: Path) -> None:
    outbox = DatabaseOutbox()
    for n in range(60):
        outbox.add("email", b"", f"key-{n}", 100)

    def claim(_: int) -> list[str]:
        got: list[str] = []
        while items := outbox.claim(4, 100, 60):
            got += [item.idempotency_key for item in items]
        connection.close()
        return got

    with ThreadPoolExecutor(4) as pool:
        claimed = [key for keys in pool.map(claim, range(4)) for key in keys]
    assert sorted(claimed) == sorted(f"key-{n}" for n in range(60))


class Model(RuleBasedStateMachine):
    """An outbox against a dictionary."""

    name = ""
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.outbox = MAKERS[self.name]()
        for item in self.outbox.claim(1000, 1e12, 0):
            self.outbox.done(item.id)
        self.now = 100.0
        self.due: dict[str, float] = {}
        self.tries: dict[str, int] = {}
        self.ids: dict[str, int] = {}

    @rule(n=st.integers(0, 6), delay=st.floats(0, 20))
    def add(self, n: int, delay: float) -> None:
        key = f"{self.runs}/{n}"
        assert self.outbox.add("t", b"", key, self.now + delay) == (key not in self.tries)
        if key not in self.tries:
            self.due[key], self.tries[key] = self.now + delay, 0

    @rule(n=st.integers(1, 3), hold=st.floats(1, 20))
    def claim(self, n: int, hold: float) -> None:
        items = self.outbox.claim(n, self.now, hold)
        ready = sorted(due for due in self.due.values() if due <= self.now)[:n]
        assert [self.due[item.idempotency_key] for item in items] == ready
        for item in items:
            key = item.idempotency_key
            self.tries[key] += 1
            assert item.attempt == self.tries[key]
            self.due[key], self.ids[key] = self.now + hold, item.id

    @rule(data=st.data(), what=st.sampled_from(["done", "fail", "retry"]), delay=st.floats(0, 20))
    def end(self, data: st.DataObject, what: str, delay: float) -> None:
        if not self.ids:
            return
        key = data.draw(st.sampled_from(sorted(self.ids)))
        if what == "retry":
            self.outbox.retry(self.ids[key], self.now + delay, "again")
            if key in self.due:
                self.due[key] = self.now + delay
            return
        getattr(self.outbox, what)(*([self.ids[key], "no"] if what == "fail" else [self.ids[key]]))
        self.due.pop(key, None)

    @rule(seconds=st.floats(0, 15))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def the_next_is_known(self) -> None:
        assert self.outbox.next_due() == min(self.due.values(), default=None)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_any_course_of_events(name: str, core_db: Path) -> None:
    model = type("Case", (Model,), {"name": name})
    run_state_machine_as_test(
        model, settings=settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    )
