"""Leaky buckets: as a plain model says, in any order of lines, bounded, and with who tries most kept."""

import functools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.agent.detect.buckets import Buckets, Room
from vedette.instruments.logs.types import EntryKind, LogEntry


def made(room: Room | None = None, *, capacity: int = 5, leak: float = 10.0, again: float = 0.0, distinct: bool = False) -> Buckets:  # fmt: skip
    return Buckets(room or Room(), capacity=capacity, leak=leak, again=again, distinct=distinct, mark=lambda entry: int(entry.user))  # fmt: skip


@functools.cache
def told(mark: int = 0, line: str = "line") -> LogEntry:
    return LogEntry(parser="p", event="e", kind=EntryKind.OTHER, service="s", at=0.0, user=str(mark), line=line)  # fmt: skip


def pour(buckets: Buckets, at: float, mark: int = 0, key: str = "a") -> bool:
    state = buckets.pour(key, at, told(mark))
    if state is not None:
        buckets.fired(state, at)
    return state is not None


@given(st.lists(st.floats(0, 60), max_size=60), st.integers(0, 8), st.sampled_from([0.5, 1.0, 7.0]))
def test_it_overflows_as_a_bucket_of_water_does(steps: list[float], capacity: int, leak: float) -> None:
    buckets, level, at = made(capacity=capacity, leak=leak), 0.0, 1000.0
    for step in steps:
        at += step
        level = max(0.0, level - step / leak) + 1
        over = level > capacity + 1e-5
        if abs(level - capacity) > 1e-4:  # on the brim to a hair, floats decide
            assert pour(buckets, at) is over
        elif pour(buckets, at):
            over = True
        level = 0.0 if over else level


def test_six_in_a_minute_are_too_many_and_six_in_an_hour_are_not() -> None:
    fast, slow = made(), made()
    assert [pour(fast, 1.0 * n) for n in range(6)] == [False] * 5 + [True]
    assert not any(pour(slow, 600.0 * n) for n in range(60))


def test_it_is_quiet_after_it_overflowed_and_then_begins_anew() -> None:
    buckets = made(capacity=1, again=100)
    assert [pour(buckets, at) for at in (0, 1, 2, 50, 99)] == [False, True, False, False, False]
    assert [pour(buckets, at) for at in (102, 103)] == [False, True]


@given(st.permutations(range(12)))
def test_lines_out_of_order_count_as_those_in_order(order: list[int]) -> None:
    buckets = made(capacity=11, leak=60)
    assert [pour(buckets, 1000.0 + at) for at in order].count(True) == 1


def test_a_line_older_than_the_bucket_remembers_counts_for_nothing() -> None:
    buckets = made(capacity=2, leak=10)
    assert not any([pour(buckets, 1000), pour(buckets, 100), pour(buckets, 100), pour(buckets, 100)])
    assert buckets.level("a", 1000) == 1


def test_a_value_that_was_seen_is_no_other_drop() -> None:
    buckets = made(capacity=2, distinct=True)
    assert not any(pour(buckets, n, mark=1) for n in range(50))
    assert [pour(buckets, 50, mark=2), pour(buckets, 51, mark=3)] == [
        False,
        False,
    ]  # the first is forgotten by now
    assert pour(buckets, 51, mark=4)


def test_a_success_takes_back_what_is_its_own_and_nothing_else() -> None:
    buckets = made(capacity=5, leak=1000)
    for mark in (1, 1, 2, 2, 2):
        pour(buckets, 0.0, mark)
    buckets.forgive("a", 1)
    assert round(buckets.level("a", 0.0)) == 3
    buckets.forgive("a", 2)
    buckets.forgive("nobody", 2)
    assert buckets.level("a", 0.0) == 0
    assert "a" not in buckets.states


def test_evidence_is_bounded_and_given_back() -> None:
    room = Room(lines=3)
    buckets = made(room, capacity=9, leak=1000)
    for key in "abc":
        for n in range(5):
            buckets.pour(key, n, told(line="x" * 5_000))
    assert [len(buckets.states[key].lines) for key in "abc"] == [2, 1, 0]
    assert all(len(line) == 400 for state in buckets.states.values() for line in state.lines)
    buckets.drop(["a", "b", "c", "d"])
    assert (room.lines_left, room.used) == (3, 0)


def test_among_very_many_addresses_who_tries_most_is_kept() -> None:
    room = Room(states=1_000)
    many, few = made(room, leak=86_400), made(room, leak=600)
    chance = random.Random(1)
    heavy = [f"heavy{n}" for n in range(20)]
    fired = set()
    for n in range(20_000):
        key = chance.choice(heavy) if n % 25 == 0 else f"once{n}"
        for buckets in (many, few):
            if pour(buckets, n / 100, key=key):
                fired.add(key)
    assert fired == set(heavy)
    assert room.used <= 1_000
    assert room.used == len(many.states) + len(few.states)
    assert room.evicted > 15_000


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_ten_million_addresses_are_no_more_memory_and_hide_nobody() -> None:
    room = Room()
    buckets = made(room, leak=600)
    fired = set()
    for n in range(10_000_000):
        if n % 10_000 == 0:
            if pour(buckets, n / 5_000, key="heavy"):
                fired.add(n)
        elif pour(buckets, n / 5_000, key=f"{n:x}"):
            raise AssertionError(n)
    assert len(fired) > 100
    assert room.used == len(buckets.states) <= room.most


def test_what_ran_empty_goes_first() -> None:
    room = Room(states=100)
    buckets = made(room, capacity=50, leak=10)
    for n in range(99):
        pour(buckets, n, key=f"early{n}")
    for n in range(3):
        pour(buckets, 10_000.0, key=f"late{n}")
    assert sorted(buckets.states) == ["late0", "late1", "late2"]
