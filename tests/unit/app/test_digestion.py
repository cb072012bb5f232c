"""The pipe between the worker and the process that digests."""

import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from vedette.app import digestion
from vedette.app.digestion import Digestion, DigestionFailed
from vedette.core.clock import ManualClock
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports

NOW = 1_000.0
MESSAGE = Message(seq=7, subject="event", body=b"a body", msg_id="1", at=NOW)
Start = Callable[[Callable[[Sequence[Message], float], int]], Digestion]


@pytest.fixture
def theirs() -> MemoryPorts:
    return memory_ports(ManualClock())


@pytest.fixture
def start(theirs: MemoryPorts) -> Iterator[Start]:
    ends: list[Connection] = []
    threads: list[threading.Thread] = []

    def started(act: Callable[[Sequence[Message], float], int]) -> Digestion:
        ours, other = Pipe()
        thread = threading.Thread(target=digestion.run, args=(other, lambda: theirs, act))
        thread.start()
        ends.append(ours)
        threads.append(thread)
        return Digestion(ours)

    yield started
    for end in ends:
        end.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive(), "it ends with the worker's end of the pipe"


def test_a_batch_crosses_whole_and_its_topics_are_woken_here(start: Start, theirs: MemoryPorts) -> None:
    seen: list[tuple[Message, float]] = []

    def act(messages: Sequence[Message], now: float) -> int:
        seen.extend((message, now) for message in messages)
        theirs.bus.wake(f"issue:{len(seen)}")
        return len(messages)

    bus, woken = LocalBus(), list[str]()
    bus.listen(woken.append)
    digest = start(act)
    digest.wake_on(bus)
    assert digest([MESSAGE], NOW) == 1
    assert digest([MESSAGE], NOW + 1) == 1
    assert seen == [(MESSAGE, NOW), (MESSAGE, NOW + 1)]
    assert woken == ["issue:1", "issue:2"], "each batch wakes its own topics, once"


def test_a_batch_that_fails_over_there_fails_here_and_the_next_one_does_not(start: Start) -> None:
    outcomes = iter([0, 1])
    digest = start(lambda messages, now: 1 // next(outcomes))
    with pytest.raises(DigestionFailed, match="ZeroDivisionError"):
        digest([MESSAGE], NOW)
    assert digest([MESSAGE], NOW) == 1


@pytest.mark.django_db
def test_digestion_goes_on_here_when_its_process_is_gone() -> None:
    install(memory_ports(ManualClock()))
    ours, other = Pipe()
    digest = Digestion(ours)
    other.close()
    with pytest.raises(DigestionFailed, match="goes on in the worker"):
        digest([MESSAGE], NOW)
    assert digest([MESSAGE], NOW) == 0, "a body that names no project is left out, by the room itself"
