import asyncio
import threading

from vedette.core.clock import monotonic
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.bus.stream import Listener


def test_a_wake_before_the_wait_is_not_lost() -> None:
    bus = LocalBus()
    seen = bus.seen("a")
    bus.wake("a")
    assert bus.wait("a", seen, 20) > seen


def test_a_wait_ends_by_itself() -> None:
    bus = LocalBus()
    seen = bus.seen("a")
    bus.wake("b")
    assert bus.wait("a", seen, 0.01) == seen


def test_a_wake_reaches_every_waiter_of_its_topic() -> None:
    bus = LocalBus()
    seen = bus.seen("a")
    got: list[int] = []
    waiters = [threading.Thread(target=lambda: got.append(bus.wait("a", seen, 20))) for _ in range(3)]
    for waiter in waiters:
        waiter.start()
    begun = monotonic()
    bus.wake("a")
    for waiter in waiters:
        waiter.join(10)
    assert len(got) == 3
    assert all(counter > seen for counter in got)
    assert monotonic() - begun < 5
    assert not bus._sleepers


def test_forgotten_topics_wake_once_too_often_and_never_too_little() -> None:
    bus = LocalBus()
    bus.wake("old")
    seen = bus.seen("old")
    for n in range(5000):
        bus.wake(f"issue:{n}")
    assert len(bus._counters) <= 4096
    assert bus.seen("old") >= seen
    seen = bus.seen("old")
    bus.wake("old")
    assert bus.wait("old", seen, 0) > seen


def test_subscribers_hear_their_topics_until_they_end() -> None:
    bus = LocalBus()
    heard: list[str] = []
    end = bus.subscribe(["a", "b", "a"], heard.append)
    for topic in ("a", "c", "b"):
        bus.wake(topic)
    end()
    end()
    bus.wake("a")
    assert heard == ["a", "b"]
    assert not bus._callbacks


def test_a_listener_gathers_wakes_of_other_threads() -> None:
    async def scene() -> list[frozenset[str]]:
        bus = LocalBus()
        with Listener(bus, ["a", "b"]) as listener:
            nothing = await listener.changed(0.01)
            await asyncio.to_thread(lambda: [bus.wake(topic) for topic in ("a", "b", "a", "c")])
            first = await listener.changed(20)
            waiting = asyncio.create_task(listener.changed(20))
            await asyncio.sleep(0)
            await asyncio.to_thread(bus.wake, "b")
            second = await waiting
        bus.wake("a")
        return [nothing, first, second]

    nothing, first, second = asyncio.run(scene())
    assert (nothing, first, second) == (frozenset(), {"a", "b"}, {"b"})


def test_a_wake_after_the_loop_is_gone_does_no_harm() -> None:
    bus = LocalBus()

    async def scene() -> Listener:
        return Listener(bus, ["a"])

    listener = asyncio.run(scene())
    bus.wake("a")
    listener.__exit__()
