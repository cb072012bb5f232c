"""Rates in a real Redis: the same counts as in memory, for all processes, and what happens when it is away."""

import asyncio
import secrets
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import DOORS, Act, Ask, Door, ask_asgi, ask_wsgi, raw_asgi, raw_wsgi
from guard.tests.vedette import Told
from tests.support.databases import redis
from vedette_guard import Counting, Guard, Policy, PolicyError, Rate, WsgiGuard
from vedette_guard.counting import Store
from vedette_guard.decisions.rates import Metre

# One of each kind: what counts is behind them.
each_kind = pytest.mark.parametrize(
    "door", [door for door in DOORS if door.name == door.kind], ids=lambda door: door.name
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of a Redis of our own."""
    with redis() as port:
        yield f"redis://127.0.0.1:{port}/0"


def policy(url: str, *rates: Rate, **said: Any) -> Policy:
    """Return rates in Redis; each test has names of its own there."""
    said.setdefault("timeout_ms", 5000)
    return Policy(rates=rates, counting=Counting(url=url, prefix=secrets.token_hex(8), **said))


@each_kind
def test_what_is_told_is_what_memory_tells(door: Door, url: str) -> None:
    ask = door.open(
        Act(), policy(url, Rate("all", limit=3, per="1h"), Rate("many", limit=9, per="2h", by=("route",)))
    )
    for left in (2, 1, 0):
        answer = ask()
        assert answer.status == 200
        assert answer.one("ratelimit-policy") == '"all";q=3;w=3600, "many";q=9;w=7200'
        assert (answer.one("ratelimit") or "").startswith(f'"all";r={left};t=')
    refused = ask()
    assert refused.status == 429
    assert 1190 <= int(refused.one("retry-after") or 0) <= 1200
    assert '"many";r=5;t=' in (ask(peer="203.0.113.9").one("ratelimit") or ""), (
        "the refused one counted against nothing"
    )


def test_processes_count_together(url: str) -> None:
    said = policy(url, Rate("all", limit=2, per="1h"))
    doors = [
        lambda: ask_asgi(Guard(raw_asgi(Act()), said), Ask()),
        lambda: ask_wsgi(WsgiGuard(raw_wsgi(Act()), said), Ask()),
    ]
    assert [doors[n % 2]().status for n in range(4)] == [200, 200, 429, 429]


def test_a_rate_is_restored_by_the_clock_of_the_store(url: str) -> None:
    store = Store(Counting(url=url, prefix="restored", timeout_ms=5000), Clock())
    metre = Metre(Rate("fast", limit=100, per="1s", burst=1))
    allowed = refused = 0
    while allowed < 4:  # ten milliseconds each
        (done,) = store.take([(metre, "one")]) or [None]
        assert done is not None
        allowed, refused = allowed + done[0], refused + (not done[0])
    assert refused > 0
    assert store.failures == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from("ab"), max_size=12), st.integers(1, 4), st.integers(1, 6))
def test_the_script_decides_as_memory_does(url: str, asked: list[str], one: int, two: int) -> None:
    """In an hour's rate nothing is restored while the test runs, so both must say the same."""
    from vedette_guard.buckets import Buckets

    store = Store(Counting(url=url, prefix=secrets.token_hex(8), timeout_ms=5000), Clock())
    memory = Buckets()
    metres = [Metre(Rate("one", limit=one, per="1y")), Metre(Rate("two", limit=two, per="1y"))]
    for key in asked:
        wanted: list[tuple[Metre, object]] = [(metres[0], key), (metres[1], "all")]
        found, expected = store.take(wanted), memory.take(wanted, 1000.0)
        assert found is not None
        assert [step[0] for step in found] == [step[0] for step in expected]
        assert [step[2] for step in found] == [step[2] for step in expected]


@pytest.fixture
def silent() -> Iterator[str]:
    """Return the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


@each_kind
def test_a_store_that_is_silent_lets_requests_pass_and_is_told(door: Door, silent: str) -> None:
    told = Told()
    ask = door.open(Act(), policy(silent, Rate("all", limit=1), timeout_ms=20), listener=told, clock=Clock())
    for _ in range(3):
        answer = ask()
        assert (answer.status, answer.one("ratelimit")) == (200, None)
    assert told.kinds == ["uncounted"] * 3


@each_kind
def test_where_the_policy_says_so_requests_are_refused_instead(door: Door) -> None:
    told = Told()
    said = policy("redis://127.0.0.1:1/0", Rate("all", limit=1, paths=("/login",)), failing="closed")
    ask = door.open(Act(), said, listener=told)
    answer = ask(path="/login")
    assert (answer.status, answer.one("retry-after")) == (503, "1")
    assert ask(path="/elsewhere").status == 200, "nothing counts it"
    assert told.kinds == ["uncounted"]


def test_a_store_that_failed_is_left_alone_for_a_second(silent: str) -> None:
    clock = Clock()
    store = Store(Counting(url=silent, timeout_ms=20), clock)
    wanted: list[tuple[Metre, object]] = [(Metre(Rate("all", limit=1)), "x")]
    assert store.take(wanted) is None
    store._script = None  # whoever asked now would fail
    assert store.take(wanted) is None
    assert asyncio.run(store.take_later(wanted)) is None
    assert store.failures == 3
    clock.now += 1
    with pytest.raises(TypeError):
        store.take(wanted)


def test_the_store_is_used_again_once_it_answers(url: str) -> None:
    clock = Clock()
    store = Store(Counting(url=url, prefix="again", timeout_ms=5000), clock)
    store._failed(OSError("away"))
    wanted: list[tuple[Metre, object]] = [(Metre(Rate("all", limit=1)), "x")]
    assert store.take(wanted) is None
    clock.now += 1
    assert store.take(wanted) is not None


async def _in_two_loops_one_after_the_other(store: Store) -> None:
    assert await store.take_later([(Metre(Rate("all", limit=9)), "x")]) is not None


def test_event_loops_have_connections_of_their_own(url: str) -> None:
    store = Store(Counting(url=url, prefix="loops", timeout_ms=5000), Clock())
    for _ in range(2):
        asyncio.run(_in_two_loops_one_after_the_other(store))
    assert store.failures == 0


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(PolicyError, match=r"pip install 'vedette-guard\[redis\]'"):
        Guard(raw_asgi(Act()), Policy(counting=Counting(url="redis://127.0.0.1/0")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Counting(url="http://127.0.0.1"), "guard.counting.url = 'http://127.0.0.1': meant is an address such as redis://"),
        (Counting(timeout_ms=0), "guard.counting.timeout_ms = 0: meant is milliseconds, 1 to 5000"),
        (Counting(prefix="a b"), "guard.counting.prefix = 'a b'"),
        (Counting(failing="ajar"), "guard.counting.failing = 'ajar': meant is one of 'open', 'closed'"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_wrong_words_end_the_start(wrong: Counting, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Guard(raw_asgi(Act()), Policy(counting=wrong))
    assert said in str(caught.value)
