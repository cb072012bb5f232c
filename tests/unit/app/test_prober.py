"""The worker's end of checking: what changes of monitors reaches those who check, whatever happens meanwhile."""

from collections.abc import Mapping

import pytest

from vedette.app.prober import TOPIC, Prober
from vedette.core.errors import Unavailable
from vedette.instruments.probe.types import Request
from vedette.monitors.rounds.types import Errand, Orders
from vedette.plumbing.testing import MemoryPorts, memory_ports

SHOP = Orders(put=(Errand(1, 86_400.0, Request(url="tcp://127.0.0.1:1"), "tcp"),))
NONE: Mapping[int, float] = {}


class Monitors:
    """What is asked for what changed: an answer or a failure each time; a change may come while it answers."""

    def __init__(self, ports: MemoryPorts, *answers: Mapping[int, float] | Unavailable) -> None:
        self.ports, self.answers, self.asked = ports, list(answers), 0
        self.changing: Prober | None = None

    def __call__(self, known: Mapping[int, float]) -> tuple[Orders, Mapping[int, float]]:
        self.asked += 1
        self.ports.bus.wake(TOPIC)  # so that no step waits for more
        if self.changing is not None:
            self.changing.refresh()
        answer = self.answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return (SHOP if answer and not known else Orders()), answer


@pytest.fixture
def ports() -> MemoryPorts:
    return memory_ports()


def test_what_could_not_be_read_is_read_again_by_itself(ports: MemoryPorts) -> None:
    told = Monitors(ports, Unavailable("The database is locked."), NONE)
    prober = Prober(ports, ask=told)
    with pytest.raises(Unavailable):
        prober.step()
    prober.step()
    assert told.asked == 2, "nobody said again that something changed"


def test_a_monitor_that_comes_as_the_last_one_goes_is_checked(ports: MemoryPorts) -> None:
    told = Monitors(ports, {1: 1.0}, NONE, {1: 2.0})
    prober = Prober(ports, ask=told)
    try:
        prober.step()
        assert prober.checked == 1
        told.changing = prober
        prober.refresh()
        prober.step()
        told.changing = None
        assert prober.checked == 0
        prober.step()
        assert (prober.checked, told.asked) == (1, 3)
    finally:
        prober.stop()
