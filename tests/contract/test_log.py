"""Every EventLog keeps what it took, hands it out in order, and again until it is acked."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from found import adapters
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from vedette.core.clock import ManualClock, monotonic
from vedette.core.errors import NotFound, Unavailable
from vedette.plumbing.log.memory import MemoryEventLog
from vedette.plumbing.log.port import EventLog, Lag
from vedette.plumbing.log.sqlite import SqliteEventLog

GROUPS = {"errors": frozenset({"event"}), "all": frozenset({"event", "check_in"})}
NOW = 1_764_000_000.0
Make = Callable[[], EventLog]


def sqlite(folder: Path, **options: int) -> SqliteEventLog:
    log = SqliteEventLog(folder / "journal", GROUPS, clock=ManualClock(NOW), **options)
    assert log.wait_open(5)
    return log


MAKERS: dict[str, Callable[..., EventLog]] = {
    "MemoryEventLog": lambda _, **options: MemoryEventLog(GROUPS, **options),
    "SqliteEventLog": sqlite,
}
DURABLE = {"SqliteEventLog"}


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("log", EventLog) == set(MAKERS)


@pytest.fixture(params=sorted(MAKERS))
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    made = MAKERS[request.param](tmp_path)
    yield made
    made.close()


def put(log: EventLog, body: bytes, subject: str = "event", now: float = NOW) -> int:
    return log.publish(subject, body, body.hex(), now).result(10)


def test_a_message_comes_back_as_it_went_in(log: EventLog) -> None:
    seq = put(log, b"\x00body" * 1000)
    (message,) = log.pull("errors", 10, NOW)
    assert (message.seq, message.subject, message.body) == (seq, "event", b"\x00body" * 1000)
    assert (message.msg_id, message.at, message.attempt) == ((b"\x00body" * 1000).hex(), NOW, 1)


def test_what_is_acked_goes_at_once_when_asked(log: EventLog) -> None:
    assert log.tidy() is None
    first = put(log, b"first")
    second = put(log, b"second", now=NOW + 1)
    kept = log.tidy()
    assert kept is not None
    assert kept <= first
    log.pull("errors", 10, NOW)
    log.pull("all", 10, NOW)
    log.ack("errors", [first, second])
    log.ack("all", [first])
    kept = log.tidy()
    assert kept is not None
    assert kept <= second
    log.ack("all", [second])
    assert log.tidy() is None
    assert put(log, b"third", now=NOW + 2) > second


def test_an_empty_body_is_a_body(log: EventLog) -> None:
    put(log, b"")
    assert [m.body for m in log.pull("errors", 10, NOW)] == [b""]


def test_seqs_grow_from_the_microseconds_of_the_clock(log: EventLog) -> None:
    first, second, third = put(log, b"a"), put(log, b"b"), put(log, b"c", now=NOW + 1)
    assert (first, second, third) == (int(NOW * 1e6), int(NOW * 1e6) + 1, int((NOW + 1) * 1e6))


def test_a_clock_that_goes_back_does_not_bring_a_seq_back(log: EventLog) -> None:
    first = put(log, b"a")
    assert put(log, b"b", now=NOW - 3600) == first + 1


def test_pull_hands_each_message_out_once_and_in_order(log: EventLog) -> None:
    seqs = [put(log, b"%d" % n) for n in range(7)]
    pulled = [m.seq for _ in range(4) for m in log.pull("errors", 3, NOW)]
    assert pulled == seqs


def test_groups_read_their_subjects_and_do_not_disturb_each_other(log: EventLog) -> None:
    put(log, b"e")
    put(log, b"c", "check_in")
    put(log, b"n", "nobody")
    log.ack("errors", [m.seq for m in log.pull("errors", 9, NOW)])
    assert [m.body for m in log.pull("errors", 9, NOW)] == []
    assert [m.body for m in log.pull("all", 9, NOW)] == [b"e", b"c"]


def test_an_unknown_group_is_named(log: EventLog) -> None:
    with pytest.raises(NotFound, match="strangers"):
        log.pull("strangers", 1, NOW)


def test_what_is_given_back_comes_again_after_its_delay_with_a_higher_attempt(log: EventLog) -> None:
    first, second = put(log, b"a"), put(log, b"b")
    log.pull("errors", 2, NOW)
    log.nak("errors", [first], NOW, 5)
    assert log.pull("errors", 2, NOW + 4.9) == []
    (again,) = log.pull("errors", 2, NOW + 5)
    assert (again.seq, again.attempt, again.body) == (first, 2, b"a")
    log.ack("errors", [first, second])
    assert log.lag("errors") == Lag(0, None)


def test_what_was_given_back_comes_before_younger_messages(log: EventLog) -> None:
    first = put(log, b"a")
    log.pull("errors", 1, NOW)
    second = put(log, b"b")
    log.nak("errors", [first], NOW, 0)
    assert [m.seq for m in log.pull("errors", 2, NOW)] == [first, second]


def test_an_ack_of_what_was_given_back_or_never_pulled_counts(log: EventLog) -> None:
    first, second, third = put(log, b"a"), put(log, b"b"), put(log, b"c")
    log.pull("errors", 1, NOW)
    log.nak("errors", [first], NOW, 60)
    log.ack("errors", [first, third, third])
    assert [m.seq for m in log.pull("errors", 9, NOW + 61)] == [second]


def test_lag_counts_until_the_ack_and_tells_the_oldest(log: EventLog) -> None:
    first = put(log, b"a")
    put(log, b"b", now=NOW + 3)
    assert log.lag("errors") == Lag(2, NOW)
    log.pull("errors", 1, NOW + 4)
    assert log.lag("errors") == Lag(2, NOW)
    log.ack("errors", [first])
    assert log.lag("errors") == Lag(1, NOW + 3)


def test_pull_waits_for_the_first_message_and_wakes_at_once(log: EventLog) -> None:
    got: list[float] = []
    begun = threading.Event()

    def consume() -> None:
        begun.set()
        log.ack("errors", [m.seq for m in log.pull("errors", 1, NOW, wait=20)])
        got.append(monotonic())

    consumer = threading.Thread(target=consume)
    consumer.start()
    begun.wait()
    put(log, b"a")
    published = monotonic()
    consumer.join(10)
    assert got[0] - published < 1


def test_pull_wakes_for_what_falls_due_while_it_waits(log: EventLog) -> None:
    seq = put(log, b"a")
    log.pull("errors", 1, NOW)
    log.nak("errors", [seq], NOW, 0.05)
    assert [m.attempt for m in log.pull("errors", 1, NOW, wait=20)] == [2]


def test_many_publishers_lose_nothing(log: EventLog) -> None:
    seqs: list[int] = []

    def publish(who: int) -> None:
        seqs.extend(put(log, b"%d/%d" % (who, n)) for n in range(50))

    threads = [threading.Thread(target=publish, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = log.pull("errors", 1000, NOW)
    assert [m.seq for m in messages] == sorted(set(seqs))
    assert {m.body for m in messages} == {b"%d/%d" % (w, n) for w in range(8) for n in range(50)}


def test_after_close_a_publish_fails_and_a_pull_ends(log: EventLog) -> None:
    put(log, b"a")
    log.close()
    with pytest.raises(Unavailable):
        put(log, b"b")
    assert log.pull("errors", 1, NOW, wait=0) is not None


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_full_log_refuses_and_takes_again_once_there_is_room(name: str, tmp_path: Path) -> None:
    log = MAKERS[name](tmp_path, max_bytes=200_000)
    taken = 0
    with pytest.raises(Unavailable):  # noqa: PT012 - which of them fails depends on the adapter
        for n in range(100):
            put(log, bytes(range(256)) * 40 + b"%d" % n * 1000)
            taken += 1
    assert 1 <= taken < 100
    for group in GROUPS:
        log.ack(group, [m.seq for m in log.pull(group, 1000, NOW)])
    if isinstance(log, SqliteEventLog):
        log.tick(NOW + 31)
    assert put(log, b"room") > 0
    log.close()


@pytest.mark.parametrize("name", sorted(DURABLE))
def test_what_was_not_acked_is_handed_out_again_after_a_restart(name: str, tmp_path: Path) -> None:
    log = MAKERS[name](tmp_path)
    seqs = [put(log, b"%d" % n * 500) for n in range(6)]
    log.pull("errors", 4, NOW)
    log.ack("errors", [seqs[1], seqs[2]])
    log.close()
    log = MAKERS[name](tmp_path)
    assert [m.seq for m in log.pull("errors", 9, NOW)] == [seqs[0], *seqs[3:]]
    assert [(m.seq, m.body) for m in log.pull("all", 2, NOW)] == [
        (seqs[0], b"0" * 500),
        (seqs[1], b"1" * 500),
    ]
    log.close()


@pytest.mark.parametrize("name", sorted(DURABLE))
def test_a_seq_is_never_used_again(name: str, tmp_path: Path) -> None:
    log = MAKERS[name](tmp_path)
    last = put(log, b"a", now=NOW + 900)
    for group in GROUPS:
        log.ack(group, [m.seq for m in log.pull(group, 9, NOW)])
    log.tick(NOW + 2000)
    log.close()
    log = MAKERS[name](tmp_path)
    assert put(log, b"b", now=NOW) > last
    log.close()


class Model(RuleBasedStateMachine):
    """The log against a dictionary of what each group has still to do."""

    name = ""
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.runs = getattr(type(self), "runs", 0) + 1
        type(self).runs = self.runs
        self.log = self.make()
        self.bodies: dict[int, bytes] = {}
        self.ready: dict[str, dict[int, float]] = {group: {} for group in GROUPS}
        self.held: dict[str, set[int]] = {group: set() for group in GROUPS}

    def make(self) -> EventLog:
        return MAKERS[self.name](self.folder / str(self.runs))

    @rule(subject=st.sampled_from(["event", "check_in", "nobody"]), body=st.binary(max_size=600))
    def publish(self, subject: str, body: bytes) -> None:
        seq = put(self.log, body, subject, self.now)
        assert seq > max(self.bodies, default=0)
        self.bodies[seq] = body
        for group, subjects in GROUPS.items():
            if subject in subjects:
                self.ready[group][seq] = self.now

    @rule(group=st.sampled_from(sorted(GROUPS)), n=st.integers(1, 4))
    def pull(self, group: str, n: int) -> None:
        ready = sorted(seq for seq, due in self.ready[group].items() if due <= self.now)
        messages = self.log.pull(group, n, self.now)
        assert [(m.seq, m.body) for m in messages] == [(seq, self.bodies[seq]) for seq in ready[:n]]
        for seq in ready[:n]:
            del self.ready[group][seq]
            self.held[group].add(seq)

    @rule(group=st.sampled_from(sorted(GROUPS)), data=st.data(), delay=st.floats(0, 3))
    def nak(self, group: str, data: st.DataObject, delay: float) -> None:
        seqs = data.draw(st.sets(st.sampled_from(sorted(self.held[group])))) if self.held[group] else set()
        self.log.nak(group, sorted(seqs), self.now, delay)
        self.held[group] -= seqs
        self.ready[group].update(dict.fromkeys(seqs, self.now + delay))

    @rule(group=st.sampled_from(sorted(GROUPS)), data=st.data())
    def ack(self, group: str, data: st.DataObject) -> None:
        known = sorted(self.bodies)
        seqs = data.draw(st.sets(st.sampled_from(known), max_size=3)) if known else set()
        self.log.ack(group, sorted(seqs))
        self.held[group] -= seqs
        for seq in seqs:
            self.ready[group].pop(seq, None)

    @rule(seconds=st.floats(0, 40))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        if isinstance(self.log, SqliteEventLog):
            self.log.tick(self.now)

    @precondition(lambda self: self.name in DURABLE)
    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = self.make()
        for group in GROUPS:
            waiting = self.held[group] | set(self.ready[group])
            self.ready[group] = dict.fromkeys(waiting, 0.0)
            self.held[group] = set()

    @invariant()
    def lag_is_right(self) -> None:
        for group in GROUPS:
            assert self.log.lag(group).waiting == len(self.ready[group]) + len(self.held[group])

    def teardown(self) -> None:
        self.log.close()


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_any_course_of_events(name: str, tmp_path: Path) -> None:
    model = type("Case", (Model,), {"name": name, "folder": tmp_path})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        model,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=checks
        ),
    )
