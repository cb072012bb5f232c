"""A replay from the click to the answer: over the real door and link, in a process of its own, from the host's own log."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.agents import DoorNet, enrolled
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.agent.config import Config
from vedette.agent.link.service import Link, Settings
from vedette.agent.replays.replays import Replays
from vedette.core.clock import ManualClock, SystemClock, monotonic, to_datetime
from vedette.intrusions import feeding
from vedette.intrusions import service as intrusions
from vedette.intrusions.service import Judges
from vedette.intrusions.types import DAY, ReplayState
from vedette.plumbing.testing import MemoryPorts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def judging(house: MemoryPorts, clock: ManualClock) -> Iterator[DoorNet]:
    feeding.FEED.__init__()  # type: ignore[misc]  # as in a process that starts
    made = DoorNet(clock, Judges(clock))
    house.bus.subscribe(("hosts",), lambda _: made.door.refresh())
    house.bus.subscribe(("intrusions",), lambda _: (feeding.FEED.refresh(clock.now()), made.door.ring())[1])
    yield made
    made.close()


def test_a_replay_is_ordered_made_and_told(judging: DoorNet, tmp_path: Path) -> None:
    enrolled(judging, tmp_path)
    at, log = SystemClock().now() - DAY, tmp_path / "auth.log"
    log.write_text("".join(f"{to_datetime(at + n).isoformat()} web1 sshd[7]: Failed password for root from 198.51.100.7 port 5{n} ssh2\n" for n in range(6)))  # fmt: skip
    config = tmp_path / "agent.toml"
    config.write_text(f'[[sources]]\npath = "{log}"\n')
    link = Link(Settings(state=tmp_path / "web1", version="1.0"), ManualClock(NOW), on_orders=lambda _: None, say=print, net=judging)  # fmt: skip
    replays = Replays(Config(file=config, state=tmp_path / "web1"), link, ManualClock(NOW), list)
    link.on_orders = lambda orders: replays.order(orders.replays)
    thread = threading.Thread(target=replays.run)
    thread.start()
    link.start()
    judging.between(lambda: intrusions.replay(SYSTEM, "web1", "ssh", 7 * DAY, NOW))
    end = monotonic() + 60
    while (
        judging.between(lambda: intrusions.replays_of("ssh")[0].state) is not ReplayState.DONE
        and monotonic() < end
    ):
        thread.join(0.05)
    replays.stop()
    link.stop()
    judging.loop.call_soon_threadsafe(judging.door.end_polls)
    thread.join(5)
    (made,) = judging.between(lambda: intrusions.replays_of("ssh"))
    assert made.report is not None
    assert [(one.address, one.rules) for one in made.report.banned] == [("198.51.100.7", ("ssh-bruteforce",))]
    assert made.report.lines == 6
